"""Stores the 👍 and 👎 that answers were given on the page, with the question and the answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from retrieval.databases.database import Database, Schema
from retrieval.databases.tables import Tables

FILE = "feedback.db"

_FILE = """CREATE TABLE ratings (
    answer TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    content TEXT NOT NULL
) WITHOUT ROWID"""
_SERVER = """CREATE TABLE ratings (
    answer TEXT COLLATE "C" PRIMARY KEY,
    at TEXT COLLATE "C" NOT NULL,
    verdict TEXT NOT NULL,
    content TEXT NOT NULL
)"""
RATINGS = Schema("newsdesk_ratings", ((_FILE,),), ((_SERVER,),), unnumbered=1)


class Ratings:
    """Reads and writes the verdicts; the last one on an answer counts.

    Those older than `days` are deleted whenever the tables, those of `RATINGS`, are used.

    Raises:
        ArchiveUnreadable: from every method, when the tables cannot be used.
    """

    def __init__(self, tables: Tables, days: int) -> None:
        self._tables = tables
        self._days = days

    def rate(self, answer: str, verdict: str, content: dict[str, Any]) -> None:
        """Store the verdict on an answer, "up" or "down", or take it back with ""."""
        with self._tables.writing() as database:
            self._prune(database)
            database.write("DELETE FROM ratings WHERE answer = ?", answer)
            if verdict:
                database.write(
                    "INSERT INTO ratings VALUES (?, ?, ?, ?)",
                    answer,
                    _time(datetime.now(UTC)),
                    verdict,
                    json.dumps(content),
                )

    def every(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return when, which verdict and the answer's JSON object of each, oldest first."""
        with self._tables.reading() as database:
            if database is None:
                return []
            self._prune(database)
            rows = database.rows("SELECT at, verdict, content FROM ratings ORDER BY at")
        return [(at, verdict, json.loads(content)) for at, verdict, content in rows]

    def _prune(self, database: Database) -> None:
        old = datetime.now(UTC) - timedelta(days=self._days)
        database.write("DELETE FROM ratings WHERE at < ?", _time(old))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
