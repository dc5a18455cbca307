"""Limits how much the holder of a token may ask: in a minute, and in a day."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiolimiter import AsyncLimiter

from retrieval.errors import ArchiveUnreadable, NewsdeskError

_MINUTE = 60.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS asked (day TEXT, name TEXT, count INTEGER, PRIMARY KEY (day, name))"
)
_COUNT = (
    "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1 WHERE count < ?"
)


class TooMuchAsked(NewsdeskError):
    """A token has had its questions for now; `seconds` says when there are more."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = math.ceil(seconds)


class Allowance:
    """Counts questions by token. For one event loop.

    Args:
        file: the SQLite file with the counts of the day, made when the first is written.
        per_minute: the most questions in a minute.
        daily: the most in a day (UTC); 0 is without limit.
    """

    def __init__(self, file: Path, per_minute: int, daily: int) -> None:
        self._file = file
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
        try:
            with closing(sqlite3.connect(self._file, timeout=10)) as file, file:
                file.execute(_TABLE)
                file.execute("DELETE FROM asked WHERE day < ?", (day,))
                return file.execute(_COUNT, (day, name, self._daily)).rowcount > 0
        except sqlite3.Error as error:
            raise ArchiveUnreadable(f"{self._file} cannot be written: {error}.") from error


def until_midnight() -> float:
    """Return the seconds until the day ends in UTC."""
    now = datetime.now(UTC)
    return (datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1) - now).seconds
