"""Answers while they are written: drafts in private chats, edits in groups, and the end of both."""

from __future__ import annotations

from itertools import pairwise

from tests.telegram.botapi import Shown, units
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import TRUCE, finished, one_answer

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
