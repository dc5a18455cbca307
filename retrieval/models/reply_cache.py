"""A cache of a model's replies, kept so that the same request is not paid for twice.

A request contains the passages themselves, so a change of the archive, the conversation or a
prompt makes another request. A cached reply is checked against its sources again.

Of a request only its digest is kept. But a reply may quote what somebody asked, and nobody knows
whose it is: where a person is to be forgotten, all replies are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from retrieval.databases.database import Schema
from retrieval.databases.tables import Tables
from retrieval.errors import ArchiveUnreadable

_FILE = """CREATE TABLE replies (
    request TEXT PRIMARY KEY,
    reply TEXT NOT NULL,
    used REAL NOT NULL  -- seconds since 1970
) WITHOUT ROWID"""
_SERVER = """CREATE TABLE replies (
    request TEXT COLLATE "C" PRIMARY KEY,
    reply TEXT NOT NULL,
    used DOUBLE PRECISION NOT NULL
)"""
FILE = "replies.db"
REPLIES = Schema("newsdesk_replies", ((_FILE,),), ((_SERVER,),), unnumbered=1)

_LONGEST = 20_000
"""Code points of a reply; a longer one is not kept, so that the cache stays small."""


class ReplyCache:
    """Keeps the `capacity` replies used most recently, and none that was not used for `days`.

    If its tables, those of `REPLIES`, cannot be read or written, questions are answered without.
    """

    def __init__(
        self,
        tables: Tables,
        capacity: int = 1000,
        days: int = 90,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tables = tables
        self._capacity = capacity
        self._seconds = days * 86_400
        self._clock = clock

    def get(self, request: str) -> str | None:
        """Return the reply to a request, given by its digest."""
        with suppress(ArchiveUnreadable), self._tables.reading() as database:
            if database:
                sql = "UPDATE replies SET used = ? WHERE request = ? RETURNING reply"
                reply: str | None = database.one(sql, self._clock(), request)
                return reply
        return None

    def put(self, request: str, reply: str) -> None:
        """Store a reply, and delete those that were used longest ago."""
        if len(reply) > _LONGEST:
            return
        with suppress(ArchiveUnreadable), self._tables.writing() as database:
            database.write(
                "INSERT INTO replies VALUES (?, ?, ?) ON CONFLICT (request) "
                "DO UPDATE SET reply = excluded.reply, used = excluded.used",
                request,
                reply,
                self._clock(),
            )
            database.write(
                "DELETE FROM replies WHERE request NOT IN "
                "(SELECT request FROM replies ORDER BY used DESC LIMIT ?)",
                self._capacity,
            )

    def prune(self) -> None:
        """Delete the replies that have not been used for too long."""
        with suppress(ArchiveUnreadable), self._tables.reading() as database:
            if database:
                database.write("DELETE FROM replies WHERE used < ?", self._clock() - self._seconds)

    def clear(self) -> None:
        """Delete all replies, from the disk too.

        Raises:
            ArchiveUnreadable: they cannot be deleted.
        """
        self._tables.clear("replies")
