"""Edited questions, cancelled questions, and what comes twice."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import BotApi, Person, Room, Shown
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import MINSK, PEACEKEEPERS, SHIP, TRUCE, asks, finished, one_answer
from tests.telegram.killing import PROBES

ME = "@newsdesk_test_bot"
MANY = [f"Sentence number {number} [1]. " for number in range(60)]


def test_an_edited_question_has_its_answer_replaced_in_place(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished)
    before = answer.text
    ann.private.edited(asked, PEACEKEEPERS)
    api.wait(lambda: answer.text != before and finished(answer), what="another answer")
    assert "2,000" in answer.text or "1,960" in answer.text or "peacekeepers" in answer.text
    assert one_answer(ann.private, asked) is answer
    assert [version.text for version in answer.versions] == [before, answer.text]


def test_in_a_group_too(api: BotApi) -> None:
    ann, room = api.person("Ann"), api.group()
    asked = room.said(ann, f"{ME} {TRUCE}")
    answer = room.reply(asked, finished)
    before = answer.text
    room.edited(asked, f"{ME} {SHIP}")
    api.wait(lambda: answer.text != before, what="another answer")
    assert one_answer(room, asked) is answer


def test_an_edit_that_changes_nothing_changes_nothing(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished)
    ann.private.edited(asked, TRUCE)
    ann.private.edited(asked, f"  {TRUCE}")
    asks(ann, SHIP)
    assert len(answer.versions) == 1
    assert len(ann.private.from_bot) == 2


def test_a_question_edited_while_it_is_answered_has_one_answer(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", "The old answer [1].", before=1)
    api = scripted.api
    ann = api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    scripted.wait_asked("slowly")
    ann.private.edited(asked, SHIP)
    api.wait(
        lambda: any("slowly" not in note["question"] and "end" in note for note in scripted.asked),
        what="the edited question at the engine",
    )
    asks(ann, MINSK)
    answer = one_answer(ann.private, asked)
    assert "old answer" not in answer.text
    assert "[1]" in answer.text


def test_the_follow_up_to_an_edited_question_knows_what_it_became(scripted: ScriptedThread) -> None:
    api = scripted.api
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished)
    before = answer.text
    ann.private.edited(asked, SHIP)
    api.wait(lambda: answer.text != before, what="another answer")
    ann.private.reply(ann.says("Who said so?"))
    assert [turn[0] for turn in scripted.asked[-1]["history"]] == [SHIP]


def test_the_stop_button_of_a_draft(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *MANY, pause=0.2)
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    scripted.api.wait(lambda: ann.private.drafts, what="a draft")
    ann.private.stopped_draft()
    assert_stopped(scripted, ann, ann.private, asked)
    assert_kept(one_answer(ann.private, asked), ann.private.drafts[-1].text)


def test_a_draft_stopped_by_command(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *MANY, pause=0.2)
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    scripted.api.wait(lambda: ann.private.drafts, what="a draft")
    ann.says("/cancel")
    assert_stopped(scripted, ann, ann.private, asked)
    assert_kept(one_answer(ann.private, asked), ann.private.drafts[-1].text)


@pytest.mark.parametrize("way", ["command", "button"])
@pytest.mark.parametrize("place", ["private", "group"])
def test_an_answer_can_be_stopped(scripted: ScriptedThread, way: str, place: str) -> None:
    scripted.answers("slowly", *MANY, pause=0.2)
    api = scripted.api
    api.takes_drafts = False
    ann = api.person("Ann")
    room = ann.private if place == "private" else api.group()
    asked = room.said(ann, f"{ME} {TRUCE} Answer slowly.")
    shown = api.wait(
        lambda: next((s for s in room.from_bot if s.buttons), None), what="a message with Stop"
    )
    if way == "button":
        room.pressed(ann, shown, "stop")
    else:
        room.said(ann, "/cancel" if place == "private" else f"/cancel{ME}")
    assert_stopped(scripted, ann, room, asked)
    assert_kept(one_answer(room, asked), shown.versions[-2].text)


def test_what_a_stopped_answer_said_is_part_of_the_conversation(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *MANY, pause=0.2)
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    scripted.api.wait(lambda: ann.private.drafts, what="a draft")
    ann.private.stopped_draft()
    kept = ann.private.reply(asked, finished)
    press = ann.private.pressed(ann, kept, "❝ 1")
    scripted.api.wait(lambda: press in scripted.api.press_answers, what="the quote")
    ann.private.reply(ann.says("Who said so?"))
    (turn,) = scripted.asked[-1]["history"]
    assert turn[1].strip() == ann.private.drafts[-1].text


@pytest.mark.parametrize("again", ["a second stop", "the end of the process"])
def test_what_was_said_arrives_whatever_comes_between(
    own_scripted: ScriptedThread, again: str
) -> None:
    own_scripted.grace = 0.1
    bot, api = own_scripted.start(), own_scripted.api
    bot.answers("slowly", *MANY, pause=0.2)
    ann = api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    api.wait(lambda: ann.private.drafts, what="a draft")
    busy = api.fail(
        "sendMessage", "error", times=10**6, code=502,
        concerns=lambda params: "Sentence" in params["text"],
    )  # fmt: skip
    ann.private.stopped_draft()
    api.wait(lambda: busy.met, what="an attempt to send what was said")
    if again == "a second stop":
        second = ann.private.stopped_draft()
        api.wait(lambda: bot.closed(second), what="the end of the second stop")
        api.calm()
    else:
        bot.stop()
        api.calm()
        api.excused += PROBES
        bot.start()
    assert_kept(ann.private.reply(asked, finished), ann.private.drafts[-1].text)
    api.wait(lambda: bot.closed(asked.update_id), what="the end of the update")
    one_answer(ann.private, asked)


def test_a_stop_before_the_first_sentence_leaves_no_message(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *MANY, before=20)
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    scripted.wait_asked("slowly")
    said = ann.private.next(ann.says("/cancel"))
    scripted.api.wait(lambda: scripted.closed(asked.update_id), what="the end of the update")
    assert [shown.text for shown in ann.private.from_bot] == [said.text] == ["Stopped."]


def test_of_somebody_forgotten_a_stopped_answer_is_not_kept(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *MANY, pause=0.2)
    api, ann = scripted.api, scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer slowly.")
    api.wait(lambda: ann.private.drafts, what="a draft")
    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "Yes")
    api.wait(lambda: "Done" in confirmation.text, what="the deletion")
    api.wait(lambda: scripted.closed(asked.update_id), what="the end of the update")
    assert ann.private.from_bot == [confirmation]


def assert_kept(kept: Shown, said: str) -> None:
    """What was said stays, with its sources and the notice that it was stopped."""
    assert said.startswith("Sentence number 0 [1].")
    assert kept.text.startswith(f"{said}\n\nSources\n[1]")
    assert kept.text.endswith("\n\n⏹ Stopped.")
    assert any("❝ 1" in button["text"] for button in kept.buttons)


def assert_stopped(scripted: ScriptedThread, ann: Person, room: Room, asked: Shown) -> None:
    """The answer ends before it is whole, and nothing comes after it; the next one does."""
    api = scripted.api
    scripted.wait_ended("slowly")
    assert scripted.asked[-1]["end"] == "CancelledError"
    api.wait(lambda: scripted.closed(asked.update_id), what="the end of the update")
    assert not any("Stop" in b["text"] for s in room.from_bot for b in s.buttons)
    drafts, seen = len(room.drafts), [(s.id, s.text) for s in room.from_bot]
    asks(ann, f"{ME} {SHIP}", room)
    assert len(room.drafts) == drafts
    later = [s for s in room.from_bot if (s.id, s.text) not in seen]
    assert not any("Sentence" in s.text for s in later)


def test_a_question_that_waits_can_be_cancelled(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", "It took a while [1].", before=20)
    api = scripted.api
    ann = api.person("Ann")
    first = ann.says(f"{TRUCE} Answer slowly.")
    second = ann.says(SHIP)
    scripted.wait_asked("slowly")
    cancelled = ann.says("/cancel")
    ann.private.next(cancelled)
    last = ann.says(MINSK)
    ann.private.reply(last, finished)
    assert not any(finished(shown) for shown in ann.private.replies(first))
    assert ann.private.replies(second) == []


def test_nobody_else_can_stop_it(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *["Well [1]. "] * 4, pause=0.3)
    api = scripted.api
    room, ann, bob = api.group(), api.person("Ann"), api.person("Bob")
    asked = room.said(ann, f"{ME} {TRUCE} Answer slowly.")
    shown = api.wait(
        lambda: next((s for s in room.from_bot if s.buttons), None), what="a message with Stop"
    )
    press = room.pressed(bob, shown, "stop")
    api.wait(lambda: press in api.press_answers)
    room.said(bob, f"/cancel{ME}")
    assert "Well" in room.reply(asked, finished).text


def test_the_same_update_twice_has_one_effect(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    ann.private.reply(asked, finished)
    api.repeat(asked.update_id, "message", asked.raw)
    asks(ann, SHIP)
    one_answer(ann.private, asked)
    assert len(ann.private.from_bot) == 2
