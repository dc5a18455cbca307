"""What asks for articles by what they mention, and what does not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from retrieval.answering.mentioning import wish
from retrieval.answers import Question
from retrieval.archive.filters import Filters

HERE = Path(__file__).parent / "mentioning"
QUALITY = Path(__file__).parents[1] / "quality"
MEASURED = sorted([*QUALITY.glob("golden/*.jsonl"), *QUALITY.glob("kinds/*.jsonl")])


def wanted(question: str) -> str:
    asked = wish(Question(question, as_of=date(2021, 3, 1)))
    return asked.subject if asked else ""


@pytest.mark.parametrize("question", (HERE / "asked.txt").read_text().splitlines())
def test_a_wish_for_articles(question: str) -> None:
    assert wanted(question)


@pytest.mark.parametrize("question", (HERE / "not_asked.txt").read_text().splitlines())
def test_an_ordinary_question(question: str) -> None:
    assert wanted(question) == ""


def test_none_of_the_golden_questions_is_taken() -> None:
    assert len(MEASURED) == 4
    rows = [json.loads(line) for file in MEASURED for line in file.read_text().splitlines()]
    said = [turn["question"] for row in rows for turn in (row, *row.get("history", ()))]
    assert len(said) > 600
    assert [question for question in said if wanted(question)] == []


@pytest.mark.parametrize(
    ("time", "since", "until"),
    [
        ("in November 2020", date(2020, 11, 1), date(2020, 11, 30)),
        ("on 2 October 2020", date(2020, 10, 2), date(2020, 10, 2)),
        ("from last month", date(2021, 2, 1), date(2021, 2, 28)),
    ],
)
def test_the_time_that_articles_are_to_be_of(time: str, since: date, until: date) -> None:
    asked = wish(Question(f"Which articles mention Macron {time}?", as_of=date(2021, 3, 1)))
    assert asked
    assert (asked.subject, asked.time) == ("Macron", Filters(since=since, until=until))


@pytest.mark.parametrize("time", ["since 2 October 2020", "after November 2020", "by November"])
def test_a_time_that_is_not_understood_is_not_guessed(time: str) -> None:
    assert wanted(f"Which articles mention Macron {time}?") == ""
