"""The gate: today's answers against the baseline, and proof that it shuts when something breaks.

Raise the baseline with `newsdesk eval --save-baseline`, and read the difference. Answers that a
model writes, and the check of their sentences, have theirs in `test_recorded.py`.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.rendering.evaluation import gate_lines
from retrieval.answers import Answer, Question
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_in
from retrieval.archive.index import index_name
from retrieval.assistant import AnswerOptions, Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation.baseline import read_baseline
from retrieval.evaluation.comparison import TOLERANCES, compare, only
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import ALL, PARAPHRASED, PLAIN, WITH_HISTORY, Comparison, Run
from retrieval.evaluation.runner import Answerer
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from tests.in_process import shared_reader
from tests.measuring import development

pytestmark = [pytest.mark.figures, pytest.mark.timeout(600)]

BASELINE = Path(__file__).parent / "baseline.json"


@dataclass
class Bench:
    """The sample archive with its golden questions, today's answers to them, and the baseline."""

    home: Path
    encoder: OnnxEncoder
    searcher: Searcher
    cases: list[Case]
    answers: Replay
    today: Run
    baseline: Run

    def broken(self, answerer: Answerer, wanted: Callable[[Case], bool]) -> Comparison:
        """How an assistant that is not well compares on some of the questions."""
        cases = [case for case in self.cases if wanted(case)]
        run = development.run(self.searcher, cases, answerer)
        return compare(run, only(self.baseline, {case.id for case in cases}))


class Replay:
    """Gives the answers of the assistant that it was made of, changed if need be."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._answers: dict[Question, Answer] = {}
        self._change: Callable[[Answer], Answer] = lambda answer: answer

    async def ask(self, question: Question) -> Answer:
        if question not in self._answers:
            self._answers[question] = await self._answerer.ask(question)
        return self._change(self._answers[question])

    def changed(self, change: Callable[[Answer], Answer]) -> Replay:
        other = Replay(self._answerer)
        other._answers, other._change = self._answers, change
        return other


@pytest.fixture(scope="module")
def bench(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    home = tmp_path_factory.mktemp("golden")
    source = development.golden("dev", "test")
    searcher = development.build(source.articles, home, encoder)
    answers = Replay(Assistant(searcher))
    today = development.run(searcher, source.cases, answers)
    baseline = read_baseline(BASELINE, "extractive")
    return Bench(home, encoder, searcher, source.cases, answers, today, baseline)


def plain(case: Case) -> bool:
    return case.expected.answerable and not case.paraphrase


def paraphrased(case: Case) -> bool:
    return case.paraphrase


def talked(case: Case) -> bool:
    return bool(case.question.history)


def unanswerable(case: Case) -> bool:
    return not case.expected.answerable


def anything(case: Case) -> bool:
    return True


def shut_by(comparison: Comparison) -> set[tuple[str, str]]:
    assert not comparison.passes
    return {(change.metric, change.group) for change in comparison.failures}


def test_the_gate_is_open(bench: Bench) -> None:
    comparison = compare(bench.today, bench.baseline)
    assert comparison.passes, "\n".join(gate_lines(bench.today, comparison))


def test_the_baseline_says_what_it_is_of(bench: Bench) -> None:
    assert bench.baseline.archive == bench.today.archive
    assert bench.baseline.settings == bench.today.settings
    assert bench.baseline.versions.keys() == bench.today.versions.keys()
    assert {case.id for case in bench.cases} == {record.id for record in bench.baseline.records}
    for metric, group in TOLERANCES:
        assert bench.baseline.figure(metric, group), f"{metric} of {group} is not in the baseline"


def test_dense_search_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.searcher, "options", replace(bench.searcher.options, dense=False))
    shut = shut_by(bench.broken(Assistant(bench.searcher), paraphrased))
    assert ("recall@5", PARAPHRASED) in shut


def test_lexical_search_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.searcher, "options", replace(bench.searcher.options, lexical=False))
    shut = shut_by(bench.broken(Assistant(bench.searcher), plain))
    assert ("recall@5", PLAIN) in shut


def test_reranking_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.searcher, "options", replace(bench.searcher.options, rerank=False))
    shut = shut_by(bench.broken(Assistant(bench.searcher), plain))
    assert ("mrr", PLAIN) in shut
    assert ("passage@1", PLAIN) in shut


def test_condensing_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.assistant.condense", lambda question, history: Query(question))
    shut = shut_by(bench.broken(Assistant(bench.searcher), talked))
    assert ("recall@5", WITH_HISTORY) in shut


def test_abstention_off(bench: Bench) -> None:
    never = AnswerOptions(answerable=0.0)
    shut = shut_by(bench.broken(Assistant(bench.searcher, never), unanswerable))
    assert {("refusal_recall", ALL), ("wrongly_answered", ALL)} <= shut


def test_refusing_everything(bench: Bench) -> None:
    def decline(answer: Answer) -> Answer:
        return replace(answer, text="No.", citations=(), refused=True)

    shut = shut_by(bench.broken(bench.answers.changed(decline), anything))
    assert {("wrongly_declined", ALL), ("refusal_precision", ALL), ("holds", ALL)} <= shut


def test_citations_shifted_by_one(bench: Bench) -> None:
    def shift(answer: Answer) -> Answer:
        text = re.sub(r"\[(\d+)\]", lambda m: f"[{int(m[1]) % len(answer.citations) + 1}]",
                      answer.text) if len(answer.citations) > 1 else answer.text  # fmt: skip
        return replace(answer, text=text)

    shut = shut_by(bench.broken(bench.answers.changed(shift), anything))
    assert shut == {("citation_recall", ALL), ("unsupported", ALL)}


def test_a_citation_beside_its_quote(bench: Bench) -> None:
    def slip(answer: Answer) -> Answer:
        slipped = (replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
        return replace(answer, citations=tuple(slipped))

    shut = shut_by(bench.broken(bench.answers.changed(slip), anything))
    assert {("verbatim", ALL), ("citation_precision", ALL), ("right", ALL)} <= shut


def test_a_passages_offset_wrong(bench: Bench, tmp_path: Path) -> None:
    """One passage of the archive begins a letter late."""
    home = tmp_path / "home"
    shutil.copytree(bench.home, home)
    case = next(case for case in bench.cases if case.id == "dev-003")
    found = asyncio.run(bench.answers.ask(case.question)).matches[0].passage
    with sqlite3.connect(home / "catalog.db") as catalog:
        # Its text too: a passage whose text is not at its offset is not found at all.
        catalog.execute(
            "UPDATE passage_text SET text = substr(text, 2) "
            "WHERE rowid = (SELECT number FROM passages WHERE id = ?)",
            (found.id,),
        )
        catalog.execute("UPDATE passages SET start = start + 1 WHERE id = ?", (found.id,))
    catalog.close()
    vectors = ChromaFolder(home / "chroma", index_name(bench.encoder.name, Chunking()))
    damaged = Searcher(
        catalog_in(home / "catalog.db"), vectors, bench.encoder, bench.encoder, shared_reader()
    )
    shut = shut_by(bench.broken(Assistant(damaged), lambda other: other.id == case.id))
    assert ("whole", ALL) in shut


def test_another_archive_is_no_comparison(bench: Bench) -> None:
    comparison = compare(replace(bench.today, archive="another"), bench.baseline)
    assert not comparison.passes
    assert "not the one of the baseline" in comparison.problems[0]


def test_questions_that_are_gone_shut_the_gate(bench: Bench) -> None:
    ids = [record.id for record in bench.today.records]
    comparison = compare(only(bench.today, ids[5:]), bench.baseline)
    assert not comparison.passes
    assert ids[0] in comparison.problems[0]


def test_questions_that_turned_wrong_are_named(bench: Bench) -> None:
    wanted = next(r for r in bench.today.records if r.right and not r.refused)

    def decline(answer: Answer) -> Answer:
        asked = answer.question == wanted.question
        return replace(answer, refused=True, citations=()) if asked else answer

    run = development.run(bench.searcher, bench.cases, bench.answers.changed(decline))
    comparison = compare(run, bench.baseline)
    assert wanted.id in comparison.turned_wrong
    lines = list(gate_lines(run, comparison))
    assert f"turned wrong: {wanted.id} (wrongly declined): {wanted.question}" in lines
