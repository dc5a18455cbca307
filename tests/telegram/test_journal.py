"""A process that is killed loses no question, and answers none twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.telegram.botapi import Person, Room, Shown
from tests.telegram.bots import Bot, ScriptedProcess
from tests.telegram.desk import QUESTIONS, SHIP, TRUCE, asks, finished
from tests.telegram.killing import PROBES, Killing


def settled(bot: Bot, room: Room, question: Shown, timeout: float = 60) -> Shown:
    """The one reply to a question that says how it ended, once the bot is done with it."""
    room.reply(question, ended, timeout)
    bot.api.wait(lambda: bot.closed(question.update_id), timeout, "the end of the update")
    replies = room.replies(question)
    assert len(replies) == 1, replies
    assert ended(replies[0])
    return replies[0]


def ended(shown: Shown) -> bool:
    """Whether it is an answer, or the notice that there will be none."""
    return finished(shown) or "interrupted" in shown.text.lower()


pytestmark = pytest.mark.process


def killed_before_it_began(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.kill()
    return ann.says(TRUCE)


def killed_while_thinking(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.answers("slowly", "It was so [1].", before=1.5)
    asked = ann.says(f"{TRUCE} slowly")
    bot.wait_asked("slowly")
    bot.kill()
    return asked


def killed_while_drafting(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.answers("slowly", *["So it goes [1]. "] * 8, pause=0.5)
    asked = ann.says(f"{TRUCE} slowly")
    bot.api.wait(lambda: ann.private.drafts, what="a draft")
    bot.kill()
    return asked


def killed_while_editing(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.api.takes_drafts = False
    bot.answers("slowly", *["So it goes [1]. "] * 8, pause=0.5)
    asked = ann.says(f"{TRUCE} slowly")
    bot.api.wait(lambda: ann.private.from_bot, what="a preview")
    bot.kill()
    return asked


def killed_before_editing(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.api.takes_drafts = False
    bot.answers("slowly", *["So it goes [1]. "] * 8, pause=0.5)
    bot.api.fail("sendMessage", "hang_after", seconds=2)
    asked = ann.says(f"{TRUCE} slowly")
    bot.api.wait(lambda: ann.private.replies(asked), what="a preview")
    bot.kill()
    return asked


def killed_before_delivery(bot: ScriptedProcess, ann: Person) -> Shown:
    fault = bot.api.fail("sendMessage", "hang", seconds=2)
    asked = ann.says(TRUCE)
    bot.api.wait(lambda: fault.met, what="the answer sent")
    bot.kill()
    return asked


def killed_after_delivery(bot: ScriptedProcess, ann: Person) -> Shown:
    bot.api.fail("sendMessage", "hang_after", seconds=2)
    asked = ann.says(TRUCE)
    ann.private.reply(asked)
    bot.kill()
    return asked


@pytest.mark.parametrize(
    "kill",
    [
        killed_before_it_began,
        killed_while_thinking,
        killed_while_drafting,
        killed_while_editing,
        killed_before_editing,
        killed_before_delivery,
        killed_after_delivery,
    ],
    ids=lambda kill: kill.__name__,
)
def test_each_question_has_one_answer_or_notice(
    scripted_process: ScriptedProcess, kill: Callable[[ScriptedProcess, Person], Shown]
) -> None:
    bot = scripted_process.start()
    bot.api.excused += PROBES
    ann = bot.api.person("Ann")
    first = ann.says(SHIP)
    before = ann.private.reply(first, finished)
    asked = kill(bot, ann)
    waiting = ann.says(f"{QUESTIONS[1]}")
    bot.start()
    settled(bot, ann.private, asked)
    settled(bot, ann.private, waiting)
    assert ann.private.replies(first) == [before]
    assert [s for s in ann.private.from_bot if s.reply_to is None] == []


def test_killed_at_random_again_and_again(scripted_process: ScriptedProcess) -> None:
    tally = Killing(scripted_process, seed=20201026).run(rounds=2)
    assert tally.once == tally.asked, tally
    assert tally.notices <= 1, tally


def test_killed_twice_in_a_row_it_answers_all_the_same(scripted_process: ScriptedProcess) -> None:
    bot = scripted_process.start()
    ann = bot.api.person("Ann")
    asked = killed_again_and_again(bot, ann, 2)
    bot.answers("slowly", "It was so [1].")
    bot.start()
    assert finished(settled(bot, ann.private, asked))


def test_a_question_that_kills_is_not_asked_for_ever(scripted_process: ScriptedProcess) -> None:
    bot = scripted_process.start()
    bot.api.excused += PROBES
    bot.api.takes_drafts = False
    ann = bot.api.person("Ann")
    asked = killed_again_and_again(bot, ann, 2)
    with closing(sqlite3.connect(bot.newsdesk.home / "telegram.db")) as journal, journal:
        journal.execute("UPDATE updates SET attempts = 10 WHERE outcome IS NULL")
    bot.start()
    assert "interrupted" in settled(bot, ann.private, asked).text.lower()
    asks(ann, SHIP)


def killed_again_and_again(bot: ScriptedProcess, ann: Person, times: int) -> Shown:
    """Ann's question, and so many kills while it is being answered. The bot is down then."""
    asked = ann.says(f"{TRUCE} slowly")
    for number in range(times):
        bot.forget_script()
        bot.answers("slowly", "So it goes [1].", "Never.", pause=60)
        if number:
            bot.start(polling=False)
        bot.wait_asked("slowly", 60)
        bot.api.wait(lambda: ann.private.drafts or ann.private.from_bot, what="a preview")
        bot.kill()
    return asked


def test_what_comes_twice_across_a_restart_has_one_effect(
    scripted_process: ScriptedProcess,
) -> None:
    api = scripted_process.start().api
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished)
    press = ann.private.pressed(ann, answer, "❝ 1")
    api.wait(lambda: press in api.press_answers)
    ann.private.next(answer)
    assert scripted_process.stop() == 0
    scripted_process.start()
    api.repeat(asked.update_id, "message", asked.raw)
    press = ann.private.pressed(ann, answer, "❝ 1")
    api.wait(lambda: press in api.press_answers)
    asks(ann, SHIP)
    assert len(ann.private.from_bot) == 3
