"""What is followed, and what is still to be done for each article that it named.

Times are in seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from corpus.entries import Entry, entry_of


@dataclass(frozen=True, slots=True)
class Followed:
    """An address that is followed.

    `last` is when it was last fetched, `new` how many articles came since; `failures` count
    those in a row, and `error` says why the last one was.
    """

    address: str
    kind: str
    title: str = ""
    etag: str = ""
    modified: str = ""
    last: float | None = None
    due: float = 0.0
    failures: int = 0
    error: str = ""
    new: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """An article that a followed address named, and what came of it.

    `uri` is that of the stored article, of which `excerpt` tells whether only the entry's own text
    could be had. `misses` count in how many checks in a row there was nothing at the address, the
    first at `missed`; `gone` is since when it is taken for removed.
    """

    key: str
    followed: str
    host: str
    entry: Entry
    digest: str
    uri: str = ""
    excerpt: bool = False
    etag: str = ""
    modified: str = ""
    found: float = 0.0
    due: float | None = None
    failures: int = 0
    error: str = ""
    misses: int = 0
    missed: float | None = None
    gone: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the articles that a followed address named: how many were read, and how.

    `waiting` are those that are still to be fetched, `failed` those that gave nothing so far.
    """

    named: int = 0
    read: int = 0
    excerpts: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Miss:
    """An article whose page could not be had, and why.

    `excerpt` tells whether it is stored as the feed has it.
    """

    address: str
    title: str
    reason: str
    excerpt: bool


def named_of(row: Sequence[Any]) -> Named:
    """Return an article from its row in the catalog, whose columns are in the fields' order."""
    values = dict(zip(Named.__slots__, row, strict=True))
    values |= {"entry": entry_of(values["entry"]), "excerpt": bool(values["excerpt"])}
    return Named(**values)


def host_key(address: str) -> str:
    """Return what tells the host of an address from others: one is asked one thing at a time."""
    return urlsplit(address).netloc.lower()
