"""Answers while they are written: drafts in private chats, edits in groups, and the end of both."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.telegram.botapi import Room, Shown, units
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import TRUCE, asks, finished, one_answer

ME = "@newsdesk_test_bot"
PARTS = [f"This is sentence number {number} [1]. " for number in range(24)]
WHOLE = "".join(PARTS).strip()


def test_a_private_answer_grows_in_drafts(scripted: ScriptedThread) -> None:
    scripted.answers("grow", *PARTS, pause=0.05)
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Let it grow.")
    answer = ann.private.reply(asked, finished)
    drafts = ann.private.drafts
    assert len(drafts) >= 3
    assert len({draft.draft_id for draft in drafts}) == 1
    assert scripted.pauses.count(1.1) >= len(drafts) - 1
    for one, two in pairwise(drafts):
        assert two.text.startswith(one.text)
        assert two.text != one.text
    assert answer.text.startswith(WHOLE)
    assert one_answer(ann.private, asked) is answer
    assert len(answer.versions) == 1
    assert all(draft.at < answer.at for draft in drafts)


@pytest.mark.parametrize("empty", ["taken", "refused"])
def test_before_a_slow_first_sentence_it_is_thinking(
    own_scripted: ScriptedThread, empty: str
) -> None:
    own_scripted.thinking = 0.0
    bot, api = own_scripted.start(), own_scripted.api
    bot.answers("grow", *PARTS[:3], before=0.3, pause=0.1)
    if empty == "refused":
        api.excused.append("text is empty")
        api.fail(
            "sendMessageDraft", times=9, code=400, description="Bad Request: text is empty",
            concerns=lambda params: not params.get("text"),
        )  # fmt: skip
    ann = api.person("Ann")
    asked = ann.says(f"{TRUCE} Let it grow.")
    ann.private.reply(asked, finished)
    shown = [draft.text for draft in ann.private.drafts]
    assert shown.count("") == (empty == "taken")
    assert shown[-1].startswith(PARTS[0].strip())
    tried = [not request.params.get("text") for request in api.requested("sendMessageDraft")]
    assert tried == [True] + [False] * (len(tried) - 1)
    one_answer(ann.private, asked)


def test_before_a_quick_answer_it_is_not(own_scripted: ScriptedThread) -> None:
    bot = own_scripted.start()
    bot.answers("grow", *PARTS[:3], pause=0.1)
    ann = own_scripted.api.person("Ann")
    ann.private.reply(ann.says(f"{TRUCE} Let it grow."), finished)
    assert ann.private.drafts
    assert all(draft.text for draft in ann.private.drafts)


def test_in_a_group_it_is_never(own_scripted: ScriptedThread) -> None:
    own_scripted.thinking = 0.0
    bot, api = own_scripted.start(), own_scripted.api
    bot.answers("grow", *PARTS[:3], before=0.1)
    ann, room = api.person("Ann"), api.group()
    room.reply(room.said(ann, f"{ME} {TRUCE} Let it grow."), finished)
    assert api.requested("sendMessageDraft") == []


def test_where_drafts_are_refused_it_is_edited(scripted: ScriptedThread) -> None:
    scripted.answers("grow", *PARTS, pause=0.05)
    scripted.api.takes_drafts = False
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Let it grow.")
    assert_grown(scripted, ann.private.reply(asked, finished), apart=1.1)
    one_answer(ann.private, asked)


def test_in_a_group_it_is_edited(scripted: ScriptedThread) -> None:
    scripted.answers("grow", *PARTS, pause=0.05)
    ann, room = scripted.api.person("Ann"), scripted.api.group()
    asked = room.said(ann, f"{ME} {TRUCE} Let it grow.")
    assert_grown(scripted, room.reply(asked, finished), apart=3.1)
    one_answer(room, asked)
    assert room.drafts == []


def test_what_is_stored_is_the_final_text(scripted: ScriptedThread) -> None:
    scripted.answers("grow", *PARTS, pause=0.05)
    ann = scripted.api.person("Ann")
    ann.private.reply(ann.says(f"{TRUCE} Let it grow."), finished)
    ann.private.reply(ann.says("Who said so?"))
    assert [turn[1].strip() for turn in scripted.asked[-1]["history"]] == [WHOLE]


def test_a_long_draft_stays_within_the_limit(scripted: ScriptedThread) -> None:
    scripted.answers(
        "grow", *["A sentence of a longer answer is this one [1]. " * 40] * 5, pause=0.3
    )
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Let it grow.")
    ann.private.reply(asked)
    ann.private.next(asked, finished)
    assert ann.private.drafts
    assert all(units(draft.text) <= 4096 for draft in ann.private.drafts)


def assert_grown(scripted: ScriptedThread, answer: Shown, apart: float) -> None:
    """It was edited, seldom enough, from a part to the whole; no text came twice in a row."""
    assert scripted.pauses.count(apart) >= len(answer.versions) - 2
    texts = [version.text for version in answer.versions]
    assert len(texts) >= 3
    for one, two in pairwise(answer.versions[:-1]):
        assert two.text.startswith(one.text)
    assert texts[-1].startswith(WHOLE)
    assert "Sources" in texts[-1]


def test_a_draft_that_was_long_on_its_way_does_not_replace_the_answer(
    scripted: ScriptedThread,
) -> None:
    api = scripted.api
    scripted.answers("slowly", *PARTS[:3], pause=0.5)
    room = api.group()
    late = api.fail("editMessageText", "slow", room=room, seconds=2.5)
    asked = room.said(api.person("Ann"), f"{ME} {TRUCE} slowly")
    api.wait(lambda: len(texts_of(room, asked)) == 3, what="a draft, a later one and the answer")
    assert late.met
    assert finished(one_answer(room, asked))


def test_a_draft_that_waited_for_anothers_message_is_not_sent_beside_the_answer(
    scripted: ScriptedThread,
) -> None:
    api = scripted.api
    scripted.answers("slowly", *PARTS[:2], before=1.5, pause=0.3)
    room, ann = api.group(), api.person("Ann")
    asked = room.said(api.person("Bob"), f"{ME} {TRUCE} slowly")
    scripted.wait_asked("slowly")
    late = api.fail("sendMessage", "slow", room=room, seconds=4.0)
    room.said(ann, f"/help{ME}")
    api.wait(lambda: late.met)
    room.reply(asked, finished)
    asks(ann, f"{ME} {TRUCE}", room)  # what was on its way has arrived
    assert len(room.replies(asked)) == 1


def texts_of(room: Room, asked: Shown) -> list[str]:
    """All that the replies to a question have shown, in order."""
    return [version.text for reply in room.replies(asked) for version in reply.versions]
