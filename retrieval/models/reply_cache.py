"""A cache of a model's replies on disk, so that the same request is not paid for twice.

A request contains the passages themselves, so a change of the archive, the conversation or a
prompt makes another request. A cached reply is checked against its sources again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    request TEXT PRIMARY KEY,
    reply TEXT NOT NULL,
    used INTEGER NOT NULL
) WITHOUT ROWID;
"""
_LOCK_SECONDS = 2


class ReplyCache:
    """Keeps the `capacity` replies used most recently.

    If its file cannot be read or written, questions are answered without it.
    """

    def __init__(self, path: Path, capacity: int = 1000) -> None:
        self._path = path
        self._capacity = capacity

    def get(self, request: str) -> str | None:
        """Return the reply to a request, given by its digest."""
        with suppress(sqlite3.Error, OSError):
            if self._path.exists():
                with self._open() as connection:
                    row = connection.execute(
                        "UPDATE replies SET used = (SELECT max(used) FROM replies) + 1 "
                        "WHERE request = ? RETURNING reply",
                        (request,),
                    ).fetchone()
                    return str(row[0]) if row else None
        return None

    def put(self, request: str, reply: str) -> None:
        """Store a reply, and delete those that were used longest ago."""
        with suppress(sqlite3.Error, OSError), self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO replies "
                "SELECT ?, ?, coalesce(max(used), 0) + 1 FROM replies",
                (request, reply),
            )
            connection.execute(
                "DELETE FROM replies WHERE request NOT IN "
                "(SELECT request FROM replies ORDER BY used DESC LIMIT ?)",
                (self._capacity,),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS)) as connection:
            connection.execute(_SCHEMA)
            with connection:
                yield connection
