"""Limits how much the holder of a token may ask: in a minute, and in a day."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta

from aiolimiter import AsyncLimiter

from retrieval.databases.database import Schema
from retrieval.databases.tables import Tables
from retrieval.errors import NewsdeskError

FILE = "api.db"

_TABLE = "CREATE TABLE asked (day TEXT, name TEXT, count INTEGER, PRIMARY KEY (day, name))"
_SERVER = """CREATE TABLE asked (
    day TEXT COLLATE "C",
    name TEXT COLLATE "C",
    count BIGINT,
    PRIMARY KEY (day, name)
)"""
ASKED = Schema("newsdesk_asked", ((_TABLE,),), ((_SERVER,),), unnumbered=1)

_MINUTE = 60.0
_COUNT = (
    "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (day, name) "
    "DO UPDATE SET count = asked.count + 1 WHERE asked.count < ?"
)


class TooMuchAsked(NewsdeskError):
    """A token has had its questions for now; `seconds` says when there are more."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = math.ceil(seconds)


class Allowance:
    """Counts questions by token. For one event loop.

    Args:
        tables: those of `ASKED`, with the counts of the day.
        per_minute: the most questions in a minute.
        daily: the most in a day (UTC); 0 is without limit.
    """

    def __init__(self, tables: Tables, per_minute: int, daily: int) -> None:
        self._tables = tables
        self._per_minute = per_minute
        self._daily = daily
        self._rates: dict[str, AsyncLimiter] = {}

    async def take(self, name: str) -> None:
        """Count a question.

        Raises:
            TooMuchAsked: there is none left.
            ArchiveUnreadable: the count of the day cannot be written.
        """
        rate = self._rates.setdefault(name, AsyncLimiter(self._per_minute, _MINUTE))
        if not rate.has_capacity():
            raise TooMuchAsked(
                f"This token may send {self._per_minute} questions a minute: wait a moment.",
                _MINUTE / self._per_minute,
            )
        if self._daily and not await asyncio.to_thread(self._count, name):
            raise TooMuchAsked(
                f"This token may send {self._daily} questions a day, and has: there are more from "
                "00:00 UTC on.",
                until_midnight(),
            )
        await rate.acquire()

    def _count(self, name: str) -> bool:
        day = datetime.now(UTC).date().isoformat()
        with self._tables.writing() as database:
            database.write("DELETE FROM asked WHERE day < ?", day)
            return database.write(_COUNT, day, name, self._daily) > 0


def until_midnight() -> float:
    """Return the seconds until the day ends in UTC."""
    now = datetime.now(UTC)
    return (datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1) - now).seconds
