"""Keeps several processes that write to one archive out of each other's way.

Each claims what it is about to store: the article, its text, the text that is stored of it, and
its addresses. Whoever wants one of them too does something else meanwhile, or waits. So what was
read of them stays as it is until the claims are given up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from corpus.article import Article, Item, Rejection
from retrieval.archive.catalog import Catalog
from retrieval.archive.places import places_of
from retrieval.archive.texts import text_digest
from retrieval.databases.claims import Claims
from retrieval.errors import ArchiveUnreachable

_INDEX = "index"
_PAUSES = (0.5, 2.0, 5.0, 10.0)
"""Seconds before each new try of what failed as the database was away."""

I = TypeVar("I", bound=Item)  # noqa: E741
T = TypeVar("T")


class Turns:
    """What one writer has claimed of an archive, from the beginning of its work to the end."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._claims: Claims | None = None
        self._index = ExitStack()

    @property
    def claims(self) -> Claims:
        """The claims of the work that goes on."""
        assert self._claims is not None, "only inside of `beside` or `alone`"
        return self._claims

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Work beside others, while nobody replaces the index. Inside other work it is part."""
        if self._claims is not None:
            yield
            return
        self._begin()
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else writes to the archive, and let nobody begin meanwhile."""
        with self.beside():
            self._index.close()
            with self.claims.alone(_INDEX):
                yield
            self._index.enter_context(self.claims.beside(_INDEX))

    def _begin(self) -> None:
        self._claims = self._catalog.database.claims()
        self._index.enter_context(self._claims.beside(_INDEX))

    def _end(self) -> None:
        """Give up everything: all ends with the connection."""
        self._index.pop_all()
        if self._claims is not None:
            self._claims.close()
        self._claims = None

    @contextmanager
    def at(self, items: Sequence[I], *, wait: bool) -> Iterator[list[I]]:
        """Claim items, and give those that nobody else has claimed; with `wait`, all in the end."""
        ids = [item.id for item in items if not isinstance(item, Rejection)]
        taken: set[str] = set()
        ours: list[I] = []
        try:
            while True:
                keys = {key for item in items for key in _keys(item)} | self._stored(ids)
                if wait:
                    self.claims.wait(keys)
                    taken = keys
                else:
                    taken = self.claims.take(keys)
                stored = self._catalog.digests_of(ids)
                ours = [item for item in items if taken.issuperset(_keys(item, stored))]
                if len(ours) == len(items) or not wait:
                    break
                self.claims.release(taken)
            yield ours
        finally:
            self.claims.release(taken)

    def lasting(self, work: Callable[[], T]) -> T:
        """Return what some work returns; it is done again where the database was lost meanwhile."""
        for pause in _PAUSES:
            try:
                if self._claims is None:
                    self._begin()
                return work()
            except ArchiveUnreachable:
                self._end()
                time.sleep(pause)
        self._begin()
        return work()

    def _stored(self, ids: Sequence[str]) -> set[str]:
        return {_text(digest) for digest in self._catalog.digests_of(ids).values()}


def _keys(item: Item, stored: dict[str, str] | None = None) -> set[str]:
    """Return what is claimed for an item, with the text that is stored of it."""
    if isinstance(item, Rejection):
        return set()
    keys = {f"article {item.id}"}
    if isinstance(item, Article):
        keys |= {_text(text_digest(item.body)), *(f"place {key}" for key in places_of(item))}
    if stored and item.id in stored:
        keys.add(_text(stored[item.id]))
    return keys


def _text(digest: str) -> str:
    return f"text {digest}"
