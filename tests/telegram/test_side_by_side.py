"""What goes on while a long answer is being written: others' questions, and commands."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import Person, Room, Shown
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import MINSK, SHIP, TRUCE, asks, finished

ME = "@newsdesk_test_bot"
SLOW = f"{ME} {TRUCE} slowly"


@pytest.fixture
def slow(scripted: ScriptedThread) -> ScriptedThread:
    """The bot, which takes an hour for a question with the word "slowly"."""
    scripted.answers("slowly", "It took a while [1].", before=3600)
    return scripted


def cancels(bot: ScriptedThread, person: Person, room: Room) -> None:
    room.said(person, f"/cancel{ME}")
    bot.wait_ended("slowly")


def test_in_a_group_nobody_waits_for_somebody_elses_answer(slow: ScriptedThread) -> None:
    api = slow.api
    room, ann, bob = api.group(), api.person("Ann"), api.person("Bob")
    room.said(ann, SLOW)
    slow.wait_asked("slowly")
    asks(bob, f"{ME} {SHIP}", room)
    room.reply(room.said(bob, f"/help{ME}"))
    room.reply(room.said(ann, f"/help{ME}"))
    cancels(slow, ann, room)


@pytest.mark.parametrize("command", ["/start", "/help", "/sources", "/new", "/privacy", "/what"])
def test_a_command_is_answered_while_an_answer_is_written(
    slow: ScriptedThread, command: str
) -> None:
    ann = slow.api.person("Ann")
    ann.says(SLOW)
    slow.wait_asked("slowly")
    ann.private.reply(ann.says(command))
    cancels(slow, ann, ann.private)


def test_a_command_is_answered_however_many_answers_are_written(slow: ScriptedThread) -> None:
    api = slow.api
    people = [api.person(f"P{number}") for number in range(70)]
    for person in people:
        person.says(SLOW)
    api.wait(lambda: len(slow.asked) >= 64, what="as many answers as are written at once")
    last = people[-1]
    last.private.reply(last.says("/help"))
    for person in reversed(people):
        person.private.reply(person.says("/cancel"))
    assert all("end" in note for note in slow.asked)


def test_a_persons_questions_are_answered_in_order(scripted: ScriptedThread) -> None:
    api = scripted.api
    scripted.answers("slowly", "It took a while [1].", before=0.5)
    room, ann = api.group(), api.person("Ann")
    asked = [room.said(ann, question) for question in (SLOW, f"{ME} {SHIP}", f"{ME} {MINSK}")]
    answers = [room.reply(question, finished) for question in asked]
    assert [answer.id for answer in answers] == sorted(answer.id for answer in answers)
    assert [len(note["history"]) for note in scripted.asked] == [0, 1, 2]


def test_what_was_asked_before_new_is_not_remembered_after_it(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", "It took a while [1].", before=0.5)
    ann = scripted.api.person("Ann")
    slow: list[Shown] = [ann.says(f"{TRUCE} slowly"), ann.says(f"{SHIP} slowly")]
    scripted.wait_asked("slowly")
    ann.private.reply(ann.says("/new"))
    for question in slow:
        ann.private.reply(question, finished)
    asks(ann, MINSK)
    asks(ann, TRUCE)
    histories = [[turn[0] for turn in note["history"]] for note in scripted.asked]
    assert histories == [[], [TRUCE], [], [MINSK]]
