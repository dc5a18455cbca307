"""The ledger: tokens and dollars by day and model, in a SQLite file of its own.

It is not part of the catalog, so that costs can be recorded while an ingest holds the catalog's
lock, and so that recording them does not look like a change of the archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from retrieval.errors import ArchiveUnreadable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL,
    PRIMARY KEY (day, model)
) WITHOUT ROWID;
"""
_LOCK_SECONDS = 10
_KEPT_DAYS = 1100
"""Days of which a row for each model is kept: three years and a little."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model's use on one day (UTC). The cost is None if the price is unknown."""

    day: date
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


def today() -> date:
    """Return today's date in UTC, by which the ledger and the services count."""
    return datetime.now(UTC).date()


class Ledger:
    """Records what models cost. Several processes and threads may use one file.

    The file is created by the first write.

    Raises:
        ArchiveUnreadable: from every method, when the file cannot be used.
    """

    def __init__(self, path: Path, clock: Callable[[], date] = today) -> None:
        self._path = path
        self._clock = clock

    def add(
        self, model: str, prompt_tokens: int, completion_tokens: int, cost_usd: float | None
    ) -> None:
        """Record one call under today's date, and delete what is three years old."""
        today = self._clock()
        with self._open() as connection:
            old = today - timedelta(days=_KEPT_DAYS)
            connection.execute("DELETE FROM usage WHERE day < ?", (old.isoformat(),))
            connection.execute(
                "INSERT INTO usage VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE "
                "SET calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
                "completion_tokens = completion_tokens + excluded.completion_tokens, "
                "cost_usd = coalesce(cost_usd + excluded.cost_usd, excluded.cost_usd, cost_usd)",
                (today.isoformat(), model, prompt_tokens, completion_tokens, cost_usd),
            )

    def spent_today(self) -> float:
        """Return the US dollars spent today, as far as prices are known."""
        if not self._path.exists():
            return 0.0
        with self._open() as connection:
            row = connection.execute(
                "SELECT total(cost_usd) FROM usage WHERE day = ?", (self._clock().isoformat(),)
            ).fetchone()
        return float(row[0])

    def entries(self) -> list[Entry]:
        """Return the entries of all days and models, newest first."""
        if not self._path.exists():
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM usage ORDER BY day DESC, model").fetchall()
        return [Entry(date.fromisoformat(row[0]), *row[1:]) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS)) as connection:
                connection.execute(_SCHEMA)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise ArchiveUnreadable(
                f"The ledger {self._path} cannot be used ({error}): check its folder, or move it "
                "away."
            ) from error
