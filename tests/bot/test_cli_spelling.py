"""Misspelt questions: what is read for what was typed, and what is left as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Newsdesk


def asked(sample: Newsdesk, question: str) -> dict[str, Any]:
    done = sample("ask", "--json", question)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["question"] == question
    return found


def test_an_answer_says_once_what_it_took_a_word_for(sample: Newsdesk) -> None:
    done = sample("ask", "who brokerd the third ceasfire")
    assert "United States" in done.stdout
    assert "brokerd" not in done.stdout
    assert done.stderr.splitlines() == [
        "newsdesk: Read “brokerd” as “brokered”, “ceasfire” as “ceasefire”."
    ]


def test_a_refusal_says_it_too(sample: Newsdesk) -> None:
    found = asked(sample, "shusha popluation 2020")
    assert found["refused"]
    assert found["notice"] == "Read “popluation” as “population”."


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("beruit explosion amonium nitrate", "Beirut explosion ammonium nitrate"),
        ("evergiven lenght in metres", "ever given length in metres"),
        ("cease fire violations", "ceasefire violations"),
        ("WHO IS THE FINANCE MINSTER", "WHO IS THE FINANCE Minister"),
        ("wen did da ship get free", "when did the ship get free"),
        ("What did Lukashenka's aide say?", "What did Lukashenko's aide say?"),
    ],
)
def test_what_was_meant_is_searched(sample: Newsdesk, typed: str, read: str) -> None:
    assert asked(sample, typed)["standalone_question"] == read


@pytest.mark.parametrize(
    "question",
    [
        "How do percentiles propel a pivot of starch?",
        "Did Viktor Marxian boast of macros?",
        "Wann hat Aserbaidschan den Waffenstillstand gebrochen?",
        "Who brokered the third ceasefire?",
        "How many people died in Izmit?",
        "What did Mehriban Aliyeva announce?",
        "Is https://example.com/karabahk a news site?",
        "What did Hayabusa 1 do?",
    ],
)
def test_words_that_the_archive_merely_lacks_are_left_alone(
    sample: Newsdesk, question: str
) -> None:
    found = asked(sample, question)
    assert "notice" not in found
    assert found["standalone_question"] == question


def test_a_follow_up_is_corrected_with_its_conversation(sample: Newsdesk) -> None:
    line = {
        "id": 1,
        "question": "And who brokerd it?",
        "history": [{"question": "When did the third ceasfire begin?", "answer": "On Monday."}],
    }
    found = json.loads(sample("ask", "--batch", "-", input=json.dumps(line)).stdout)
    assert found["standalone_question"].endswith("third ceasefire begin? And who brokered it?")
    assert found["notice"] == "Read “brokerd” as “brokered”."
