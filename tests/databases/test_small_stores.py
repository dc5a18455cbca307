"""The stores of usage, replies, conversations and ratings, in files and in PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from bot.conversations import CONVERSATIONS, Conversations, NoConversation
from bot.serving.allowance import ASKED, Allowance, TooMuchAsked
from bot.serving.ratings import RATINGS, Ratings
from retrieval.databases.database import Schema
from retrieval.databases.tables import FileTables, ServerTables, Tables
from retrieval.errors import AccountSpent, ArchiveUnreadable, BudgetSpent
from retrieval.models.accounts import Account
from retrieval.models.ledger import USAGE, Ledger, Use
from retrieval.models.reply_cache import REPLIES, ReplyCache
from tests.ports import free_port
from tests.postgres import PASSWORD

Open = Callable[[Schema], Tables]

WHY = {"question": "Why?", "answer": "So.", "refused": False}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.process)])
def open_tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the tables of a store, in each of its homes; once more as another process would."""
    opened: list[Tables] = []
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").new_database()

    def build(schema: Schema) -> Tables:
        opened.append(
            FileTables(tmp_path / f"{schema.name}.db", schema, private=True)
            if request.param == "sqlite"
            else ServerTables(url, schema)
        )
        return opened[-1]

    yield build
    for tables in opened:
        tables.close()


def in_file(tables: Tables, tmp_path: Path, words: bytes) -> bool:
    """Whether a store's file has words in it; no for a store that has none."""
    return any(words in path.read_bytes() for path in tmp_path.glob("*.db"))


def test_two_days_and_models_in_the_ledger(open_tables: Open) -> None:
    day = date(2026, 1, 1)
    ledger = Ledger(open_tables(USAGE), clock=lambda: day)
    assert (ledger.spent_today(), ledger.entries()) == (0.0, [])
    ledger.reserve("a", Use(10, 1, 0.5))
    ledger.reserve("a", Use(10, 1, 0.25))
    ledger.reserve("b", Use(7, 2, None))
    day = date(2026, 1, 2)
    ledger.reserve("a", Use(1, 1, 0.125))
    assert ledger.spent_today() == 0.125
    assert [(str(e.day), e.model, e.calls, e.cost_usd) for e in ledger.entries()] == [
        ("2026-01-02", "a", 1, 0.125),
        ("2026-01-01", "a", 2, 0.75),
        ("2026-01-01", "b", 1, None),
    ]


def test_the_ledger_is_bounded(open_tables: Open) -> None:
    today = date(2023, 1, 1)
    ledger = Ledger(open_tables(USAGE), clock=lambda: today)
    ledger.reserve("a", Use(10, 1, 0.5))
    today = date(2025, 12, 31)
    ledger.reserve("a", Use(10, 1, 0.5))
    assert len(ledger.entries()) == 2
    today = date(2026, 3, 1)
    ledger.reserve("a", Use(10, 1, 0.5))
    assert [str(entry.day) for entry in ledger.entries()] == ["2026-03-01", "2025-12-31"]


def test_reservations_of_many_writers_never_exceed_the_budget(open_tables: Open) -> None:
    writers = [Ledger(open_tables(USAGE), clock=lambda: date(2026, 1, 1)) for _ in range(8)]

    def reserve(number: int) -> bool:
        try:
            writers[number % 8].reserve("m", Use(100, 100, 0.25), limit=1)
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        granted = list(threads.map(reserve, range(20)))
    assert sum(granted) == 4
    assert writers[0].spent_today() == 1


def test_what_a_killed_process_reserved_counts_for_its_day(open_tables: Open) -> None:
    day = date(2026, 1, 1)
    ledger = Ledger(open_tables(USAGE), clock=lambda: day)
    ledger.reserve("m", Use(100, 100, 0.75), limit=1)  # and its process is gone
    with pytest.raises(BudgetSpent):
        ledger.reserve("m", Use(100, 100, 0.5), limit=1)
    day = date(2026, 1, 2)
    late = ledger.reserve("m", Use(100, 100, 0.5), limit=1)
    refused = ledger.reserve("n", Use(100, 100, 0.1))
    day = date(2026, 1, 3)
    ledger.settle(late, Use(90, 10, 0.25))
    ledger.settle(refused, None)
    assert [(str(e.day), e.calls, e.prompt_tokens, e.cost_usd) for e in ledger.entries()] == [
        ("2026-01-02", 1, 90, 0.25),
        ("2026-01-01", 1, 100, 0.75),
    ]


def test_an_account_has_its_own_dollars_of_a_day(open_tables: Open) -> None:
    day = date(2026, 1, 1)
    ledgers = [Ledger(open_tables(USAGE), clock=lambda: day) for _ in range(2)]
    ann, other = Account("ann", 1.0), Account("ann", 1.0)
    held = ledgers[0].reserve("m", Use(1, 1, 0.7), account=ann)
    with pytest.raises(AccountSpent):
        ledgers[1].reserve("m", Use(1, 1, 0.7), account=other)
    ledgers[1].reserve("m", Use(1, 1, 0.7), account=Account("bob", 1.0))
    ledgers[0].settle(held, Use(1, 1, 0.25))
    late = ledgers[1].reserve("m", Use(1, 1, 0.7), account=other)
    with pytest.raises(BudgetSpent):
        ledgers[1].reserve("m", Use(1, 1, 0.7), account=other)
    day = date(2026, 1, 2)
    ledgers[1].settle(late, None)
    ledgers[0].reserve("m", Use(1, 1, 0.9), account=Account("ann", 1.0))
    assert ledgers[1].spent_today() == 0.9


def test_costs_that_are_added_and_taken_away_leave_nothing(open_tables: Open) -> None:
    ledger = Ledger(open_tables(USAGE), clock=lambda: date(2026, 1, 1))
    kept = ledger.reserve("m", Use(1, 1, 0.1))
    ledger.settle(ledger.reserve("m", Use(1, 1, 0.7)), Use(1, 1, 0.0))
    ledger.settle(kept, Use(1, 1, 0.3))
    assert [entry.cost_usd for entry in ledger.entries()] == [0.3]


def test_cached_replies_are_deleted_when_nobody_needs_them(
    open_tables: Open, tmp_path: Path
) -> None:
    now = 0.0
    tables = open_tables(REPLIES)
    cache = ReplyCache(tables, days=90, clock=lambda: now)
    cache.prune()
    assert list(tmp_path.iterdir()) == []
    for request in ("used again", "zanzibar"):
        cache.put(request, f"reply to {request}")
    cache.put("long", "x" * 1_000_000)
    now = 80 * 86_400.0
    assert cache.get("used again")
    now = 91 * 86_400.0
    cache.prune()
    assert [cache.get(request) for request in ("used again", "zanzibar", "long")] == [
        "reply to used again", None, None,
    ]  # fmt: skip
    assert not in_file(tables, tmp_path, b"zanzibar")
    assert all(path.stat().st_size < 50_000 for path in tmp_path.iterdir())
    cache.clear()
    assert cache.get("used again") is None
    assert list(tmp_path.iterdir()) == []
    cache.put("used again", "reply")
    assert cache.get("used again") == "reply"


def test_the_reply_cache_is_bounded(open_tables: Open) -> None:
    now = 0.0
    cache = ReplyCache(open_tables(REPLIES), capacity=2, clock=lambda: now)
    assert cache.get("a") is None
    cache.put("a", "a")
    now = 1.0
    cache.put("b", "b")
    now = 2.0
    assert cache.get("a") == "a"
    now = 3.0
    cache.put("c", "c")
    cache.put("c", "another")
    assert [cache.get(key) for key in "abc"] == ["a", None, "another"]


def test_the_reply_cache_fails_no_question(tmp_path: Path) -> None:
    unreachable = f"postgresql://ann:{PASSWORD}@127.0.0.1:{free_port()}/news"
    damaged = tmp_path / "replies.db"
    damaged.write_bytes(b"not a database" * 100)
    for tables in (ServerTables(unreachable, REPLIES), FileTables(damaged, REPLIES)):
        cache = ReplyCache(tables)
        cache.put("a", "1")
        assert cache.get("a") is None
        cache.prune()


def test_a_conversation_that_is_old_is_neither_shown_nor_left(
    open_tables: Open, tmp_path: Path
) -> None:
    now = 1_000_000.0
    tables = open_tables(CONVERSATIONS)
    kept = Conversations(tables, days=2, clock=lambda: now)
    assert (kept.newest(10), kept.last()) == ([], [])
    secret = {"question": "What of Umbrax?", "answer": "Nothing.", "refused": True}
    assert kept.keep(secret).id == "1.1"
    now += 3 * 86_400
    assert kept.newest(10) == []
    with pytest.raises(NoConversation):
        kept.find("1")
    assert kept.keep(WHY).id == "2.1", "an id does not come to mean another conversation"
    assert kept.keep(WHY, 1).id == "1.1"
    assert not in_file(tables, tmp_path, b"Umbrax")
    now += 1
    assert kept.keep(WHY, 2).id == "2.2"
    assert [one.id for one in kept.newest(10)] == ["2.2", "1.1", "2.1"]
    assert [one.id for one in kept.last()] == ["2.1", "2.2"]
    assert [one.id for one in kept.find("2.2")] == ["2.2"]


def test_conversations_are_found_by_words_however_many_there_are(
    open_tables: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversations._AT_A_TIME", 3)
    kept = Conversations(open_tables(CONVERSATIONS))
    for number in range(10):
        said = {
            "question": f"What of {'Málaga' if number % 2 else 'Cádiz'}?",
            "answer": "It’s 100 % there.",
        }
        kept.keep(said, 1)
    assert [one.number for one in kept.newest(3, "MALAGA 100")] == [10, 8, 6]
    assert [one.number for one in kept.newest(9, "malag")] == [10, 8, 6, 4, 2]
    assert kept.newest(10, "nowhere") == []
    assert len(kept.newest(100)) == 10


def test_a_verdict_is_the_last_one_and_goes_with_its_days(open_tables: Open) -> None:
    ratings = Ratings(open_tables(RATINGS), 90)
    assert ratings.every() == []
    for answer, verdict in (("a", "up"), ("a", "down"), ("b", "up"), ("c", "up"), ("c", "")):
        ratings.rate(answer, verdict, {"question": answer})
    found = sorted((said["question"], verdict) for _, verdict, said in ratings.every())
    assert found == [("a", "down"), ("b", "up")]
    assert Ratings(open_tables(RATINGS), -1).every() == []
    assert ratings.every() == []


def test_a_tokens_questions_of_a_day_are_counted_by_all_processes(open_tables: Open) -> None:
    async def ask(daily: int) -> None:
        await Allowance(open_tables(ASKED), 100, daily).take("ann")

    for _ in range(3):
        asyncio.run(ask(3))
    with pytest.raises(TooMuchAsked, match="3 questions a day"):
        asyncio.run(ask(3))
    asyncio.run(ask(4))
    with open_tables(ASKED).writing() as database:
        database.write("INSERT INTO asked VALUES ('2026-01-01', 'ann', 9)")
    asyncio.run(ask(5))
    with open_tables(ASKED).reading() as read:
        assert read
        assert read.rows("SELECT name, count FROM asked") == [("ann", 5)]


_BEFORE = {
    ASKED: (
        "CREATE TABLE IF NOT EXISTS asked (day TEXT, name TEXT, count INTEGER, "
        "PRIMARY KEY (day, name))",
    ),
    USAGE: (
        """CREATE TABLE IF NOT EXISTS usage (day TEXT NOT NULL, model TEXT NOT NULL,
        calls INTEGER NOT NULL DEFAULT 0, prompt_tokens INTEGER NOT NULL DEFAULT 0,
        completion_tokens INTEGER NOT NULL DEFAULT 0, cost_usd REAL, PRIMARY KEY (day, model)
        ) WITHOUT ROWID""",
        "INSERT INTO usage VALUES ('2026-01-01', 'm', 1, 2, 3, 0.25)",
    ),
    RATINGS: (
        """CREATE TABLE IF NOT EXISTS ratings (answer TEXT PRIMARY KEY, at TEXT NOT NULL,
        verdict TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID""",
        "INSERT INTO ratings VALUES ('a', '2999-01-01', 'up', '{}')",
    ),
    REPLIES: (
        """CREATE TABLE IF NOT EXISTS replies (request TEXT PRIMARY KEY, reply TEXT NOT NULL,
        used REAL NOT NULL) WITHOUT ROWID""",
        "INSERT INTO replies VALUES ('a', 'said', 0)",
    ),
    CONVERSATIONS: (
        "CREATE TABLE conversations (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        """CREATE TABLE questions (conversation INTEGER NOT NULL REFERENCES conversations (id),
        number INTEGER NOT NULL, at REAL NOT NULL, answer TEXT NOT NULL,
        PRIMARY KEY (conversation, number))""",
        "INSERT INTO conversations VALUES (7)",
        "INSERT INTO questions VALUES (7, 1, 9e9, '{}')",
        "PRAGMA user_version = 1",
    ),
}


@pytest.mark.parametrize("schema", _BEFORE, ids=lambda schema: schema.name)
@pytest.mark.parametrize("fixed", [False, True])
def test_a_file_of_the_version_before_is_read_and_written(
    schema: Schema, fixed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as file, file:
        for statement in _BEFORE[schema]:
            file.execute(statement)
    tables = FileTables(tmp_path / "old.db", schema, private=True)
    if fixed:
        monkeypatch.setattr("os.access", lambda *_: False)
        assert tables.read_only == tmp_path
    if schema is USAGE:
        if fixed:  # it has had another version since
            with pytest.raises(ArchiveUnreadable, match="older Newsdesk"):
                Ledger(tables).entries()
        else:
            assert Ledger(tables).entries()[0].cost_usd == 0.25
    elif schema is CONVERSATIONS:
        assert [one.id for one in Conversations(tables).newest(5)] == ["7.1"]
    elif not fixed:
        assert schema is not RATINGS or len(Ratings(tables, 90).every()) == 1
        assert schema is not REPLIES or ReplyCache(tables).get("a") == "said"
    if not fixed:
        with tables.writing():
            pass
        assert [path.name for path in tmp_path.iterdir()] == ["old.db"]


def test_a_file_that_nobody_wrote_to_the_end_is_none(tmp_path: Path) -> None:
    (tmp_path / "begun.db").touch()
    tables = FileTables(tmp_path / "begun.db", CONVERSATIONS)
    assert Conversations(tables).newest(1) == [], "whoever made it was killed"
    assert Conversations(tables).keep(WHY).id == "1.1"


def test_what_cannot_be_used_is_told_in_a_line(tmp_path: Path) -> None:
    damaged = tmp_path / "usage.db"
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(ArchiveUnreadable, match=r"usage\.db cannot be used .*move it away"):
        Ledger(FileTables(damaged, USAGE)).entries()
    unreachable = f"postgresql://ann:{PASSWORD}@127.0.0.1:{free_port()}/news"
    with pytest.raises(ArchiveUnreadable, match="cannot be reached") as trouble:
        Ledger(ServerTables(unreachable, USAGE)).reserve("m", Use(1, 1, 0.1), limit=1)
    assert PASSWORD not in str(trouble.value)
