"""Messages about the conversation are told from questions."""

from __future__ import annotations

import pytest

from retrieval.text.asides import aside


@pytest.mark.parametrize(
    ("wish", "messages"),
    [
        (
            "repeat",
            "sorry, what did you just say?|Repeat that.|say that again|what was that? I missed it"
            "|Can you say that again, please|come again?|once more|I didn't catch that",
        ),
        (
            "more",
            "tell me more|more please|anything else on that?|what else?|go on|Any more details?"
            "|is there more to it?|ok, continue",
        ),
        (
            "shorter",
            "shorter please|Shorter.|in one sentence|tl;dr|give me the short version|sum it up"
            "|that's too long",
        ),
        ("item", "the second one?|and the third?|The last one|what about the first item, please"),
    ],
)
def test_a_wish_about_the_last_answer(wish: str, messages: str) -> None:
    for message in messages.split("|"):
        assert aside(message) == wish, message


@pytest.mark.parametrize(
    "question",
    [
        "what else did he say?",
        "who else?",
        "any more sent home after that?",
        "how many more?",
        "What did you say about Ganja?",
        "Was that the first truce?",
        "the second one, when did it start?",
        "the first shot",
        "tell me more about the ship",
        "how long was it?",
        "Which is the shorter canal?",
        "Was the truce broken again?",
        "Why?",
        "",
        "…",
        "more " * 100,
    ],
)
def test_a_question_is_no_aside(question: str) -> None:
    assert aside(question) is None
