"""Stores the 👍 and 👎 that answers were given on the page, with the question and the answer."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from retrieval.errors import ArchiveUnreadable

FILE = "feedback.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ratings (
    answer TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    content TEXT NOT NULL
) WITHOUT ROWID;
"""
_LOCK_SECONDS = 10


class Ratings:
    """Reads and writes the verdicts; the last one on an answer counts.

    Those older than `days` are deleted whenever the file is opened, and overwritten.

    Raises:
        ArchiveUnreadable: from every method, when the file cannot be used.
    """

    def __init__(self, home: Path, days: int) -> None:
        self._path = home / FILE
        self._days = days

    def rate(self, answer: str, verdict: str, content: dict[str, Any]) -> None:
        """Store the verdict on an answer, "up" or "down", or take it back with ""."""
        with self._open() as connection:
            connection.execute("DELETE FROM ratings WHERE answer = ?", (answer,))
            if verdict:
                connection.execute(
                    "INSERT INTO ratings VALUES (?, ?, ?, ?)",
                    (answer, _time(datetime.now(UTC)), verdict, json.dumps(content)),
                )

    def every(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return when, which verdict and the answer's JSON object of each, oldest first."""
        if not self._path.exists():
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT at, verdict, content FROM ratings ORDER BY at")
            return [(at, verdict, json.loads(content)) for at, verdict, content in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            # Only the owner may read what people asked.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute(_SCHEMA)
                with connection:
                    old = datetime.now(UTC) - timedelta(days=self._days)
                    connection.execute("DELETE FROM ratings WHERE at < ?", (_time(old),))
                    yield connection
        except (OSError, sqlite3.Error) as error:
            raise ArchiveUnreadable(
                f"{self._path} cannot be used ({error}): make room, change its permissions, or "
                "move it away; a new one is made."
            ) from error


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
