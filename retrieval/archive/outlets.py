"""Lists the outlets of an archive, and those that a filter's sources stand for."""

from __future__ import annotations

import time

from retrieval.archive.filters import Filters, named_by
from retrieval.archive.fulltext import HELD
from retrieval.databases.database import Database

_EACH_SOURCE = (
    "WITH RECURSIVE each (name) AS (SELECT min(source) FROM {0} WHERE source > '' UNION ALL "
    "SELECT (SELECT min(source) FROM {0} WHERE source > each.name) FROM each "
    "WHERE name IS NOT NULL)"
)
"""The names of outlets: the index is looked into once for each, however many articles it has."""


class Outlets:
    """The outlets of an archive's articles, and of the other places of their texts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[str]:
        """Return the names of all with an article that is under no embargo, in order."""
        rows = self._database.rows(
            f"{_EACH_SOURCE.format('articles')} SELECT name FROM each "
            "WHERE EXISTS (SELECT 1 FROM articles a WHERE a.source = each.name "
            f"AND a.id NOT IN {HELD})",
            time.time(),
        )
        rows += self._database.rows(
            f"{_EACH_SOURCE.format('addresses')} SELECT name FROM each WHERE name IS NOT NULL"
        )
        return sorted({row[0] for row in rows})

    def of(self, only: Filters) -> list[str]:
        """Return the names, in full, that the sources stand for."""
        known = self.names() if only.sources else []
        named = (name for source in only.sources for name in named_by(source, known))
        return list(dict.fromkeys(named))
