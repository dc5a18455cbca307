"""Answer quality on the development sets, which lie beside the repository, and floors for it.

The floors are what the project promises; `make bench` prints the figures themselves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from scripts import development, measure
from scripts.measure import Asked

pytestmark = pytest.mark.skipif(
    not development.available(), reason="the development sets are not beside the repository"
)


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture(scope="module")
def xquad(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    articles, cases = development.xquad()
    searcher = development.build(articles, tmp_path_factory.mktemp("xquad"), encoder)
    return measure.ask_all(Assistant(searcher), cases)


@pytest.fixture(scope="module")
def halves(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    asked = []
    for half in (0, 1):
        articles, cases = development.xquad(lambda n, half=half: n % 2 == half)
        searcher = development.build(articles, tmp_path_factory.mktemp(f"half{half}"), encoder)
        asked += measure.ask_all(Assistant(searcher), cases)
    return asked


def test_the_passage_with_the_answer_is_found(xquad: list[Asked]) -> None:
    assert measure.passage_hit(xquad, 1) >= 0.94
    assert measure.passage_hit(xquad, 5) >= 0.995


def test_the_answer_holds_the_answer_in_few_words(xquad: list[Asked]) -> None:
    assert measure.answer_holds(xquad) >= 0.88
    assert measure.quote_holds(xquad) >= 0.86
    assert measure.words(xquad) <= 60


def test_every_quote_is_verbatim_and_every_marker_leads_to_one(xquad: list[Asked]) -> None:
    assert measure.faults(xquad) == []


def test_what_the_archive_lacks_is_refused_and_the_rest_answered(halves: list[Asked]) -> None:
    assert measure.refused([a for a in halves if not a.case.answerable]) >= 0.95
    assert measure.refused([a for a in halves if a.case.answerable]) <= 0.05


def test_conversations_find_their_passages(encoder: OnnxEncoder, tmp_path: Path) -> None:
    articles, cases = development.mtrag()
    searcher = development.build(articles, tmp_path, encoder)
    asked = measure.ask_all(Assistant(searcher), [c for c in cases if c.relevant])
    assert measure.recall(asked, 5) >= 0.89
    assert measure.ndcg(asked, 5) >= 0.87
