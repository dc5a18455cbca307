"""SIGTERM: what is being answered is finished, or answered after the restart; the status is 0."""

from __future__ import annotations

import signal

import pytest

from tests.telegram.bots import BotProcess, BotThread, ScriptedProcess, ScriptedThread
from tests.telegram.desk import SHIP, TRUCE, asks, finished
from tests.telegram.test_journal import settled

ME = "@newsdesk_test_bot"


@pytest.mark.process
def test_sigterm_finishes_a_short_answer(scripted_process: ScriptedProcess) -> None:
    scripted_process.answers("slowly", "It was so [1].", before=1)
    ann = scripted_process.start().api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    scripted_process.wait_asked("slowly")
    assert scripted_process.stop() == 0
    assert "It was so" in settled(scripted_process, ann.private, asked).text


def test_an_idle_bot_ends_before_its_poll_does(own_bot: BotThread) -> None:
    own_bot.poll = 60
    own_bot.start()
    assert own_bot.stop(timeout=30) == 0


@pytest.mark.parametrize("place", ["private", "group"])
def test_a_long_answer_is_given_after_the_restart(own_scripted: ScriptedThread, place: str) -> None:
    own_scripted.grace = 0.1
    bot, api = own_scripted.start(), own_scripted.api
    bot.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    ann = api.person("Ann")
    room = ann.private if place == "private" else api.group()
    asked = room.said(ann, f"{ME} {TRUCE} slowly")
    waiting = room.said(ann, f"{ME} {SHIP}")
    api.wait(lambda: room.drafts or room.from_bot, what="a preview")
    assert bot.stop() == 0
    bot.answers("slowly", "It was so [1].")
    bot.start()
    assert "It was so" in settled(bot, room, asked).text
    assert finished(settled(bot, room, waiting))
    assert len(room.from_bot) == 2


def test_told_to_stop_twice_it_hurries_and_loses_nothing(own_scripted: ScriptedThread) -> None:
    own_scripted.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    own_scripted.grace = 600.0
    ann = own_scripted.start().api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    own_scripted.wait_asked("slowly")
    own_scripted.ask_to_stop()
    own_scripted.api.wait(lambda: "stopping" in own_scripted.log, what="the first word heard")
    own_scripted.ask_to_stop()
    assert own_scripted.wait(30) == 0
    own_scripted.answers("slowly", "It was so [1].")
    own_scripted.start()
    assert finished(settled(own_scripted, ann.private, asked))


@pytest.mark.process
def test_ctrl_c_ends_it_too(bot_process: BotProcess) -> None:
    ann = bot_process.start().api.person("Ann")
    asks(ann, TRUCE)
    bot_process.signal(signal.SIGINT)
    assert bot_process.wait(20) == 0
    assert "Traceback" not in bot_process.log
