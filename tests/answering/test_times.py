"""How many times something happened: the days that are told of, where nobody has counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prompts import line
from retrieval.answering.times import when_asked
from tests.conftest import Newsdesk


def asked(sample: Newsdesk, question: str) -> dict[str, Any]:
    done = sample("ask", "--json", question)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(
    ("question", "when"),
    [
        ("How many times was Ganja hit?", "when was Ganja hit?"),
        ("And how often did they meet?", "And when did they meet?"),
        ("How many truces were there in October?", "when were the truces in October?"),
        ("how many air strikes have there been", "when were the air strikes"),
        ("How many exchanges of prisoners took place?", "when were the exchanges of prisoners?"),
        ("How many people were killed?", None),
        ("How often?", None),
        ("How many ships waited while there were tugs?", None),
    ],
)
def test_what_may_have_happened_several_times_is_asked_for_by_when(
    question: str, when: str | None
) -> None:
    assert when_asked(question) == when


def test_where_nobody_has_counted_the_days_are_told_in_their_order(sample: Newsdesk) -> None:
    answer = asked(sample, "How many times was Ganja hit?")
    lines = answer["answer"].splitlines()
    days = ("4 October", "11 October", "17 October")
    assert [day in one for day, one in zip(days, lines, strict=True)] == [True] * 3
    assert answer["notice"] == line("no_total")
    assert answer["standalone_question"] == "How many times was Ganja hit?"
    assert len(answer["citations"]) == 3


def test_a_stated_number_of_times_is_the_answer(sample: Newsdesk) -> None:
    answer = asked(sample, "How many times was the Ghazanchetsots cathedral struck on 8 October?")
    assert "struck twice on Thursday, 8 October" in answer["answer"]
    assert "notice" not in answer


def test_of_one_day_there_is_nothing_to_count(sample: Newsdesk) -> None:
    assert asked(sample, "How many earthquakes were there?")["refused"]
