"""Looks up the rows of many values, in as many queries as a database takes them in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from retrieval.archive.batches import batched
from retrieval.databases.database import MOST_VARIABLES, Database


def look_up(
    database: Database, sql: str, values: Iterable[object], *more: object
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query for some values, each once: those of its first `IN (?)`.

    `more` are the values of the marks behind that.
    """
    for some in batched(dict.fromkeys(values), MOST_VARIABLES):
        marks = ",".join("?" * len(some))
        yield from database.rows(sql.replace("IN (?)", f"IN ({marks})", 1), *some, *more)
