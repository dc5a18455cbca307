"""What is found in articles that name nothing that a question names is left aside."""

from __future__ import annotations

import json

import pytest

from retrieval.answering.evidence import of_the_named
from retrieval.search.condense import Query
from tests.answering.test_extractive import article, evidence
from tests.conftest import Newsdesk


@pytest.mark.parametrize(
    "question",
    [
        "Who owned the cargo ship Rhosus?",  # who owns another ship is told
        "How much did the Chang'e-5 mission cost?",  # what two others cost is
        "What did AstraZeneca say of its vaccine?",  # no article names it
    ],
)
def test_what_is_told_of_another_is_no_answer(sample: Newsdesk, question: str) -> None:
    assert json.loads(sample("ask", "--json", question).stdout)["refused"]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Who has stopped exports to Turkey?", ["b", "a"]),
        ("Who has stopped exports to Ankara?", ["b", "a"]),
        ("What have Canadians stopped?", ["a"]),
        ("Who has stopped exports to Norway?", []),
        ("who has stopped exports?", ["b", "a"]),
        ("What has the Fell Star to export?", []),  # "fell" is no Fell
    ],
)
def test_a_name_counts_in_any_form(question: str, kept: list[str]) -> None:
    assert named(Query(question)) == kept


@pytest.mark.parametrize(
    ("before", "question", "kept"),
    [
        ("What did Canada do?", "and what did they stop?", ["a"]),
        ("What did Canada do?", "and the Turkish lira?", ["b", "a"]),  # it has a name of its own
        ("What did Norway do?", "and what did they stop?", ["b", "a"]),  # no article is of Norway
        ("what did they do?", "and then?", ["b", "a"]),
    ],
)
def test_a_follow_up_without_a_name_is_about_those_of_the_conversation(
    before: str, question: str, kept: list[str]
) -> None:
    assert named(Query(f"{before} {question}", len(before) + 1)) == kept


def named(query: Query) -> list[str]:
    canada = article("Canada has stopped exports to Turkey.", "/a.txt")
    lira = article("The Turkish lira fell.", "/b.txt")
    found = of_the_named([evidence(lira, 0, 0.9), evidence(canada, 0, 0.8)], query)
    return [one.article.uri[1] for one in found]
