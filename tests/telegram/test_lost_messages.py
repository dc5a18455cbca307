"""It is unknown whether a message arrived: it is looked for, and shown once, without a notice."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import BotApi, Room, Shown
from tests.telegram.botapi.faults import Fault, Kind
from tests.telegram.bots import BotThread, ScriptedProcess, ScriptedThread
from tests.telegram.desk import QUESTIONS, SHIP, TRUCE, asks, finished
from tests.telegram.killing import PROBES
from tests.telegram.test_journal import killed_after_delivery, settled


def ever_shown(room: Room) -> list[Shown]:
    """All messages of the bot, those deleted too."""
    return [shown for shown in room.shown.values() if shown.by_bot]


@pytest.mark.parametrize("kind", ["drop", "drop_after"])
def test_nothing_but_the_answer_is_ever_shown(bot: BotThread, api: BotApi, kind: Kind) -> None:
    api.excused += PROBES
    ann = api.person("Ann")
    asks(ann, SHIP)
    api.fail("sendMessage", kind, room=ann.private)
    answer = settled(bot, ann.private, ann.says(TRUCE))
    assert ever_shown(ann.private)[1:] == [answer]
    assert len(answer.versions) == 1


@pytest.mark.process
def test_what_others_wrote_meanwhile_does_not_hide_it(scripted_process: ScriptedProcess) -> None:
    api = scripted_process.start().api
    api.excused += PROBES
    ann = api.person("Ann")
    asked = killed_after_delivery(scripted_process, ann)
    others = [api.person(f"P{number}") for number in range(80)]
    for other in others:
        other.says("/help")
    scripted_process.start()
    answer = settled(scripted_process, ann.private, asked)
    assert finished(answer)
    assert ever_shown(ann.private) == [answer]


@pytest.mark.process
def test_what_the_bot_had_not_seen_yet_does_not_hide_it(scripted_process: ScriptedProcess) -> None:
    bot, api = scripted_process.start(), scripted_process.api
    api.excused += PROBES
    bot.answers("slowly", "It was so [1].", before=1.5)
    ann, bob = api.person("Ann"), api.person("Bob")
    poll = api.fail("getUpdates", "hang", seconds=60)
    asked = ann.says(f"{TRUCE} slowly")
    met(poll, api)
    for _ in range(12):
        bob.says("/help")
    api.fail("sendMessage", "hang_after", seconds=2, room=ann.private)
    ann.private.reply(asked)
    bot.kill()
    bot.start()
    answer = settled(bot, ann.private, asked)
    assert ever_shown(ann.private) == [answer]


@pytest.mark.process
def test_killed_while_it_looks(scripted_process: ScriptedProcess) -> None:
    bot, api = scripted_process.start(), scripted_process.api
    api.excused += PROBES
    ann = api.person("Ann")
    asked = killed_after_delivery(bot, ann)
    waiting = ann.says(QUESTIONS[1])
    for _ in range(2):
        bot.start(polling=False)
        met(api.fail("editMessageText", "hang", seconds=2), api)
        bot.kill()
        api.calm()
        api.excused += PROBES
    bot.start()
    answers = [settled(bot, ann.private, question) for question in (asked, waiting)]
    assert ever_shown(ann.private) == answers


def met(fault: Fault, api: BotApi) -> None:
    """Waits until a fault is met."""
    api.wait(lambda: fault.met, 60, "the fault met")


def test_a_search_that_cannot_end_holds_nobody_up(own_scripted: ScriptedThread) -> None:
    api = own_scripted.start().api
    api.excused += PROBES
    ann = api.person("Ann")
    api.fail("editMessageText", "drop", room=ann.private, times=10_000)
    api.fail("sendMessage", "drop", room=ann.private)
    asked = ann.says(TRUCE)
    settled(own_scripted, ann.private, asked)
    assert len(api.requested("editMessageText", ann.private)) < 10


def test_a_preview_that_was_lost_is_no_second_reply(scripted: ScriptedThread) -> None:
    api = scripted.api
    api.excused += PROBES
    scripted.answers("slowly", *["So it goes [1]. "] * 4, pause=0.2)
    ann, room = api.person("Ann"), api.group()
    api.fail("sendMessage", "drop_after", room=room)
    asked = room.said(ann, f"@newsdesk_test_bot {TRUCE} slowly")
    answer = settled(scripted, room, asked)
    assert ever_shown(room) == [answer]
