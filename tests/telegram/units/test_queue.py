"""How the updates of one bot are dealt out to its processes, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.hours import Hours
from bot.telegram.conversation.access import Access, SharedRefusals
from bot.telegram.conversation.inline import SharedTyping
from bot.telegram.conversation.preview import Preview, PreviewParts
from bot.telegram.news.herald import Herald
from bot.telegram.news.telling import Telling
from bot.telegram.sharing import Sharing
from bot.telegram.storage.conversations import Conversations
from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.storage.queue import Claim, ClaimLost, Queue
from bot.telegram.storage.quotas import Quotas
from bot.telegram.storage.store import Store, store_at
from bot.telegram.storage.topics import Topics
from bot.telegram.storage.wishes import Wishes
from bot.telegram.transport.delivery import Delivery
from bot.telegram.transport.limits import ChatLimits
from bot.telegram.transport.pace import Pace
from bot.telegram.transport.parsing import Incoming
from retrieval.answers import Draft
from tests.postgres import Postgres
from tests.telegram.desk import TRUCE
from tests.telegram.units.test_store import ANN, answered

pytestmark = pytest.mark.process


class Process:
    """What one process of the bot has open."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.queue = Queue(store)
        self.queue.join()
        self.journal = Journal(store, 7, self.queue)

    def put(self, number: int, chat: str = "5", *, urgent: bool = False) -> None:
        with self.store.transaction():
            assert self.journal.add(number, {"n": number})
            self.queue.put(number, chat, urgent=urgent)

    def claims(self, most: int = 64, *, urgent: bool = False, from_ended: bool = True) -> list[int]:
        found = self.queue.claim(most, urgent=urgent, from_ended=from_ended)
        return [claim.update_id for claim in found]

    def vanishes(self) -> None:
        """It is not seen for some time."""
        self.store.write("UPDATE workers SET seen = seen - 7 WHERE id = ?", self.queue.me)


Start = Callable[[], Process]


@pytest.fixture
def start(postgres_server: Postgres) -> Iterator[Start]:
    """Starts one more process of the test's bot."""
    url, opened = postgres_server.new_database(), []

    def build() -> Process:
        opened.append(Process(store_at(url)))
        return opened[-1]

    yield build
    for process in opened:
        process.store.close()


def test_a_chat_belongs_to_one_process_until_it_is_done_there(start: Start) -> None:
    one, other = start(), start()
    for number, chat in ((1, "5"), (2, "6"), (3, "5")):
        one.put(number, chat)
    assert one.claims(most=1) == [1]
    assert other.claims() == [2]
    other.put(4, "5", urgent=True)
    assert other.claims(urgent=True) == []
    one.journal.finish(1, "answered")
    assert other.claims() == [3]
    assert one.claims(urgent=True) == []
    other.journal.finish(3, "answered")
    assert one.queue.claim(9, urgent=True, from_ended=True) == [Claim(4, {"n": 4}, 0)]


def test_what_may_have_arrived_is_taken_first(start: Start) -> None:
    one = start()
    for number in (1, 2, 3):
        one.put(number)
    one.journal.plan(2, [Outgoing(5, "text")])
    one.journal.mark(2, 0, "sending", floor=8)
    assert one.claims() == [2, 1, 3]


def test_what_an_ended_process_had_is_taken_over(start: Start) -> None:
    one, other = start(), start()
    one.put(1)
    assert one.claims() == [1]
    one.journal.begin(1)
    assert other.claims() == []
    assert other.queue.beat() == [one.queue.me, other.queue.me]
    one.vanishes()
    assert other.queue.beat() == [other.queue.me]
    assert other.claims(from_ended=False) == []
    assert other.queue.claim(9, urgent=False, from_ended=True) == [Claim(1, {"n": 1}, 1)]


def test_a_process_that_lives_after_all_stores_nothing_of_what_it_lost(start: Start) -> None:
    one, other = start(), start()
    one.put(1)
    one.claims()
    one.journal.plan(1, [Outgoing(5, "one's")])
    one.vanishes()
    other.claims()
    for store in (
        lambda: one.journal.begin(1),
        lambda: one.journal.plan(1, [Outgoing(5, "again")]),
        lambda: one.journal.mark(1, 0, "sending"),
        lambda: one.journal.drop(1, 0),
        lambda: one.journal.finish(1, "answered"),
    ):
        with pytest.raises(ClaimLost, match="another process"):
            store()
    assert not one.queue.held([1])[1].mine
    assert [message.state for message in other.journal.outbox(1)] == ["waiting"]
    other.journal.finish(1, "answered")
    with pytest.raises(ClaimLost):
        one.journal.mark(1, 0, "sending")


def test_what_was_taken_over_is_no_longer_shown_while_it_is_written(start: Start) -> None:
    one, other = start(), start()
    one.put(1)
    one.claims()
    bot: ExtBot[Any] = ExtBot("1:a")
    delivery = Delivery(bot, one.journal, lambda: None, Pace())
    parts = PreviewParts(bot, delivery, one.journal, ChatLimits(), Pace())
    preview = Preview(parts, Incoming(1, "question", 6, chat_id=-5, private=False))
    preview.offer(Draft("So it", ()))
    one.vanishes()
    other.claims()
    with pytest.raises(ClaimLost):
        asyncio.run(preview.run())


def test_what_a_process_gives_back_when_it_leaves(start: Start) -> None:
    one, other = start(), start()
    for number in (1, 2):
        one.put(number, str(number))
    assert one.claims() == [1, 2]
    assert one.queue.beat() == [one.queue.me, other.queue.me]
    one.queue.give_back([2])
    one.queue.leave(running=True)
    assert one.queue.beat() == [other.queue.me]
    assert other.claims() == [2]
    one.queue.leave(running=False)
    one.queue.beat()
    assert other.claims() == [1]
    assert other.queue.beat() == [other.queue.me]


def test_an_answer_is_stopped_where_it_is_written(start: Start) -> None:
    one, other = start(), start()
    for number in (1, 2, 3):
        one.put(number, str(number))
    one.claims(most=2)
    assert [number for number, _ in other.queue.elsewhere()] == [1, 2, 3]
    assert other.queue.waiting([1, 2, 3]) == {3}
    other.queue.stop([1], keep=True)
    other.queue.stop([2], keep=False)
    held = one.queue.held([])
    assert [held[number].stop for number in (1, 2)] == [True, False]
    one.journal.finish(1, "cancelled")
    assert not other.queue.open([1])
    assert other.queue.open([1, 2])


def test_a_chat_that_takes_nothing_is_known_to_all(start: Start) -> None:
    one, other = start(), start()
    one.queue.pause(-5, 30.0)
    one.queue.pause(6, -1.0)
    [(chat, seconds)] = other.queue.pauses().items()
    assert chat == -5
    assert 0 < seconds <= 30


def test_news_of_the_bots_own_is_dealt_out_like_questions(start: Start) -> None:
    one, other = start(), start()
    number = one.journal.add_own(-5, 0, 1)
    one.journal.plan(number, [Outgoing(-5, "news")])
    one.put(2, "-5")
    assert other.claims() == [number, 2]


def test_news_is_told_once_by_whoever_is_first(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = start(), start()
    heralds = []
    for process in (one, other):
        topics, wishes = Topics(process.store), Wishes(process.store, Hours(None))
        telling = Telling(process.journal, Conversations(process.store), Access(), "bot")
        heralds.append(Herald(telling, topics, wishes, 10))
    topics.add_news(ANN, 5.0, ["wolves"], ["a"], answered("Why?").citations)
    found = topics.untold()
    assert len(heralds[0].plan(6.0)) == 1
    answers = iter([found])
    later = heralds[1].topics
    real = later.untold
    monkeypatch.setattr(later, "untold", lambda: next(answers, None) or real())
    assert heralds[1].plan(6.0) == []


def test_a_persons_limit_holds_among_all_even_when_they_are_forgotten(start: Start) -> None:
    one, other = (Quotas(process.store, 2, "secret") for process in (start(), start()))
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for update in (1, 2):
        one.count(5_123_456, update, day)
    assert not other.allows(5_123_456, 3, day)
    other.forget(5_123_456, day)
    assert not one.allows(5_123_456, 3, day)
    assert one.allows(5_123_457, 3, day)
    process = start()
    for table in ("asked", "forgotten"):
        assert "5123456" not in str(process.store.rows(f"SELECT * FROM {table}"))
    one.prune(datetime(2026, 1, 2, tzinfo=UTC))
    assert one.allows(5_123_456, 3, day)


def test_what_is_typed_goes_on_in_another_process(start: Start) -> None:
    now = 1000.0
    one, other = (SharedTyping(start().store, lambda: now) for _ in range(2))
    assert one.question(1, 10, TRUCE[:8]) == 10
    assert other.question(1, 11, TRUCE) == 10
    assert other.question(2, 12, TRUCE) == 12
    now += 61
    assert one.question(1, 13, TRUCE) == 13
    assert start().store.rows("SELECT user_id FROM typed") == [(1,)]


def test_whom_one_process_turned_away_is_not_told_by_another(start: Start) -> None:
    now = 1000.0
    one, other = (SharedRefusals(start().store, lambda: now) for _ in range(2))
    assert one.is_due(1)
    now += 3599
    assert not other.is_due(1)
    assert other.is_due(2)
    now += 1
    assert other.is_due(1)
    assert not one.is_due(1)
    assert start().store.one("SELECT count(*) FROM turned_away") == 2


def test_what_all_processes_send_to_a_chat_is_counted(start: Start) -> None:
    one, other = start().queue, start().queue
    for number in range(1, 6):
        assert number - 1 < one.reserve(5, 100.0) / 100.0 <= number
    assert 5 < other.reserve(5, 100.0) / 100.0 <= 6
    assert other.reserve(6, 100.0) <= 100.0


def test_what_is_open_is_counted_in_all_processes(start: Start) -> None:
    one, other = start(), start()
    for number in (1, 2, 3):
        one.put(number, urgent=number == 3)
    one.claims()
    for process in (one, other):
        assert process.queue.depths() == {"answers": 2, "commands": 1}


def test_another_bot_takes_nothing_of_this_ones(start: Start) -> None:
    one = start()
    one.put(1)
    Journal(one.store, 8, one.queue)
    assert one.claims() == []


def test_a_group_that_became_a_supergroup_is_one_chat(start: Start) -> None:
    one = start()
    one.journal.chats.move(-5, -1_000_000_000_005)
    number = one.journal.add_own(-1_000_000_000_005, 0, 1)
    assert one.store.one("SELECT chat FROM queue WHERE update_id = ?", number) == "-5"


class Nothing:
    """A process that works on nothing."""

    def at_work(self) -> set[int]:
        return set()

    def room(self, *, urgent: bool) -> int:
        return 0

    def admit(self, claim: Claim) -> None:
        raise AssertionError

    def abandon(self, updates: Collection[int]) -> None:
        assert not updates

    def stop_some(self, updates: Mapping[int, bool]) -> None:
        assert not updates


@pytest.mark.asyncio
async def test_nothing_new_is_sent_once_the_others_may_have_taken_over(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, limits = start(), ChatLimits()
    one.queue.leave(running=False)
    sent: list[str] = []

    async def request() -> None:
        sent.append(endpoint)

    async def send() -> None:
        await limits.process_request(request, (), {}, endpoint, {"chat_id": 5}, None)

    sharing = Sharing(Queue(one.store), limits, Pace(beat=0.01))
    part = asyncio.create_task(sharing.run(Nothing()))
    while sharing.role != "leader":
        await asyncio.sleep(0.01)
    endpoint = "sendMessage"
    await send()
    monkeypatch.setattr("bot.telegram.sharing.LEASE", 0.0)  # as if it had not been seen for longer
    with pytest.raises(ClaimLost):
        await send()
    endpoint = "editMessageText"
    await send()
    assert sent == ["sendMessage", "editMessageText"]
    part.cancel()
