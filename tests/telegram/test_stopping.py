"""SIGTERM: what is being answered is finished or told about, and the status is 0."""

from __future__ import annotations

import signal
import time

from tests.telegram.bot_process import BotProcess, Scripted
from tests.telegram.desk import SHIP, TRUCE, asks, finished
from tests.telegram.test_journal import settled


def test_an_idle_bot_ends_at_once(own_bot: BotProcess) -> None:
    own_bot.start()
    begun = time.monotonic()
    assert own_bot.stop() == 0
    assert time.monotonic() - begun < 8  # half of the longest poll


def test_a_short_answer_is_finished(own_scripted: Scripted) -> None:
    own_scripted.answers("slowly", "It was so [1].", before=2)
    ann = own_scripted.start().api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    own_scripted.wait_asked("slowly")
    assert own_scripted.stop() == 0
    assert "It was so" in settled(own_scripted, ann.private, asked).text


def test_a_long_answer_is_told_about(own_scripted: Scripted) -> None:
    own_scripted.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    api = own_scripted.start().api
    ann = api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    waiting = ann.says(SHIP)
    own_scripted.wait_asked("slowly")
    begun = time.monotonic()
    assert own_scripted.stop() == 0
    assert time.monotonic() - begun < 20
    assert "interrupted" in settled(own_scripted, ann.private, asked).text.lower()
    own_scripted.start()
    ann.private.reply(waiting, finished)
    assert len(ann.private.replies(asked)) == 1


def test_a_second_signal_hurries_and_loses_nothing(own_scripted: Scripted) -> None:
    own_scripted.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    ann = own_scripted.start().api.person("Ann")
    asked = ann.says(f"{TRUCE} slowly")
    own_scripted.wait_asked("slowly")
    own_scripted.signal(signal.SIGTERM)
    time.sleep(0.5)
    begun = time.monotonic()
    own_scripted.signal(signal.SIGTERM)
    assert own_scripted.wait(20) == 0
    assert time.monotonic() - begun < 6
    settled(own_scripted, ann.private, asked)


def test_ctrl_c_ends_it_too(own_bot: BotProcess) -> None:
    ann = own_bot.start().api.person("Ann")
    asks(ann, TRUCE)
    own_bot.signal(signal.SIGINT)
    assert own_bot.wait(20) == 0
    assert "Traceback" not in own_bot.log
