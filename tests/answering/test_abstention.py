"""Whether an archive answers, where the reader cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest

import retrieval.answering
from corpus.article import Article
from retrieval.answering.abstention import chance_of_an_answer
from retrieval.answering.evidence import Evidence, Features
from retrieval.archive.passages import Passage
from retrieval.assistant import AnswerOptions
from retrieval.logistic import load_logistic
from retrieval.text.sentences import Kind, Sentence

MODEL = load_logistic(Path(retrieval.answering.__file__).parent / "abstention.json")


def evidence(found: float) -> list[Evidence]:
    """A sentence that the reader finds to answer, with the score that the search gave it."""
    features = Features(
        evidence=4.0, span=4.0, answers=4.0, gap=0.0, found=found, cosine=0.5, kind=1.0, named=1.0
    )
    body = "Новый мост через Волгу открыли 3 октября."
    passage = Passage("p", "a", 0, 0, len(body), body)
    sentence = Sentence(0, len(body), Kind.SENTENCE)
    return [Evidence(Article("/a.txt", "", body), passage, sentence, features, 0.6)]


@pytest.mark.parametrize(
    ("question", "found", "answered"),
    [
        ("Когда открыли новый мост через Волгу?", 0.4, True),
        ("Кто написал роман «Война и мир»?", 0.1, False),
        ("When was the new bridge over the Volga opened?", 0.1, True),
    ],
)
def test_of_another_script_the_search_decides_and_not_the_reader(
    question: str, found: float, answered: bool
) -> None:
    chance = chance_of_an_answer(evidence(found), question, MODEL)
    assert (chance >= AnswerOptions().answerable) is answered


def test_without_evidence_there_is_no_answer() -> None:
    assert chance_of_an_answer([], "Who?", MODEL) == 0.0
