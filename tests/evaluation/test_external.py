"""Public sets become articles and questions; those that are not here are left out visibly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.errors import EvaluationError
from retrieval.evaluation.external import beir, mtrag, xquad
from tests.measuring import development

here = pytest.mark.skipif(
    not development.available(), reason="the development sets are not beside the repository"
)


def write(folder: Path, qrels: str = "q1\td1\t2\nq1\td2\t1\nq1\td3\t0\nq2\tgone\t1\n") -> Path:
    documents = [
        {"_id": "d1", "title": "Bees", "text": "Bees fly up to 5 km from the hive."},
        {"_id": "d2", "title": "", "text": "A hive holds some 40,000 bees."},
        {"_id": "d3", "title": "Wasps", "text": ""},
    ]
    queries = [{"_id": "q1", "text": "How far do bees fly?"}, {"_id": "q2", "text": "Ants?"}]
    for name, rows in (("corpus", documents), ("queries", queries)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines)
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels)
    return folder


def test_beir(tmp_path: Path) -> None:
    source = beir(write(tmp_path))
    assert [(a.uri, a.title, a.body) for a in source.articles] == [
        ("d1", "Bees", "Bees fly up to 5 km from the hive."),
        ("d2", "", "A hive holds some 40,000 bees."),
        ("d3", "Wasps", "Wasps"),
    ]
    (case,) = source.cases
    assert case.id == "q1"
    assert case.expected.articles == ("d1", "d2")
    assert case.expected.grades == (2, 1)


def test_what_is_not_in_beirs_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl cannot be read"):
        beir(tmp_path)
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder, qrels="q1\td1\tmuch\n")
    with pytest.raises(EvaluationError, match=r"test\.tsv:2: invalid literal"):
        beir(folder)
    (folder / "corpus.jsonl").write_text('{"_id": "d1"}\n')
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl:1: 'text' is missing"):
        beir(folder)


@here
def test_xquad_with_an_article_left_out() -> None:
    source = xquad(development.DATA / "xquad.jsonl", lambda number: number > 0)
    whole = xquad(development.DATA / "xquad.jsonl")
    assert len(source.articles) == len(whole.articles) - 1
    assert len(source.cases) == len(whole.cases)
    gone = [case for case in source.cases if not case.expected.answerable]
    assert gone
    assert all(not case.expected.articles for case in gone)
    assert all(case.expected.answerable for case in whole.cases)


@here
def test_mtrag() -> None:
    source = mtrag(development.DATA)
    known = {article.uri for article in source.articles}
    assert source.cases
    assert any(case.question.history for case in source.cases)
    assert {case.kind for case in source.cases if case.expected.answerable} == {
        "ANSWERABLE",
        "PARTIAL",
    }
    assert all(set(case.expected.articles) <= known for case in source.cases)
