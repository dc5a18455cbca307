"""The ledger: tokens and dollars by day and model, in a SQLite file of its own.

A request is written down before it is sent, at the most that it may cost, and put right when it
is over. So many requests at once keep within the budget, and what a killed process had reserved
counts as spent for its day.

It is not part of the catalog, so that costs can be recorded while an ingest holds the catalog's
lock, and so that recording them does not look like a change of the archive.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from prompts import line
from retrieval.errors import AccountSpent, ArchiveUnreadable, BudgetSpent
from retrieval.models.accounts import Account

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
_ACCOUNTS = """
CREATE TABLE IF NOT EXISTS accounts (
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    spent REAL NOT NULL DEFAULT 0,
    reserved REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;
"""
_LOCK_SECONDS = 10
_KEPT_DAYS = 1100
"""Days of which a row for each model is kept: three years and a little."""
_SOON = 30
"""Seconds after which a question may be asked again that others under way left too little for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model's use on one day (UTC). The cost is None if the price is unknown."""

    day: date
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Use:
    """What a request takes. The cost is None if the price is unknown."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was written down for a request before it was sent; without a day, nothing was.

    `account` is the name of the one that pays, "" for none.
    """

    day: str
    model: str
    use: Use
    account: str = ""


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

    def reserve(
        self,
        model: str,
        most: Use,
        limit: float | None = None,
        account: Account | None = None,
    ) -> Reservation:
        """Write down one request under today's date, at the most that it may take; delete what is
        three years old. In a folder that is read-only nothing is written down.

        Raises:
            BudgetSpent: the day's cost would exceed the limit, or cannot be kept within it; or
                that of the account would, and its question is begun. Nothing was written.
            AccountSpent: the account's cost would exceed its budget.
        """
        if self._path.parent.exists() and not os.access(self._path.parent, os.W_OK):
            if limit is not None or account is not None:
                raise BudgetSpent(line("budget_unkept"))
            return Reservation("", model, most)
        today, cost = self._clock(), most.cost_usd or 0.0
        day, old = today.isoformat(), today - timedelta(days=_KEPT_DAYS)
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")  # other processes wait until this is decided
            if limit is not None and _spent(connection, day) + cost > limit:
                raise BudgetSpent(line("budget_small" if cost > limit else "budget_spent"))
            if account is not None:
                _charge(connection, day, account, cost)
            connection.execute("DELETE FROM usage WHERE day < ?", (old.isoformat(),))
            connection.execute(
                "INSERT INTO usage VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE "
                "SET calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
                "completion_tokens = completion_tokens + excluded.completion_tokens, "
                "cost_usd = coalesce(cost_usd + excluded.cost_usd, excluded.cost_usd, cost_usd)",
                (day, model, most.prompt_tokens, most.completion_tokens, most.cost_usd),
            )
        return Reservation(day, model, most, account.name if account else "")

    def settle(self, reserved: Reservation, used: Use | None) -> None:
        """Put right what was reserved for a request; with None, it took nothing."""
        if not reserved.day:
            return
        most, actual = reserved.use, used or Use(0, 0, 0.0)
        with self._open() as connection:
            connection.execute(
                "UPDATE usage SET calls = calls - ?, prompt_tokens = prompt_tokens + ?, "
                "completion_tokens = completion_tokens + ?, cost_usd = round(cost_usd + ?, 12) "
                "WHERE day = ? AND model = ?",
                (
                    used is None,
                    actual.prompt_tokens - most.prompt_tokens,
                    actual.completion_tokens - most.completion_tokens,
                    (actual.cost_usd or 0.0) - (most.cost_usd or 0.0),
                    reserved.day,
                    reserved.model,
                ),
            )
            connection.execute("DELETE FROM usage WHERE calls = 0")
            connection.execute(
                "UPDATE accounts SET spent = round(spent + ?, 12), "
                "reserved = max(0, round(reserved - ?, 12)) WHERE day = ? AND name = ?",
                (actual.cost_usd or 0.0, most.cost_usd or 0.0, reserved.day, reserved.account),
            )

    def spent_today(self) -> float:
        """Return the US dollars spent today, as far as prices are known."""
        if not self._path.exists():
            return 0.0
        with self._open() as connection:
            return _spent(connection, self._clock().isoformat())

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
                connection.execute(_ACCOUNTS)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise ArchiveUnreadable(
                f"The ledger {self._path} cannot be used ({error}): check its folder, or move it "
                "away."
            ) from error


def _charge(connection: sqlite3.Connection, day: str, account: Account, cost: float) -> None:
    """Reserve dollars of an account's day; delete what it spent on other days."""
    row = connection.execute(
        "SELECT spent, reserved FROM accounts WHERE day = ? AND name = ?", (day, account.name)
    ).fetchone()
    spent, reserved = row or (0.0, 0.0)
    if spent + reserved + cost > account.daily_usd:
        if account.begun:
            raise BudgetSpent(line("budget_spent"))
        raise AccountSpent(account.daily_usd, _SOON if spent + cost <= account.daily_usd else None)
    connection.execute("DELETE FROM accounts WHERE day < ?", (day,))
    connection.execute(
        "INSERT INTO accounts VALUES (?, ?, 0, ?) ON CONFLICT (day, name) DO UPDATE "
        "SET reserved = reserved + excluded.reserved",
        (day, account.name, cost),
    )
    account.begun = True


def _spent(connection: sqlite3.Connection, day: str) -> float:
    row = connection.execute("SELECT total(cost_usd) FROM usage WHERE day = ?", (day,)).fetchone()
    return float(row[0])
