"""Several processes of one bot share a database: what holds within one holds among all."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from bot.telegram import sharing
from bot.telegram.service import Service
from bot.telegram.storage import queue
from bot.telegram.transport.parsing import Incoming
from retrieval.errors import ArchiveUnreadable
from tests import postgres
from tests.chroma_kit import ServerProcess
from tests.conftest import Newsdesk
from tests.monitoring.prometheus import figures
from tests.postgres import Postgres
from tests.telegram.botapi import BotApi
from tests.telegram.desk import MINSK, SHIP, TRUCE, asks, finished, one_answer
from tests.telegram.fleet import Fleet, Massacre, Member, ThreadMember, serve
from tests.telegram.test_following import HARBOUR

pytestmark = pytest.mark.process

ME = "@newsdesk_test_bot"
SLOW = f"{ME} {TRUCE} slowly"

Threads = Fleet[ThreadMember]
Processes = Fleet[Member]


@pytest.fixture(scope="session")
def served(archive: Newsdesk, postgres_server: Postgres, chroma_server: ServerProcess) -> str:
    """The address of a database with the sample archive: to be copied, not opened."""
    url = postgres_server.new_database()
    serve(archive, url, chroma_server.url)
    return url


@pytest.fixture
def threads(
    own_api: BotApi, tmp_path: Path, postgres_server: Postgres, served: str,
    chroma_server: ServerProcess,
) -> Iterator[Threads]:  # fmt: skip
    """Behind one webhook, not started yet."""
    url = postgres_server.new_database(like=served)
    with Fleet(ThreadMember, own_api, tmp_path, url, chroma_server.url) as fleet:
        yield fleet


@pytest.fixture
def build(
    own_api: BotApi, tmp_path: Path, postgres_server: Postgres, served: str,
    chroma_server: ServerProcess,
) -> Iterator[Callable[..., Processes]]:  # fmt: skip
    """Builds processes that can be killed."""
    fleets: list[Processes] = []

    def make(*, webhook: bool) -> Processes:
        url = postgres_server.new_database(like=served)
        fleets.append(Fleet(Member, own_api, tmp_path, url, chroma_server.url, webhook=webhook))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.__exit__()


@pytest.mark.timeout(420)
def test_each_question_has_one_answer_whichever_process_is_killed(
    build: Callable[..., Processes],
) -> None:
    tally = Massacre(build(webhook=True).start(3), chats=12).run(seconds=20, every=6)
    assert tally.kills == 3
    assert tally.once == tally.asked, tally
    assert tally.disordered == 0, tally


def test_what_one_process_writes_is_waited_for_by_all(threads: Threads) -> None:
    one, other = threads.start(2).members
    one.answers("slowly", "It took a while [1].", before=1)
    api = threads.api
    room, ann, bob = api.group(), api.person("Ann"), api.person("Bob")
    threads.deliver_to(one)
    first = room.said(ann, SLOW)
    one.wait_asked("slowly")
    threads.deliver_to(other)
    second = room.said(ann, f"{ME} {SHIP}")
    asks(bob, TRUCE)
    threads.settle(first, second)
    assert one_answer(room, first).id < one_answer(room, second).id
    asked = [note for note in one.asked if note["question"] != TRUCE]
    assert [len(note["history"]) for note in asked] == [0, 1]


def test_what_could_not_be_begun_is_not_overtaken(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    [member] = threads.start(1).members
    put, tried = Service._put, []

    def put_later(service: Service, item: Incoming) -> None:
        tried.append(item.update_id)
        if len(tried) == 1:
            raise ArchiveUnreadable("the database fails just now")
        put(service, item)

    monkeypatch.setattr(Service, "_put", put_later)
    ann = threads.api.person("Ann")
    first = ann.says(TRUCE)
    threads.api.wait(lambda: tried, what="a first attempt")
    second = ann.says(SHIP)
    threads.settle(first, second)
    assert one_answer(ann.private, first).id < one_answer(ann.private, second).id
    assert "no updates can be taken" in member.log


def test_what_cannot_be_begun_keeps_nobody_else_waiting(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    [member] = threads.start(1).members
    put, ann, bob = Service._put, threads.api.person("Ann"), threads.api.person("Bob")

    def put_others(service: Service, item: Incoming) -> None:
        if item.user_id == ann.id:
            raise ArchiveUnreadable("the database fails just now")
        put(service, item)

    monkeypatch.setattr(Service, "_put", put_others)
    ann.says(TRUCE)
    threads.api.wait(lambda: "no updates can be taken" in member.log, what="a first attempt")
    asks(bob, SHIP)


def test_an_answer_is_stopped_from_whichever_process_hears_of_it(threads: Threads) -> None:
    one, other = threads.start(2).members
    one.answers("slowly", "It took a while [1].", before=3600)
    api = threads.api
    room, ann = api.group(), api.person("Ann")
    threads.deliver_to(one)
    asked, waiting = room.said(ann, SLOW), room.said(ann, f"{ME} {SHIP}")
    one.wait_asked("slowly")
    threads.deliver_to(other)
    assert "Stopped" in room.reply(room.said(ann, f"/cancel{ME}")).text
    threads.settle(asked, waiting)
    one.wait_ended("slowly")
    assert room.replies(asked) == room.replies(waiting) == []


def test_who_is_forgotten_in_one_chat_is_answered_nowhere(threads: Threads) -> None:
    one, other = threads.start(2).members
    one.answers("slowly", "It took a while [1].", before=3600)
    api = threads.api
    room, ann = api.group(), api.person("Ann")
    threads.deliver_to(one)
    asked = room.said(ann, SLOW)
    one.wait_asked("slowly")
    threads.deliver_to(other)
    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "yes")
    api.wait(lambda: not confirmation.buttons, what="the confirmation")
    assert threads.closed(asked)
    one.wait_ended("slowly")
    for table in ("turns", "answers", "queue"):
        assert threads.rows(f"SELECT * FROM {table}") == []


def test_a_persons_daily_questions_are_counted_among_all(threads: Threads) -> None:
    members = threads.told(TELEGRAM_DAILY_QUESTIONS="2").start(2).members
    ann = threads.api.person("Ann")
    for member, question in zip(members, (TRUCE, SHIP), strict=True):
        threads.deliver_to(member)
        asks(ann, question)
    for member in members:
        threads.deliver_to(member)
        assert "limit" in ann.private.reply(ann.says(MINSK)).text


def test_who_may_not_ask_is_told_once_by_all(threads: Threads) -> None:
    threads.told(TELEGRAM_ALLOWED_USERS="1").start(2)
    ann = threads.api.person("Ann")
    said = []
    for member in threads.members:
        threads.deliver_to(member)
        said.append(ann.says(TRUCE))
        threads.settle(*said)
    assert len(ann.private.from_bot) == 1


def test_each_process_shows_what_waits_in_all_and_the_size_of_the_database(
    threads: Threads,
) -> None:
    ada = threads.api.person("Ada")
    one, _ = threads.told(TELEGRAM_ADMINS=str(ada.id)).start(2).members
    one.answers("slowly", "It took a while [1].", before=3600)
    threads.deliver_to(one)
    threads.api.person("Ann").says(SLOW)
    one.wait_asked("slowly")
    for member in threads.members:
        with httpx.Client(base_url=member.listens.removesuffix("/hook"), trust_env=False) as http:
            shown = figures(http)
        assert shown['newsdesk_queue_depth{queue="answers"}'] == 1
        assert shown["newsdesk_journal_oldest_open_seconds"] > 0
        threads.deliver_to(member)
        said = ada.says("/stats")
        stats = ada.private.next(said, lambda shown: "Disk used" in shown.text).text
        used = re.search(r"Disk used: (\d+\.\d) MB, of which questions and answers (\d\.\d)", stats)
        assert used, stats
        assert float(used[1]) > float(used[2]) > 0


def test_a_process_that_ends_leaves_the_webhook_to_the_others(threads: Threads) -> None:
    one, other = threads.start(2).members
    hook = threads.api.webhook
    assert one.stop() == 0
    assert threads.api.webhook == hook
    threads.deliver_to(other)
    asks(threads.api.person("Ann"), TRUCE)
    assert threads.api.requested("deleteWebhook") == []


def test_what_was_left_open_in_a_file_that_was_copied_is_answered(threads: Threads) -> None:
    [member] = threads.start(1).members
    assert member.stop() == 0
    asked = threads.api.person("Ann").says(TRUCE)
    update = json.dumps({"update_id": asked.update_id, "message": asked.raw})
    threads.rows(
        f"INSERT INTO updates (id, received, raw) VALUES ({asked.update_id}, 1, '{update}') "
        "RETURNING id"
    )
    threads.launch(member)
    threads.settle(asked)
    room = threads.api.rooms[asked.chat_id]
    assert finished(one_answer(room, asked))


def test_news_is_told_once(threads: Threads) -> None:
    threads.told(TELEGRAM_QUIET="off")  # by default nothing is told from 22 to 7
    leader, other = sorted(threads.start(2).members, key=lambda one: "leads" not in one.log)
    ann = threads.api.person("Ann")
    threads.deliver_to(other)
    ann.private.reply(ann.says("/follow strike in the port of Velm"))
    file = threads.folder / "harbour.md"
    file.write_text(f"---\ntitle: {HARBOUR[0]}\n---\n{HARBOUR[1]}\n")
    with leader.resting():
        done = leader.newsdesk("ingest", file)
        assert done.returncode == 0, done.stderr
    told = threads.api.wait(
        lambda: [shown for shown in ann.private.from_bot if "nine days" in shown.text], 30
    )
    assert leader.stop() == 0
    threads.api.wait(lambda: "this process leads" in other.log)
    asks(ann, SHIP)
    assert [shown for shown in ann.private.from_bot if "nine days" in shown.text] == told
    assert len(told) == 1


def test_a_process_that_is_told_to_stop_hands_over_at_once(threads: Threads) -> None:
    one, other = threads.add(), threads.add()
    one.grace = 0.1
    for member in (one, other):
        threads.launch(member)
        threads.wait_ready(member)
    one.answers("slowly", "It took a while [1].", before=3600)
    threads.deliver_to(one)
    ann = threads.api.person("Ann")
    asked, waiting = ann.says(SLOW), ann.says(SHIP)
    one.wait_asked("slowly")
    one.forget_script()
    threads.deliver_to(other)
    assert one.stop() == 0
    ann.private.reply(waiting, finished, timeout=5)
    threads.settle(asked, waiting)
    assert finished(one_answer(ann.private, asked))
    assert "this process leads" in other.log


def test_a_process_that_stands_still_is_replaced_and_answers_nothing_twice(
    build: Callable[..., Processes],
) -> None:
    fleet = build(webhook=True).start(2)
    fleet.api.excused += ["message to edit not found", "message is not modified"]
    fleet.api.takes_drafts = False
    one, other = fleet.members
    one.answers("slowly", *["So it goes [1]. "] * 9, pause=0.5)
    ann = fleet.api.person("Ann")
    fleet.deliver_to(one)
    asked = ann.says(SLOW)
    fleet.api.wait(lambda: ann.private.from_bot, what="a preview")
    one.signal(signal.SIGSTOP)
    fleet.deliver_to(other)
    try:
        fleet.settle(asked, timeout=30)
    finally:
        one.signal(signal.SIGCONT)
    fleet.api.wait(lambda: "taken over" in one.log, 30, lambda: f"a loss; {fleet.logs}")
    asks(ann, SHIP)
    assert finished(one_answer(ann.private, asked))


def test_a_process_with_much_to_do_is_not_replaced(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sharing, queue):
        monkeypatch.setattr(module, "LEASE", 2.5)
    one, other = threads.start(2).members
    one.answers("slowly", "It took a while [1].", before=3600)
    threads.deliver_to(one)
    asked = threads.api.person("Ann").says(SLOW)
    one.wait_asked("slowly")
    owner = threads.owner(asked)
    threads.deliver_to(other)
    done = threading.Event()
    assert one.loop is not None
    one.loop.call_soon_threadsafe(done.wait, 60)
    try:
        [(begun,)] = threads.rows(f"SELECT seen FROM workers WHERE id = {owner}")
        asks(threads.api.person("Bob"), TRUCE)
        threads.api.wait(
            lambda: threads.rows(
                f"SELECT 1 FROM workers WHERE id = {owner} AND seen > {begun} + 4"
            ),
            what="a process that shows that it lives",
        )
        assert threads.owner(asked) == owner
    finally:
        done.set()


def test_one_process_fetches_and_another_goes_on_when_it_is_killed(
    build: Callable[..., Processes],
) -> None:
    fleet = build(webhook=False).start(2)
    leader, other = sorted(fleet.members, key=lambda member: "leads" not in member.log)
    assert "polling" not in other.log
    ann = fleet.api.person("Ann")
    leader.answers("slowly", "It took a while [1].", before=3600)
    asked = ann.says(SLOW)
    leader.wait_asked("slowly")
    leader.forget_script()
    leader.kill()
    waiting = ann.says(SHIP)
    fleet.settle(asked, waiting, timeout=30)
    assert finished(one_answer(ann.private, asked))
    assert finished(one_answer(ann.private, waiting))
    assert "polling" in other.log


def test_a_database_that_is_started_anew_is_no_reason_to_lose_anything(
    own_api: BotApi, archive: Newsdesk, tmp_path: Path, chroma_server: ServerProcess
) -> None:
    with postgres.running(safe=True) as server, ExitStack() as stack:
        url = server.new_database()
        serve(archive, url, chroma_server.url)
        fleet = stack.enter_context(Fleet(ThreadMember, own_api, tmp_path, url, chroma_server.url))
        own_api.excused += ["message to edit not found", "message is not modified"]
        one, _ = fleet.start(2).members
        one.answers("slowly", *["So it goes [1]. "] * 4, pause=0.3)
        people = [own_api.person(f"P{number}") for number in range(6)]
        begun = [person.says(SLOW) for person in people]
        one.wait_asked("slowly")
        server.stop("immediate")
        meanwhile = [person.says(SHIP) for person in people]
        server.start()
        fleet.settle(*begun, *meanwhile)
        for person, *questions in zip(people, begun, meanwhile, strict=True):
            first, second = (one_answer(person.private, question) for question in questions)
            assert finished(first)
            assert finished(second)
            assert first.id < second.id
