"""What the code asks of a database. The SQL is written once, in what both engines understand.

Marks for values are `?`, and a literal has no question mark. What is there already is passed over
or replaced by `ON CONFLICT … DO NOTHING` or `DO UPDATE`, the number of a new row comes back by
`RETURNING`, and a flag is compared (`excerpt <> 0`): PostgreSQL takes no number for a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from retrieval.databases.claims import Claims
from retrieval.errors import ArchiveUnreadable

MOST_VARIABLES = 900
"""The most values of one statement: below the 999 of an SQLite before 3.32."""

Steps = tuple[tuple[str, ...], ...]
"""The statements that make each version of a schema from the one before."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one store: their name as a whole, and how each engine makes them.

    The name is that of the schema in PostgreSQL. The versions of the engines count by themselves.
    `unnumbered` is the version of an SQLite file that has tables, but does not say which version
    they are of: the first files of some stores.
    """

    name: str
    sqlite: Steps
    postgres: Steps
    unnumbered: int = 0


class NoTables(ArchiveUnreadable):
    """What is only read holds no tables of the store."""


def outdated(name: str, version: int) -> ArchiveUnreadable:
    """Return what is wrong with tables of another version than today's, that are only read."""
    if not version:
        return NoTables(f"{name} holds no archive.")
    return ArchiveUnreadable(
        f"{name} was written by an older Newsdesk: bring it up to date with `newsdesk status`, "
        "`usage`, `log` and `feedback`, which open what there is."
    )


class Database(Protocol):
    """The open tables of one store. Several threads may share it.

    Raises:
        ArchiveUnreadable: from any method, when the tables cannot be read or written.
    """

    @property
    def engine(self) -> Literal["sqlite", "postgres"]:
        """Return which engine it is."""
        ...

    @property
    def name(self) -> str:
        """Return what people call it: a file's path, or a server's address without secrets."""
        ...

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement and return all its rows."""
        ...

    def one(self, sql: str, *values: object) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        ...

    def write(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        ...

    def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all that is written inside the `with` block together, or nothing if it raises.

        One transaction of a store is open at a time, in all processes. One inside another of the
        same thread is part of it.
        """
        ...

    def claims(self) -> Claims:
        """Open claims, by which several processes that write keep out of each other's way."""
        ...

    def version(self) -> int:
        """Return a number that changes when another process commits."""
        ...

    def check(self) -> str | None:
        """Look for damage. Return the first problem, or None."""
        ...

    def close(self) -> None:
        """Close it; it cannot be used afterwards."""
        ...
