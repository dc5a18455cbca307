"""A group becomes a supergroup: another id, and messages that are numbered from 1."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import Person, Room, Shown
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import MINSK, SHIP, TRUCE, asks, finished

ME = "@newsdesk_test_bot"
SLOW = f"{ME} {TRUCE} slowly"

told = pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])


def goes_on(bot: ScriptedThread, person: Person, room: Room, answer: Shown) -> None:
    """Whether a conversation goes on in a room: buttons, replies and follow-ups."""
    room.pressed(person, answer, "❝ 1")
    room.next(answer, lambda shown: bool(shown.spans("expandable_blockquote")))
    for question in (f"{ME} Who said so?", f"{ME} Who else said so?"):
        asked = room.said(person, question)
        room.reply(asked)
        assert bot.asked[-1]["history"][0][0] == TRUCE
    room.reply(room.said(person, "And why?", reply_to=answer))
    assert bot.asked[-1]["history"][-1][0] == TRUCE


@told
@pytest.mark.parametrize("begun", [True, False], ids=["begun", "not begun"])
def test_in_mid_answer(scripted: ScriptedThread, told: bool, begun: bool) -> None:
    if begun:
        scripted.answers("slowly", *["So it goes [1]. "] * 8, pause=0.2)
    else:
        scripted.answers("slowly", "It was so [1].", before=0.5)
    ann, old = scripted.api.person("Ann"), scripted.api.group(kind="group")
    old.said(ann, SLOW)
    scripted.wait_asked("slowly")
    if begun:
        scripted.api.wait(lambda: old.from_bot, what="a preview")
    new = old.upgraded(ann, told=told)
    answer = scripted.api.wait(lambda: next(filter(finished, new.from_bot), None), what="an answer")
    goes_on(scripted, ann, new, answer)
    assert not any(finished(shown) for shown in old.from_bot)


def test_what_was_said_before(scripted: ScriptedThread) -> None:
    ann, old = scripted.api.person("Ann"), scripted.api.group(kind="group")
    first = asks(ann, f"{ME} {TRUCE}", old)
    new = old.upgraded(ann)
    scripted.answers("Who", "It was so [1].")
    asked = new.said(ann, f"{ME} Who said so?")
    new.reply(asked)
    assert [turn[0] for turn in scripted.asked[-1]["history"]] == [TRUCE]
    old.pressed(ann, first, "❝ 1")
    new.next(asked, lambda shown: bool(shown.spans("expandable_blockquote")))


def test_questions_stay_in_order(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", "It was so [1].", before=0.5)
    ann, old = scripted.api.person("Ann"), scripted.api.group(kind="group")
    for question in (SLOW, f"{ME} {SHIP}"):
        old.said(ann, question)
    scripted.wait_asked("slowly")
    new = old.upgraded(ann)
    new.reply(new.said(ann, f"{ME} {MINSK}"), finished)
    assert [[turn[0] for turn in note["history"]] for note in scripted.asked] == [
        [],
        [TRUCE],
        [TRUCE, SHIP],
    ]


def test_who_was_let_in_stays_let_in(own_scripted: ScriptedThread) -> None:
    api = own_scripted.api
    ann, old = api.person("Ann"), api.group(kind="group")
    own_scripted.told(TELEGRAM_ALLOWED_CHATS=str(old.id)).start()
    new = old.upgraded(ann)
    asks(ann, f"{ME} {TRUCE}", new)
