"""SIGTERM: what is being answered is finished or told about, and the status is 0."""

from __future__ import annotations

import signal

import pytest

from tests.telegram.bots import BotProcess, BotThread, ScriptedProcess, ScriptedThread
from tests.telegram.desk import SHIP, TRUCE, asks, finished
from tests.telegram.test_journal import settled


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


def test_a_long_answer_is_told_about(own_scripted: ScriptedThread) -> None:
    own_scripted.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    own_scripted.grace = 1.0
    api = own_scripted.start().api
    ann = api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    waiting = ann.says(SHIP)
    own_scripted.wait_asked("slowly")
    assert own_scripted.stop() == 0
    assert "interrupted" in settled(own_scripted, ann.private, asked).text.lower()
    own_scripted.start()
    ann.private.reply(waiting, finished)
    assert len(ann.private.replies(asked)) == 1


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
    settled(own_scripted, ann.private, asked)


@pytest.mark.process
def test_ctrl_c_ends_it_too(bot_process: BotProcess) -> None:
    ann = bot_process.start().api.person("Ann")
    asks(ann, TRUCE)
    bot_process.signal(signal.SIGINT)
    assert bot_process.wait(20) == 0
    assert "Traceback" not in bot_process.log
