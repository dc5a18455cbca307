"""Answer quality on the development sets, which lie beside the repository, and floors for it.

The floors are what the project promises; `make bench` prints the figures themselves, of all
questions. Here each second one is asked, or each third where an archive is asked what it lacks.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation.results import Record, Run
from tests.measuring import development

pytestmark = [
    pytest.mark.figures,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not development.available(),
        reason="XQuAD and MTRAG-UN not measured: the sets are not beside the repository",
    ),
]


@pytest.fixture(scope="module")
def xquad(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> Run:
    source = development.xquad()
    searcher = development.build(source.articles, tmp_path_factory.mktemp("xquad"), encoder)
    return development.run(searcher, source.cases[::2])


def in_half(half: int, number: int) -> bool:
    """Whether an article is in one of two halves."""
    return number % 2 == half


@pytest.fixture(scope="module")
def halves(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    records: list[Record] = []
    for half in (0, 1):
        source = development.xquad(partial(in_half, half))
        home = tmp_path_factory.mktemp(f"half{half}")
        searcher = development.build(source.articles, home, encoder)
        records += development.run(searcher, source.cases[::3]).records
    return records


def value(run: Run, metric: str) -> float:
    figure = run.figure(metric)
    assert figure is not None
    return figure.value


def test_the_passage_with_the_answer_is_found(xquad: Run) -> None:
    assert value(xquad, "passage@1") >= 0.94
    assert value(xquad, "passage@5") >= 0.995


def test_the_answer_holds_the_answer_in_few_words(xquad: Run) -> None:
    assert value(xquad, "holds") >= 0.88
    assert value(xquad, "right") >= 0.86
    assert value(xquad, "words") <= 60


def test_every_quote_is_verbatim_and_bears_out_its_sentence(xquad: Run) -> None:
    assert value(xquad, "verbatim") == 1
    assert value(xquad, "unsupported") == 0


def test_what_the_archive_lacks_is_refused_and_the_rest_answered(halves: list[Record]) -> None:
    gone = [r.refused for r in halves if not r.expected.answerable]
    there = [r.refused for r in halves if r.expected.answerable]
    assert sum(gone) / len(gone) >= 0.95
    assert sum(there) / len(there) <= 0.05


def test_conversations_find_their_passages(encoder: OnnxEncoder, tmp_path: Path) -> None:
    source = development.mtrag()
    searcher = development.build(source.articles, tmp_path, encoder)
    run = development.run(searcher, [c for c in source.cases if c.expected.articles])
    assert value(run, "recall@5") >= 0.89
    assert value(run, "ndcg@5") >= 0.87
