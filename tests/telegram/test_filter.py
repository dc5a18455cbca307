"""/filter: what a conversation is narrowed to, for whom, and for how long."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread
from tests.telegram.desk import MINSK, PEACEKEEPERS, TRUCE, asks, finished

ME = "@newsdesk_test_bot"
NARROWED = "before:2020-10-13"
"""What stands beneath an answer, or a refusal, that a filter narrowed."""

FILTER = "/filter before:2020-10-13"
LATE = "26 October"
"""What the answer to TRUCE says that the filter keeps out."""


def test_it_narrows_the_answers_that_follow_until_it_is_ended(api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    assert "No filter stands" in ann.private.next(ann.says("/filter")).text
    shown = ann.private.next(ann.says(FILTER)).text
    assert shown.startswith("In this conversation I search only what passes before:2020-10-13 (")
    narrowed = asks(ann, TRUCE)
    assert LATE not in narrowed.text
    assert narrowed.text.count(NARROWED) == 1
    told = f"Only what passes the filter was searched: {NARROWED}"
    assert asks(ann, MINSK).text.count(told) == 1
    assert LATE in asks(bob, TRUCE).text
    assert ann.private.next(ann.says("/filter")).text == shown
    assert "has ended" in ann.private.next(ann.says("/filter off")).text
    assert LATE in asks(ann, TRUCE).text


def test_what_is_no_filter_is_told_and_changes_nothing(api: BotApi) -> None:
    ann = api.person("Ann")
    ann.private.next(ann.says(FILTER))
    assert "“truces” is no filter" in ann.private.next(ann.says("/filter truces")).text
    assert "names no day" in ann.private.next(ann.says("/filter after:soon")).text
    assert NARROWED in asks(ann, TRUCE).text


def test_a_new_conversation_has_none(api: BotApi) -> None:
    ann = api.person("Ann")
    ann.private.next(ann.says(FILTER))
    assert ann.private.next(ann.says("/new")).text.endswith("Its filter has ended.")
    assert LATE in asks(ann, TRUCE).text
    assert "filter" not in ann.private.next(ann.says("/new")).text


def test_in_a_group_it_is_of_one_person_and_stays_when_the_group_grows(api: BotApi) -> None:
    ann, bob, room = api.person("Ann"), api.person("Bob"), api.group(kind="group")
    room.next(room.said(ann, FILTER))
    assert NARROWED in asks(ann, f"{ME} {TRUCE}", room).text
    assert LATE in asks(bob, f"{ME} {TRUCE}", room).text
    assert LATE in asks(ann, TRUCE).text
    grown = room.upgraded(ann)
    assert NARROWED in asks(ann, f"{ME} {TRUCE}", grown).text


def test_a_question_that_was_asked_before_it_is_not_narrowed(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(PEACEKEEPERS)
    answer = ann.private.reply(asked, finished)
    ann.private.next(ann.says(FILTER))
    ann.private.edited(asked, TRUCE)
    api.wait(lambda: LATE in answer.text and finished(answer), what="another answer")
    assert "filter" not in answer.text


def test_it_outlives_the_process_and_is_forgotten_with_its_person(own_bot: BotThread) -> None:
    bot, api = own_bot.start(), own_bot.api
    ann = api.person("Ann")
    ann.private.next(ann.says(FILTER))
    assert bot.stop() == 0
    bot.start()
    assert NARROWED in asks(ann, TRUCE).text
    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "yes")
    api.wait(lambda: not confirmation.buttons, what="the confirmation")
    with closing(sqlite3.connect(bot.newsdesk.home / "telegram.db", timeout=30)) as store:
        assert store.execute("SELECT count(*) FROM filters").fetchone() == (0,)
