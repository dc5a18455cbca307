"""Whether an archive answers, where the reader cannot tell."""

from __future__ import annotations

import pytest

from corpus.article import Article
from retrieval.answering.abstention import load_abstention
from retrieval.answering.evidence import Evidence, Features
from retrieval.archive.passages import Passage
from retrieval.assistant import AnswerOptions
from retrieval.search.condense import Query
from retrieval.text.sentences import Kind, Sentence
from tests.in_process import shared_reader

ABSTENTION = load_abstention(shared_reader())
RUSSIAN = "Новый мост через Волгу открыли 3 октября."
ENGLISH = "The new bridge over the Volga was opened on 3 October."


def evidence(body: str, found: float, answers: float = 4.0) -> list[Evidence]:
    """A sentence with what the reader finds in its passage, and the score the search gave that."""
    features = Features(4.0, 4.0, answers, 0.0, found, cosine=0.5, kind=1.0, named=1.0)
    passage = Passage("p", "a", 0, 0, len(body), body)
    sentence = Sentence(0, len(body), Kind.SENTENCE)
    return [Evidence(Article("/a.txt", "", body), passage, sentence, features, 0.6)]


@pytest.mark.parametrize(
    ("question", "body", "found", "answered"),
    [
        ("Когда открыли новый мост через Волгу?", RUSSIAN, 0.4, True),
        ("Кто написал роман «Война и мир»?", RUSSIAN, 0.1, False),
        ("When was the new bridge over the Volga opened?", ENGLISH, 0.1, True),
    ],
)
def test_of_another_script_the_search_decides_and_not_the_reader(
    question: str, body: str, found: float, answered: bool
) -> None:
    chance = ABSTENTION.chance_of_an_answer(Query(question), evidence(body, found))
    assert (chance >= AnswerOptions().answerable) is answered


def test_what_a_sentence_does_not_say_by_itself_makes_an_answer_unlikely() -> None:
    """What was read of the passage is the same: the second reading tells the two apart."""
    told = evidence(ENGLISH, 0.3, answers=-3.0)
    of_it, of_another = (
        ABSTENTION.chance_of_an_answer(Query(question), told)
        for question in (
            "When was the new bridge over the Volga opened?",
            "When was the old bridge over the Volga destroyed?",
        )
    )
    assert of_another < AnswerOptions().answerable < of_it


def test_without_evidence_there_is_no_answer() -> None:
    assert ABSTENTION.chance_of_an_answer(Query("Who?"), []) == 0.0
