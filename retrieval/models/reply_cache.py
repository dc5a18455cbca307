"""A cache of a model's replies on disk, so that the same request is not paid for twice.

A request contains the passages themselves, so a change of the archive, the conversation or a
prompt makes another request. A cached reply is checked against its sources again.

Of a request only its digest is kept. But a reply may quote what somebody asked, and nobody knows
whose it is: where a person is to be forgotten, all replies are.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from retrieval.errors import ArchiveUnreadable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    request TEXT PRIMARY KEY,
    reply TEXT NOT NULL,
    used REAL NOT NULL  -- seconds since 1970
) WITHOUT ROWID;
"""
_LOCK_SECONDS = 2
_LONGEST = 20_000
"""Code points of a reply; a longer one is not kept, so that the file stays small."""


class ReplyCache:
    """Keeps the `capacity` replies used most recently, and none that was not used for `days`.

    If its file cannot be read or written, questions are answered without it.
    """

    def __init__(
        self,
        path: Path,
        capacity: int = 1000,
        days: int = 90,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._capacity = capacity
        self._seconds = days * 86_400
        self._clock = clock

    def get(self, request: str) -> str | None:
        """Return the reply to a request, given by its digest."""
        with suppress(sqlite3.Error, OSError):
            if self._path.exists():
                with self._open() as connection:
                    row = connection.execute(
                        "UPDATE replies SET used = ? WHERE request = ? RETURNING reply",
                        (self._clock(), request),
                    ).fetchone()
                    return str(row[0]) if row else None
        return None

    def put(self, request: str, reply: str) -> None:
        """Store a reply, and delete those that were used longest ago."""
        if len(reply) > _LONGEST:
            return
        with suppress(sqlite3.Error, OSError), self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?)", (request, reply, self._clock())
            )
            connection.execute(
                "DELETE FROM replies WHERE request NOT IN "
                "(SELECT request FROM replies ORDER BY used DESC LIMIT ?)",
                (self._capacity,),
            )

    def prune(self) -> None:
        """Delete the replies that have not been used for too long."""
        with suppress(sqlite3.Error, OSError):
            if self._path.exists():
                with self._open() as connection:
                    old = self._clock() - self._seconds
                    connection.execute("DELETE FROM replies WHERE used < ?", (old,))

    def clear(self) -> None:
        """Delete all replies, from the disk too.

        Raises:
            ArchiveUnreadable: their file cannot be deleted.
        """
        try:
            for suffix in ("", "-journal"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveUnreadable(
                f"{self._path} cannot be deleted ({error.strerror}): change the permissions of its "
                "folder."
            ) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(_SCHEMA)
            with connection:
                yield connection
