"""The ledger: tokens and dollars by day and model, in tables of its own.

A request is written down before it is sent, at the most that it may cost, and put right when it
is over. So many requests at once keep within the budget, and what a killed process had reserved
counts as spent for its day.

It is not part of the catalog, so that costs can be recorded while an ingest holds the catalog's
lock, and so that recording them does not look like a change of the archive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from prompts import line
from retrieval.databases.database import Database, Schema
from retrieval.databases.tables import Tables
from retrieval.errors import AccountSpent, BudgetSpent
from retrieval.models.accounts import Account

_FILE = """CREATE TABLE usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL,
    PRIMARY KEY (day, model)
) WITHOUT ROWID"""
_SERVER = """CREATE TABLE usage (
    day TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL DEFAULT 0,
    prompt_tokens BIGINT NOT NULL DEFAULT 0,
    completion_tokens BIGINT NOT NULL DEFAULT 0,
    cost_usd DOUBLE PRECISION,
    PRIMARY KEY (day, model)
)"""
_ACCOUNTS = """CREATE TABLE IF NOT EXISTS accounts (
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    spent REAL NOT NULL DEFAULT 0,
    reserved REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (day, name)
) WITHOUT ROWID"""
_SERVER_ACCOUNTS = """CREATE TABLE accounts (
    day TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    spent DOUBLE PRECISION NOT NULL DEFAULT 0,
    reserved DOUBLE PRECISION NOT NULL DEFAULT 0,
    PRIMARY KEY (day, name)
)"""
FILE = "usage.db"

USAGE = Schema(
    "newsdesk_usage",
    ((_FILE,), (_ACCOUNTS,)),
    ((_SERVER,), (_SERVER_ACCOUNTS,)),
    unnumbered=1,
)
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
    """Records what models cost. Several processes and threads may use the same tables.

    Args:
        tables: those of `USAGE`.
        clock: returns the day that it is.

    Raises:
        ArchiveUnreadable: from every method, when the tables cannot be used.
    """

    def __init__(self, tables: Tables, clock: Callable[[], date] = today) -> None:
        self._tables = tables
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
        if self._tables.read_only:
            if limit is not None or account is not None:
                raise BudgetSpent(line("budget_unkept"))
            return Reservation("", model, most)
        today, cost = self._clock(), most.cost_usd or 0.0
        day, old = today.isoformat(), today - timedelta(days=_KEPT_DAYS)
        with self._tables.writing() as database:  # others wait until this is decided
            if limit is not None and _spent(database, day) + cost > limit:
                raise BudgetSpent(line("budget_small" if cost > limit else "budget_spent"))
            if account is not None:
                _charge(database, day, account, cost)
            database.write("DELETE FROM usage WHERE day < ?", old.isoformat())
            database.write(
                "INSERT INTO usage VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE "
                "SET calls = usage.calls + 1, "
                "prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens, "
                "completion_tokens = usage.completion_tokens + excluded.completion_tokens, "
                "cost_usd = coalesce(usage.cost_usd + excluded.cost_usd, excluded.cost_usd, "
                "usage.cost_usd)",
                day,
                model,
                most.prompt_tokens,
                most.completion_tokens,
                most.cost_usd,
            )
        return Reservation(day, model, most, account.name if account else "")

    def settle(self, reserved: Reservation, used: Use | None) -> None:
        """Put right what was reserved for a request; with None, it took nothing."""
        if not reserved.day:
            return
        most, actual = reserved.use, used or Use(0, 0, 0.0)
        with self._tables.writing() as database:
            database.write(
                "UPDATE usage SET calls = calls - ?, prompt_tokens = prompt_tokens + ?, "
                "completion_tokens = completion_tokens + ?, "
                "cost_usd = round(CAST(cost_usd + ? AS NUMERIC), 12) WHERE day = ? AND model = ?",
                used is None,
                actual.prompt_tokens - most.prompt_tokens,
                actual.completion_tokens - most.completion_tokens,
                (actual.cost_usd or 0.0) - (most.cost_usd or 0.0),
                reserved.day,
                reserved.model,
            )
            database.write("DELETE FROM usage WHERE calls = 0")
            database.write(
                "UPDATE accounts SET spent = round(CAST(spent + ? AS NUMERIC), 12), "
                "reserved = CASE WHEN reserved > ? THEN round(CAST(reserved - ? AS NUMERIC), 12) "
                "ELSE 0 END WHERE day = ? AND name = ?",
                actual.cost_usd or 0.0,
                most.cost_usd or 0.0,
                most.cost_usd or 0.0,
                reserved.day,
                reserved.account,
            )

    def spent_today(self) -> float:
        """Return the US dollars spent today, as far as prices are known."""
        with self._tables.reading() as database:
            return _spent(database, self._clock().isoformat()) if database else 0.0

    def entries(self) -> list[Entry]:
        """Return the entries of all days and models, newest first."""
        with self._tables.reading() as database:
            sql = "SELECT * FROM usage ORDER BY day DESC, model"
            rows = database.rows(sql) if database else []
        return [Entry(date.fromisoformat(row[0]), *row[1:]) for row in rows]


def _charge(database: Database, day: str, account: Account, cost: float) -> None:
    """Reserve dollars of an account's day; delete what it spent on other days."""
    sql = "SELECT spent, reserved FROM accounts WHERE day = ? AND name = ?"
    [[spent, reserved]] = database.rows(sql, day, account.name) or [(0.0, 0.0)]
    if spent + reserved + cost > account.daily_usd:
        if account.begun:
            raise BudgetSpent(line("budget_spent"))
        raise AccountSpent(account.daily_usd, _SOON if spent + cost <= account.daily_usd else None)
    database.write("DELETE FROM accounts WHERE day < ?", day)
    database.write(
        "INSERT INTO accounts VALUES (?, ?, 0, ?) ON CONFLICT (day, name) DO UPDATE "
        "SET reserved = accounts.reserved + excluded.reserved",
        day,
        account.name,
        cost,
    )
    account.begun = True


def _spent(database: Database, day: str) -> float:
    sql = "SELECT coalesce(sum(cost_usd), 0) FROM usage WHERE day = ?"
    return float(database.one(sql, day))
