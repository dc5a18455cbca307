"""Who is let in, how often, and what admins may do."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from bot.telegram.conversation.access import Refusals
from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread, ScriptedThread
from tests.telegram.desk import MARS, PEACEKEEPERS, SHIP, TRUCE, asks, finished

ME = "@newsdesk_test_bot"


class Club:
    """A bot that lets in a member, an admin and a room; and people in front of its door."""

    def __init__(self, bot: ScriptedThread) -> None:
        self.bot, self.api = bot, bot.api
        self.member, self.admin = self.api.person("Mia"), self.api.person("Ada")
        self.stranger = self.api.person("Sam")
        self.room, self.elsewhere = self.api.group(), self.api.group()


@pytest.fixture(scope="module")
def _club(archive, tmp_path_factory) -> Iterator[Club]:  # type: ignore[no-untyped-def]
    api = BotApi().start()
    bot = ScriptedThread.at(api, archive, tmp_path_factory.mktemp("club"))
    club = Club(bot)
    bot.told(
        TELEGRAM_ALLOWED_USERS=f"{club.member.id}, {club.admin.id}",
        TELEGRAM_ALLOWED_CHATS=str(club.room.id),
        TELEGRAM_ADMINS=str(club.admin.id),
        TELEGRAM_DAILY_QUESTIONS="4",
    )
    bot.start()
    yield club
    bot.end()
    api.stop()


@pytest.fixture
def club(_club: Club) -> Iterator[Club]:
    _club.api.violations.clear()
    _club.bot.forget_script()
    _club.stranger = _club.api.person("Sam")
    yield _club
    assert _club.api.violations == []


def test_members_rooms_and_admins_are_answered(club: Club) -> None:
    asks(club.admin, TRUCE)
    asks(club.admin, f"{ME} {TRUCE}", club.room)


def test_anybody_is_answered_in_a_room_that_is_let_in(club: Club) -> None:
    asks(club.api.person("Guest"), f"{ME} {TRUCE}", club.room)


def _message(club: Club) -> None:
    reply = club.stranger.private.next(club.stranger.says(TRUCE))
    assert str(club.stranger.id) in reply.text


def _elsewhere(club: Club) -> None:
    club.elsewhere.said(club.stranger, f"{ME} {TRUCE}")


def _edit(club: Club) -> None:
    said = club.stranger.private.said(club.stranger, "Hello")
    club.stranger.private.next(said)
    club.stranger.private.edited(said, TRUCE)


def _press(club: Club) -> None:
    answer = asks(club.admin, TRUCE)
    club.bot.forget_script()
    before = len(club.admin.private.from_bot)
    press = club.admin.private.pressed(club.stranger, answer, "❝ 1")
    club.api.wait(lambda: press in club.api.press_answers, what="the press answered")
    assert len(club.admin.private.from_bot) == before


def _inline(club: Club) -> None:
    number = club.stranger.asks_inline(TRUCE)
    assert club.stranger.inline_results(number) == []
    assert "not let in" in club.api.inline_answers[number]["button"]["text"]


def _deep_link(club: Club) -> None:
    club.stranger.private.next(club.stranger.says("/start q_V2h5Pw"))


def _business(club: Club) -> None:
    club.stranger.private.said(
        club.stranger, TRUCE, kind="business_message", business_connection_id="b1"
    )


def _command(club: Club) -> None:
    for text in (f"/ask {TRUCE}", "/sources", "/stats", "/ingest"):
        said = club.stranger.says(text)
        club.api.wait(lambda said=said: club.bot.closed(said.update_id))
    assert not any("articles" in s.text for s in club.stranger.private.from_bot)


@pytest.mark.parametrize(
    "way",
    [_message, _elsewhere, _edit, _press, _inline, _deep_link, _business, _command],
    ids=lambda way: way.__name__.strip("_"),
)
def test_strangers_cause_no_work(club: Club, way) -> None:  # type: ignore[no-untyped-def]
    way(club)
    asks(club.admin, SHIP)
    assert [note["question"] for note in club.bot.asked] == [SHIP]
    assert not any(finished(shown) for shown in club.stranger.private.from_bot)
    assert club.elsewhere.from_bot == []


def test_a_stranger_is_told_once_in_a_while(club: Club) -> None:
    said = [club.stranger.says(f"Hello {number}?") for number in range(30)]
    club.api.wait(lambda: club.bot.closed(said[-1].update_id))
    assert len(club.stranger.private.from_bot) == 1
    other = club.api.person("Sue")
    other.private.next(other.says("Hello?"), lambda shown: str(other.id) in shown.text)


def test_whom_was_told_is_remembered_for_an_hour_and_for_a_thousand() -> None:
    now = 0.0
    refusals = Refusals(lambda: now)
    assert [refusals.is_due(1), refusals.is_due(1), refusals.is_due(2)] == [True, False, True]
    now = 3599.0
    assert not refusals.is_due(1)
    now = 3601.0
    assert refusals.is_due(1)
    assert all(refusals.is_due(person) for person in range(10, 1011))
    assert refusals.is_due(1)


def test_a_group_that_is_not_let_in_is_told_its_number(club: Club) -> None:
    room = club.api.group()
    room.changed_bot(club.stranger, "left", "member")
    told = club.api.wait(lambda: room.from_bot, what="a word")
    assert str(room.id) in told[0].text
    assert "/ask" not in told[0].text


def test_daily_questions_are_counted_and_the_reset_is_told(club: Club) -> None:
    for question in itertools.islice(itertools.cycle((TRUCE, SHIP)), 4):
        asks(club.member, question)
    refusal = club.member.private.reply(club.member.says(PEACEKEEPERS))
    assert not finished(refusal)
    assert re.search(r"\d\d:\d\d|UTC|hour", refusal.text)
    asks(club.admin, PEACEKEEPERS)
    assert [note["question"] for note in club.bot.asked].count(PEACEKEEPERS) == 1
    assert club.member.private.next(club.member.says("/help")).text


def test_only_answers_are_counted(own_scripted: ScriptedThread) -> None:
    bot = own_scripted.told(TELEGRAM_DAILY_QUESTIONS="3").start()
    api, ann = bot.api, bot.api.person("Ann")
    ann.private.next(ann.says("Hello!"))
    for length in (12, 20, 30):
        assert ann.inline_results(ann.asks_inline(TRUCE[:length]))
    assert ann.inline_results(ann.asks_inline(TRUCE))
    asked = ann.says(TRUCE)
    ann.private.reply(asked, finished)
    for other in (SHIP, PEACEKEEPERS, TRUCE):
        edit = ann.private.edited(asked, other)
        api.wait(lambda edit=edit: bot.closed(edit))
    bot.answers("slowly", "It was so [1].", before=60)
    stopped = ann.says(f"{TRUCE} slowly")
    bot.wait_asked("slowly")
    ann.private.next(ann.says("/cancel"))
    api.wait(lambda: bot.closed(stopped.update_id))
    asks(ann, MARS)
    assert not finished(ann.private.reply(ann.says(SHIP)))
    number = ann.asks_inline(SHIP)
    assert ann.inline_results(number) == []
    assert "No questions left" in api.inline_answers[number]["button"]["text"]


def test_the_count_outlives_a_restart(club: Club) -> None:
    while finished(club.member.private.reply(club.member.says(SHIP))):
        continue
    assert club.bot.stop() == 0
    club.bot.start()
    assert not finished(club.member.private.reply(club.member.says(SHIP)))


def test_stats_are_for_admins(club: Club) -> None:
    stats = club.admin.private.next(club.admin.says("/stats")).text
    assert "44 articles" in stats
    denied = club.member.private.next(club.member.says("/stats")).text
    assert "articles" not in denied


NEWS = b"""---
title: Otter elected mayor of Port Lockroy
source: Antarctic Courier
published: 2021-05-04
---
An otter called Quentin was elected mayor of Port Lockroy on Tuesday with 212 votes.
"""
OTTER = "Who was elected mayor of Port Lockroy?"


@pytest.mark.process
def test_an_admins_document_is_ingested(own_bot: BotThread) -> None:
    api = own_bot.api
    ada, bob = api.person("Ada"), api.person("Bob")
    own_bot.told(TELEGRAM_ADMINS=str(ada.id)).start()
    sent = ada.private.sent_file(ada, "otter.md", NEWS, "/ingest")
    report = ada.private.reply(sent, timeout=60)
    assert "1 added" in report.text
    answer = asks(bob, OTTER)
    assert "Quentin" in answer.text
    other = NEWS.replace(b"Port Lockroy", b"Grytviken").replace(b"Quentin", b"Agatha")
    second = ada.private.sent_file(ada, "otter.md", other, "/ingest")
    assert "1 added" in ada.private.reply(second, timeout=60).text
    assert "Quentin" in asks(bob, OTTER).text
    assert "Agatha" in asks(bob, OTTER.replace("Port Lockroy", "Grytviken")).text
    again = ada.private.sent_file(ada, "otter.md", NEWS, "/ingest")
    assert "1 unchanged" in ada.private.reply(again, timeout=60).text
    third = NEWS.replace(b"Port Lockroy", b"Signy").replace(b"2021-05-04", b"5/4/2021")
    unclear = ada.private.sent_file(ada, "b.md", third, "/ingest")
    told = ada.private.reply(unclear, timeout=60).text
    assert told.startswith("b.md: 1 added, 0 updated, 0 unchanged, 0 rejected.")
    assert "two days" in told


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "content"),
    [("../../evil.md", NEWS), ("news.exe", b"MZ"), ("empty.md", b""), (".env", b"A=1")],
)
def test_odd_documents_have_one_reply(club: Club, name: str, content: bytes) -> None:
    sent = club.admin.private.sent_file(club.admin, name, content, "/ingest")
    club.admin.private.reply(sent, timeout=60)
    assert len(club.admin.private.replies(sent)) == 1
    assert not (club.bot.newsdesk.home.parent / "evil.md").exists()
    assert not (club.bot.newsdesk.home / ".env").exists()


def test_nobody_else_ingests(club: Club) -> None:
    sent = club.member.private.sent_file(club.member, "otter.md", NEWS, "/ingest")
    club.member.private.reply(sent)
    assert club.api.requested("getFile") == [] or all(
        r.params["file_id"] != sent.raw["document"]["file_id"]
        for r in club.api.requested("getFile")
    )


LIMITS = ("TELEGRAM_ALLOWED_USERS", "TELEGRAM_DAILY_QUESTIONS", "NEWSDESK_DAILY_BUDGET_USD")
NEAR = ("http://127.0.0.1:9/v1", "http://[::1]:9/v1", "http://localhost:9/v1")


def test_a_bot_that_anybody_may_run_into_costs_warns_at_its_start(own_bot: BotThread) -> None:
    own_bot.told(OPENAI_API_KEY="sk-x").start()
    [warning] = [line for line in own_bot.log_lines if line["level"] == "warning"]
    assert all(name in warning["message"] for name in LIMITS)
    own_bot.end()
    own_bot.log_file.unlink()
    own_bot.told(TELEGRAM_ALLOWED_USERS="7").start()
    assert "may cost you money" not in own_bot.log


def test_check_warns_of_it_too(own_bot: BotThread, no_proxies: None) -> None:
    def warned(**settings: str) -> bool:
        return "Warning  Everybody" in told.told(**settings)("telegram", "--check").stdout

    told = own_bot.newsdesk.told(HTTPS_PROXY="http://127.0.0.1:9")
    assert not warned()
    assert warned(OPENAI_API_KEY="sk-x")
    assert warned(NEWSDESK_MODEL="xai:grok")
    assert not any(warned(OPENAI_API_KEY="sk-x", **{name: "7"}) for name in LIMITS)
    assert not any(warned(OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=url) for url in NEAR)
