"""Stores articles with their passages and vectors, in steps that may be cut short at any point.

1. The catalog records the ids of the new vectors as strays (vectors without a passage).
2. The vectors are written to Chroma.
3. One transaction of the catalog stores the articles, their passages and what they are copies
   of, so that their vectors are no strays any more, and records the vectors of the passages that
   they replace as strays.
4. The strays are deleted from Chroma, but for those of others that write now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking, Count, chunk
from retrieval.archive.copies import Copies, Placement
from retrieval.archive.passages import Passage, titled
from retrieval.archive.sorting import Changes
from retrieval.archive.turns import Turns
from retrieval.archive.unsaid import unsaid
from retrieval.archive.vectors import VectorStore
from retrieval.errors import VectorsUnavailable
from retrieval.text.tokens import count_tokens

INDEX_FACT = "index"
"""Name of the catalog's fact that says which index its passages are in."""

_LOG_FACT = "vector log"
"""Name of the catalog's fact that counts vectors written or deleted since the last compaction."""

_LONGEST_LOG = 3000
"""Vectors in Chroma's log before compaction: each process reads it, about a second for 5,000."""

AT_ONCE = 500
"""Passages that are embedded before their vectors are written."""

_STORES_FACT = "stores"
"""Name of the fact that counts the transactions that stored articles."""

_VECTORS = "vectors"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be stored with some changes, as of the stores until then.

    `moved` are stored articles that get other passages, `made` the passages of each article, and
    `new` those that have no vector.
    """

    placement: Placement
    moved: Sequence[Article]
    made: Mapping[str, list[Passage]]
    new: Sequence[tuple[Article, Passage]]
    stores: str | None


class PassageEncoder(Protocol):
    """The methods of an encoder that indexing uses."""

    @property
    def name(self) -> str:
        """Return the encoder's name, which becomes part of the index's."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed some texts and return one vector for each."""
        ...


class Storer:
    """Stores articles with their passages and vectors.

    Args:
        catalog: the source of truth.
        vectors: the collection that the passages' vectors are put into.
        encoder: embeds the passages.
        count_pieces: counts the embedded encoder's word pieces: passages are cut so that it and
            the reader see all of them, even if another encoder embeds them.
        chunking: how articles are cut into passages.
    """

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        encoder: PassageEncoder,
        count_pieces: Count,
        chunking: Chunking,
    ) -> None:
        self.catalog = catalog
        self.vectors = vectors
        self._encoder = encoder
        self._count_pieces = count_pieces
        self._chunking = chunking
        self.turns = Turns(catalog)
        self.copies = Copies(catalog)

    def is_stale(self) -> bool:
        """Return whether the index was built with other settings than the present ones."""
        stored = self.catalog.facts.get(INDEX_FACT)
        return stored is not None and stored != self.vectors.collection

    def store(self, changes: Changes, stored: Sequence[str] = ()) -> None:
        """Store and remove articles, and place those `stored` already, in one transaction.

        Where others stored something since the copies were looked for, they are looked for again
        in that transaction, which excludes others. While a passage has no vector then, its vector
        is written first, outside of it, and all begins anew.
        """
        if not any((changes.fresh, changes.gone, changes.again, stored)):
            return
        embedded: set[str] = set()
        while True:
            plan = self._plan(changes, stored)
            self.embed([pair for pair in plan.new if pair[1].id not in embedded])
            embedded |= {passage.id for _, passage in plan.new}
            with self.catalog.transaction():
                if self.catalog.facts.get(_STORES_FACT) != plan.stores:
                    plan = self._plan(changes, stored)
                if embedded.issuperset(passage.id for _, passage in plan.new):
                    self._write(changes, plan)
                    self.turns.claims.check()
                    break
        self.sweep()
        self.compact()

    def _plan(self, changes: Changes, stored: Sequence[str]) -> Plan:
        """Find the copies of what is to be stored or placed, and make the passages.

        While the index is stale no passages are made: the rebuild to come makes all.
        """
        stores = self.catalog.facts.get(_STORES_FACT)
        there = [*self.catalog.articles(stored).values()]
        placement = self.copies.place([*changes.fresh, *there], changes.gone)
        moved = () if self.is_stale() else placement.moved(there)
        old = {*self.catalog.passage_ids_of(article.id for article in moved)}
        pairs = [
            (article, passages)
            for article in (*changes.fresh, *moved)
            for passages in [unsaid(article, self._chunk(article), placement.earlier[article.id])]
        ]
        made = {article.id: passages for article, passages in pairs}
        new = [(a, p) for a, passages in pairs for p in passages if p.id not in old]
        return Plan(placement, moved, made, new, stores)

    def _write(self, changes: Changes, plan: Plan) -> None:
        for order in changes.withdrawn:
            self.catalog.withdraw(order)
        for article in changes.fresh:
            self.catalog.addresses.leave(article)
        self.catalog.addresses.move(changes.heirs)
        for gone in changes.gone:
            self.retire(self.catalog.remove_article(gone))
        for article in changes.fresh:
            self.retire(self.catalog.replace_article(article, plan.made[article.id]))
            self.forget(plan.made[article.id])
        for article in plan.moved:
            self.retire(self.catalog.replace_passages(article, plan.made[article.id]))
            self.forget(plan.made[article.id])
        for article, holder in changes.again:
            self.catalog.addresses.add(article, holder)
        self.copies.write(plan.placement)
        self.catalog.facts.set(_STORES_FACT, str(int(plan.stores or 0) + 1))
        if changes.fresh:
            self.catalog.facts.set(INDEX_FACT, self.vectors.collection)

    def retire(self, passage_ids: Iterable[str], index: str = "") -> None:
        """Record the vectors of passages that were removed as strays."""
        writer = self.turns.claims.name
        self.catalog.strays.add(index or self.stored_in(), passage_ids, writer=writer)

    def wanted(self, article: Article) -> list[Passage]:
        """Return the passages of a stored article that it is to have."""
        return unsaid(article, self._chunk(article), self.copies.earlier(article))

    def sweep(self) -> None:
        """Delete vectors that a killed process, an update or a removal left without a passage.

        Does nothing while the index is stale: the rebuild to come reuses the vectors that an
        interrupted one left. While the server of the vectors is away, they wait for the next run.
        """
        if self.is_stale() or not self.catalog.strays.writers():
            return
        with suppress(VectorsUnavailable), self.turns.beside():
            self._sweep()

    def _sweep(self) -> None:
        claims = self.turns.claims
        ended = claims.gone(self.catalog.strays.writers()) | {claims.name}
        with claims.alone(_VECTORS):
            for collection, passage_ids in self.catalog.strays.by_collection(ended).items():
                if collection == self.vectors.collection:
                    kept = self.catalog.passages(passage_ids, held=True)
                    self.vectors.remove(i for i in passage_ids if i not in kept)
                else:
                    self.vectors.drop_others()
                with self.catalog.transaction():
                    self.catalog.strays.forget(collection, passage_ids, ended)
                    self._log(len(passage_ids))

    def stored_in(self) -> str:
        """Return the name of the index that the catalog's passages belong to."""
        return self.catalog.facts.get(INDEX_FACT) or self.vectors.collection

    def _log(self, vectors: int) -> None:
        logged = int(self.catalog.facts.get(_LOG_FACT) or 0)
        self.catalog.facts.set(_LOG_FACT, str(logged + vectors))

    def compact(self) -> None:
        """Compact the vectors if their log is long."""
        if int(self.catalog.facts.get(_LOG_FACT) or 0) > _LONGEST_LOG:
            self.vectors.compact()
            with self.catalog.transaction():
                self.catalog.facts.set(_LOG_FACT, "0")

    def _chunk(self, article: Article) -> list[Passage]:
        return chunk(article, self._chunking, count_tokens, self._count_pieces)

    def embed(self, pairs: Sequence[tuple[Article, Passage]]) -> None:
        """Embed passages and write their vectors, after recording them as strays."""
        for part in batched(pairs, AT_ONCE):
            ids = [passage.id for _, passage in part]
            claims = self.turns.claims
            with self.catalog.transaction():
                self.catalog.strays.add(self.vectors.collection, ids, writer=claims.name)
                self._log(len(ids))
            texts = [titled(article.title, passage.text) for article, passage in part]
            vectors = _as_array(self._encoder.embed_documents(texts))
            with claims.beside(_VECTORS):  # while nobody deletes strays
                self.vectors.put(ids, vectors)

    def forget(self, passages: Iterable[Passage]) -> None:
        """Record that the vectors of passages are no strays: they are stored now."""
        ids = [passage.id for passage in passages]
        self.catalog.strays.forget(self.vectors.collection, ids, {"", self.turns.claims.name})


def _as_array(vectors: Sequence[Sequence[float]]) -> npt.NDArray[np.float32]:
    return np.asarray(vectors, dtype=np.float32)
