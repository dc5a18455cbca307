"""The journal, conversations, quotas and feedback, in a real file and on a real server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.hours import Hours
from bot.telegram.storage.conversations import Conversations, Place
from bot.telegram.storage.feedback import DOWN, UP, Feedback, candidate
from bot.telegram.storage.figures import recent_figures
from bot.telegram.storage.filters import ChatFilters
from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.storage.quotas import Quotas
from bot.telegram.storage.retention import Retention
from bot.telegram.storage.schema import TELEGRAM
from bot.telegram.storage.store import Store, StoreUnusable, store_at, store_in
from bot.telegram.storage.topics import Topics
from bot.telegram.storage.wishes import Wishes
from corpus.article import Article
from retrieval.answers import Answer, Carrier, Citation, Turn
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match, Passage
from retrieval.databases.postgres import PostgresDatabase
from retrieval.databases.tables import FileTables
from retrieval.models.reply_cache import REPLIES, ReplyCache
from tests.postgres import Postgres

ANN, BOB = Place(-5, 0, 1), Place(-5, 0, 2)


Open = Callable[[], Store]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.process)])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the test's store, in each of its homes; once more where that is wanted."""
    opened: list[Store] = []
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").new_database()

    def build() -> Store:
        opened.append(store_in(tmp_path) if request.param == "sqlite" else store_at(url))
        return opened[-1]

    yield build
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> Store:
    return open_store()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """The store in a file."""
    with closing(store_in(tmp_path)) as store:
        yield store


def answered(question: str, text: str = "It was so. [1]") -> Answer:
    day = date(2020, 10, 26)
    also = (Carrier("Star", day, "", "/b.md"),)
    citation = Citation(1, "a", "p", "T", "S", day, "", "/a.md", "It was so.", 0, 10, also=also)
    article = Article("/a.md", "T", "It was so.", "S", day)
    match = Match(Passage("p", "a", 0, 0, 10, "It was so."), article, 0.5)
    return Answer(question, question, text, (citation,), matches=(match,))


def keeping(store: Store, folder: Path, days: int = 90) -> Retention:
    replies = ReplyCache(FileTables(folder / "replies.db", REPLIES, private=True), days=days)
    return Retention(store, Quotas(store, 0), replies, days)


def test_an_update_is_new_once(store: Store, open_store: Open) -> None:
    journal = Journal(store, 7)
    assert journal.add_all([(1, {"update_id": 1}), (2, {"update_id": 2})]) == [1, 2]
    journal.finish(1, "answered")
    again = Journal(open_store(), 7)
    assert again.add_all([(1, {}), (2, {}), (3, {"n": 3})]) == [3]
    assert again.open() == [(2, {"update_id": 2}), (3, {"n": 3})]


_OLD = """
CREATE TABLE updates (id INTEGER PRIMARY KEY, received REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, outcome TEXT, user_id INTEGER, raw TEXT NOT NULL);
CREATE TABLE seen_messages (chat_id INTEGER PRIMARY KEY, newest INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE turns (id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL, message_id INTEGER NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, cited TEXT NOT NULL);
CREATE TABLE answers (id INTEGER PRIMARY KEY, update_id INTEGER NOT NULL UNIQUE,
    chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL, question_message INTEGER NOT NULL,
    messages TEXT NOT NULL, answer TEXT NOT NULL);
INSERT INTO updates VALUES (5, 1.0, 1, NULL, 1, '{"update_id": 5}'), (4, 1.0, 1, 'x', 1, '{}');
INSERT INTO seen_messages VALUES (-5, 9);
INSERT INTO turns VALUES (1, -5, 0, 1, 8, 'Why?', 'Hence. [1]', '["a"]');
INSERT INTO answers VALUES (3, 4, -5, 1, 8, '[9]', '{"question": "Why?", "citations": []}');
"""


def test_a_file_without_dates_is_taken_over_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "telegram.db")) as old:
        old.executescript(_OLD)
    for _ in range(2):
        store = store_in(tmp_path)
        retention = keeping(store, tmp_path)
        journal, conversations = Journal(store, 7), Conversations(store)
        retention.prune()
        assert journal.open() == [(5, {"update_id": 5})]
        assert conversations.history(ANN, 99) == (Turn("Why?", "Hence. [1]", ("a",)),)
        found = conversations.answer_in(-5, 9)
        assert found is not None
        assert (found.id, found.content["question"]) == (3, "Why?")
        store.close()


@pytest.mark.process
def test_a_database_of_the_version_before_is_taken_over_whole(postgres_server: Postgres) -> None:
    url = postgres_server.new_database()
    before = replace(TELEGRAM, postgres=TELEGRAM.postgres[:1])
    with closing(PostgresDatabase(url, before)) as old:
        old.write("INSERT INTO facts VALUES ('bot', '7')")
    for _ in range(2):
        with closing(store_at(url)) as store:
            assert store.fact("bot") == "7"
            assert store.rows("SELECT * FROM turned_away") == []


def test_what_was_kept_for_its_time_is_deleted(store: Store, tmp_path: Path) -> None:
    conversations, feedback = Conversations(store), Feedback(store)
    for update in (1, 2):
        kept = conversations.answer(conversations.save(update, ANN, update, answered("zanzibar?")))
        assert kept is not None
        feedback.press(kept, 1, DOWN)
        conversations.remember(ANN, update, answered("zanzibar?"))
    for table in ("answers", "turns"):
        store.write(f"UPDATE {table} SET at = at - 31 * 86400")
    store.write("UPDATE feedback SET at = '2026-01-01T00:00:00+00:00'")
    conversations.save(3, BOB, 3, answered("New?"))
    keeping(store, tmp_path, days=60).prune()
    assert store.one("SELECT count(*) FROM answers") == 3
    keeping(store, tmp_path, days=30).prune()
    assert [store.one(f"SELECT count(*) FROM {t}") for t in ("answers", "turns", "feedback")] == [
        1, 0, 0,
    ]  # fmt: skip
    assert [f for f in tmp_path.iterdir() if b"zanzibar" in f.read_bytes()] == []


def test_room_is_given_back_to_the_disk(file_store: Store, tmp_path: Path) -> None:
    store, conversations = file_store, Conversations(file_store)
    keeping(store, tmp_path).prune()
    before = (tmp_path / "telegram.db").stat().st_size
    for update in range(300):
        conversations.save(update, ANN, update, answered("Why? " * 400))
    store.write("UPDATE answers SET at = 0")
    keeping(store, tmp_path).prune()
    assert (tmp_path / "telegram.db").stat().st_size == before


def test_a_button_never_comes_to_mean_a_later_answer(store: Store, tmp_path: Path) -> None:
    conversations = Conversations(store)
    gone = conversations.save(1, ANN, 9, answered("Hers?"))
    keeping(store, tmp_path).forget(1)
    assert conversations.save(2, BOB, 10, answered("His?")) != gone


def test_another_bot_has_other_updates(store: Store) -> None:
    Journal(store, 7).add(1, {})
    assert Journal(store, 8).add(1, {})


def test_the_outbox_knows_what_has_become_of_each_message(store: Store) -> None:
    journal = Journal(store, 7)
    journal.add(1, {})
    journal.plan(1, [Outgoing(5, "one", ({"type": "bold", "offset": 0, "length": 3},))])
    journal.plan(1, [Outgoing(5, "two", replaces=9)])
    journal.mark(1, 0, "sending", floor=20)
    journal.mark(1, 0, "sent", 21)
    first, second = journal.outbox(1)
    assert (first.state, first.message_id, first.floor) == ("sent", 21, 20)
    assert list(first.entities) == [{"type": "bold", "offset": 0, "length": 3}]
    assert (second.text, second.state, second.replaces) == ("two", "waiting", 9)


def test_a_lost_message_has_an_id_that_no_known_one_has(store: Store) -> None:
    journal = Journal(store, 7)
    private, group, supergroup = 5, -6, -1_000_000_000_007
    for chat, number in ((private, 3), (group, 9), (private, 5), (supergroup, 2)):
        journal.saw(chat, number)
    assert [journal.newest(chat) for chat in (private, group, supergroup)] == [9, 9, 2]
    assert journal.unknown_ids(private, 2, 6) == [4, 6, 7, 8, 10, 11]
    assert journal.unknown_ids(supergroup, 1, 2) == [3, 4]
    assert journal.unknown_ids(-1_000_000_000_008, 0, 2) == []


def test_what_may_have_arrived_is_found_before_more_is_sent(store: Store) -> None:
    journal = Journal(store, 7)
    for number in (1, 2, 3, 4):
        journal.add(number, {})
        journal.plan(number, [Outgoing(5, "text")])
    journal.mark(3, 0, "sending", floor=9)
    journal.mark(4, 0, "sending", floor=8)
    assert [number for number, _ in journal.open()] == [4, 3, 1, 2]


def test_ids_are_kept_by_the_thousand(store: Store, tmp_path: Path) -> None:
    journal = Journal(store, 7)
    for chat, number in ((5, 1), (5, 2000), (-1_000_000_000_007, 1)):
        journal.saw(chat, number)
    keeping(store, tmp_path).prune()
    assert store.rows("SELECT message_id FROM message_ids ORDER BY 1") == [(1,), (2000,)]


def test_a_history_belongs_to_one_person_in_one_place(store: Store) -> None:
    conversations = Conversations(store)
    conversations.remember(ANN, 1, answered("Hers?"))
    conversations.remember(BOB, 2, answered("His?"))
    assert conversations.history(ANN, 99) == (Turn("Hers?", "It was so. [1]", ("a",)),)
    assert conversations.history(Place(-5, 8, 1), 99) == ()
    conversations.begin_anew(ANN, 3)
    assert conversations.history(ANN, 99) == ()
    assert len(conversations.history(BOB, 99)) == 1


def test_an_edited_question_replaces_its_turn(store: Store) -> None:
    conversations = Conversations(store)
    for message, question in ((1, "One?"), (2, "Two?"), (1, "First?")):
        conversations.remember(ANN, message, answered(question))
    assert [turn.question for turn in conversations.history(ANN, 99)] == ["First?", "Two?"]
    assert [turn.question for turn in conversations.history(ANN, 2)] == ["First?"]


def test_a_history_is_bounded(store: Store) -> None:
    conversations = Conversations(store)
    for number in range(30):
        conversations.remember(ANN, number, answered(f"{number}?"))
    kept = store.one("SELECT count(*) FROM turns")
    assert [turn.question for turn in conversations.history(ANN, 99)][-1] == "29?"
    assert kept == 10


def test_what_is_forgotten_is_not_on_the_disk(store: Store, tmp_path: Path) -> None:
    journal, conversations = Journal(store, 7), Conversations(store)
    journal.add(1, {"text": "zanzibar"})
    journal.begin(1)
    number = conversations.save(1, ANN, 9, answered("zanzibar?"))
    conversations.remember(ANN, 9, answered("zanzibar?"))
    kept = conversations.answer(number)
    assert kept is not None
    Feedback(store).press(kept, 2, DOWN)
    journal.plan(1, [Outgoing(5, "zanzibar")])
    journal.finish(1, "answered")
    ReplyCache(FileTables(tmp_path / "replies.db", REPLIES, private=True)).put("digest", "zanzibar")
    keeping(store, tmp_path).forget(1)
    assert conversations.answer(number) is None
    assert list(Feedback(store).every()) == []
    for table in ("turns", "answers", "feedback"):
        assert store.one(f"SELECT count(*) FROM {table}") == 0
    if store.database.engine == "postgres":
        return  # the server looks after its files
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert files
    assert [held for held in files if b"zanzibar" in held] == []


def test_an_answer_is_found_by_its_question_and_its_messages(store: Store) -> None:
    conversations = Conversations(store)
    number = conversations.save(1, ANN, 9, answered("Why?"))
    conversations.save_messages(1, [10, 11])
    for found in (
        conversations.answer(number),
        conversations.answer_to(-5, 9),
        conversations.answer_in(-5, 11),
    ):
        assert found is not None
        assert (found.id, found.messages, found.turn.question) == (number, (10, 11), "Why?")
        assert found.citations[0].published == date(2020, 10, 26)
        assert [carrier.outlet for carrier in found.citations[0].also] == ["Star"]
    assert conversations.answer_in(-6, 11) is None


def test_a_quota_counts_an_update_once_and_begins_anew_at_midnight(store: Store) -> None:
    quotas = Quotas(store, 2)
    evening = datetime(2026, 1, 1, 22, 30, tzinfo=UTC)
    for update in (1, 1, 2):
        assert quotas.allows(1, update, evening)
        quotas.count(1, update, evening)
    assert [quotas.allows(1, update, evening) for update in (1, 2, 3)] == [True, True, False]
    assert quotas.allows(2, 4, evening)
    assert "in 1 h 30 min" in quotas.refusal(evening)
    assert quotas.allows(1, 6, datetime(2026, 1, 2, tzinfo=UTC))


def test_the_last_verdict_counts_and_a_down_becomes_a_candidate(store: Store) -> None:
    conversations, feedback = Conversations(store), Feedback(store)
    kept = conversations.answer(conversations.save(1, ANN, 9, answered("Why?")))
    assert kept is not None
    for verdict in (UP, DOWN):
        feedback.press(kept, 1, verdict)
    (only,) = feedback.every()
    line = candidate(1, only)
    assert (only.verdict, line["question"], line["answers"]) == (DOWN, "Why?", [])
    assert line["seen"]["retrieved"] == ["/a.md"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "telegram.db").write_bytes(b"something else" * 100)
    with pytest.raises(StoreUnusable, match=r"telegram\.db"):
        store_in(tmp_path)


def test_what_a_group_stored_moves_to_its_supergroup(store: Store) -> None:
    group, supergroup = -5, -1_000_000_000_005
    journal, conversations = Journal(store, 7), Conversations(store)
    topics, wishes = Topics(store), Wishes(store, Hours(None))
    conversations.remember(ANN, 9, answered("Why?"))
    conversations.save(1, ANN, 9, answered("Why?"))
    conversations.save_messages(1, [10, 11])
    ChatFilters(store).set(ANN, 8, Filters(sources=("BBC",)))
    topics.follow(ANN, "wolves", old=False, since=1.0)
    for place in (ANN, Place(supergroup, 0, 2)):
        wishes.set(place, digest=place.user_id)
    for _ in range(2):
        journal.chats.move(group, supergroup)
    assert (journal.chats.now(group), journal.chats.first(supergroup)) == (supergroup, group)
    moved = Place(supergroup, 0, 1)
    assert [turn.question for turn in conversations.history(moved, 1)] == ["Why?"]
    found = conversations.answer_in(supergroup, 11 - 2**52)
    assert found is not None
    assert found.messages == (10 - 2**52, 11 - 2**52)
    assert conversations.answer_in(supergroup, 11) is None
    assert ChatFilters(store).of(moved, 1) == Filters(sources=("BBC",))
    assert [topic.words for topic in topics.of(moved)] == ["wolves"]
    assert [(wish.place, wish.digest) for wish in wishes.all()] == [(moved, 1)]


def test_topics_and_their_news_are_told_once(store: Store) -> None:
    topics = Topics(store)
    assert topics.follow(ANN, "wolves", old=True, since=1.0)
    assert not topics.follow(ANN, "Wolves", old=False, since=2.0)
    assert [topic.old for topic in topics.all()] == [True]
    topics.add_news(ANN, 5.0, ["wolves"], ["a"], answered("Why?").citations)
    [news] = topics.untold()
    topics.joined(news, ["b"])
    topics.hold([news])
    [news] = topics.untold()
    assert (news.articles, news.held) == (("a", "b"), True)
    topics.tell([news], -1, 6.0)
    assert topics.untold() == []
    assert topics.told_since(ANN, 5.5) == 1
    topics.leave(ANN.chat_id)
    assert topics.all() == []


def test_a_filter_is_set_anew_and_the_last_ones_are_kept(store: Store) -> None:
    filters = ChatFilters(store)
    for number in range(12):
        for source in ("BBC", "Star"):
            filters.set(ANN, number, Filters(sources=(source,)))
    assert filters.of(ANN, 12) == Filters(sources=("Star",))
    assert filters.of(BOB, 12) == EVERYTHING
    assert store.one("SELECT count(*) FROM filters") == 10


def test_an_update_of_the_bots_own_is_stored_and_summed_up(store: Store) -> None:
    journal = Journal(store, 7)
    first, second = journal.add_own(-5, 0, 1), journal.add_own(-5, 3, 1)
    assert (first, second) == (-1, -2)
    assert journal.raw(second) == {"own": {"chat_id": -5, "thread_id": 3, "user_id": 1}}
    assert [journal.begin(first) for _ in range(2)] == [1, 2]
    journal.finish(first, "answered", ms=250, cost_usd=0.5, cause="model")
    figures = recent_figures(store)
    assert (figures.answers, figures.median_seconds, figures.cost_usd) == (
        {"answered": 1},
        0.25,
        0.5,
    )
    assert not journal.is_open(first)
    assert journal.once("f:1:2")
    assert not journal.once("f:1:2")
