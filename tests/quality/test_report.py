"""The page of an evaluation: foreign text is text, the plots' numbers are right."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from retrieval.answers import Removed
from retrieval.evaluation import plots, report
from retrieval.evaluation.figures import figures
from retrieval.evaluation.report import render_report
from retrieval.evaluation.results import (
    Expected,
    Record,
    Run,
    run_from_json,
    run_to_json,
    without_texts,
)
from tests.quality.sample_run import sample_run

HOSTILE = '</script><script>alert(1)</script><img src="http://evil.example/x.png" onerror=alert(1)>'


def weighed(evidence: float, answerable: bool, **more: Any) -> Record:
    expected = Expected(answerable)
    return replace(Record("x", "fact", True, {}, expected=expected), evidence=evidence, **more)


def of(*records: Record) -> Run:
    return replace(sample_run(), records=records, figures=figures(records))


def worse_than(run: Run) -> Run:
    """The run with its first question gone wrong."""
    first, *others = run.records
    return of(replace(first, right=False, values=first.values | {"right": 0.0}), *others)


def test_every_question_is_on_the_page_with_what_was_expected_and_what_came() -> None:
    page = render_report(sample_run())
    for record in sample_run().records:
        assert record.id in page
        assert record.verdict in page
    assert "March 29" in page
    assert "the captain is never named" in page
    assert "missing" in page


def test_the_gold_answer_is_marked_where_it_stands() -> None:
    assert report.marked("It was on 29 March. <b>", [["29 March", "March 29"]]) == (
        "It was on <mark>29 March</mark>. &lt;b&gt;"
    )


@pytest.mark.parametrize("field", ["question", "answer", "id", "kind", "error", "as_of"])
def test_text_is_never_markup(field: str) -> None:
    first, *others = sample_run().records
    changed: dict[str, Any] = {field: HOSTILE}
    page = render_report(of(replace(first, **changed), *others))
    assert "<img" not in page
    assert page.count("<script>") == 1


def removing(*removed: Removed) -> Run:
    """The run whose first two answers a model wrote: of one of them sentences were removed."""
    first, second, *others = sample_run().records
    values = {"removed": float(len(removed))}
    first = replace(first, removed=removed, values=first.values | values)
    return of(first, replace(second, values=second.values | {"removed": 0.0}), *others)


def test_what_the_check_removed_stands_with_its_question_and_is_counted() -> None:
    run = removing(
        Removed("It was freed on 30 March.", "date", "30 March", "It was refloated on 29 March."),
        Removed("It cost 7,450 crowns.", "number", "7,450"),
        Removed("It took 12 tugs.", "number", "12"),
    )
    page = render_report(run_from_json(run_to_json(run)))
    assert "It was freed on 30 March." in page
    assert "a date that stands in none of the passages: 30 March" in page
    assert "It was refloated on 29 March." in page
    assert re.search(r"Sentences: 3, at 1\s+of the 5 questions", page)
    counts = re.findall(r'row">(a \w+ that .*?)</th><td class="value">(\d)', page)
    assert counts == [
        ("a figure that stands in none of the passages", "2"),
        ("a date that stands in none of the passages", "1"),
    ]
    assert (run.figure("removed") or run.figures[0]).value == 1.5


def test_a_run_from_before_removed_sentences_were_kept_is_read() -> None:
    fields = run_to_json(sample_run())
    assert "removed" not in str(fields)
    assert "by the check" not in render_report(run_from_json(fields))


@pytest.mark.parametrize("field", ["sentence", "reason", "detail", "quote"])
def test_what_was_removed_is_never_markup(field: str) -> None:
    words = {"sentence": "It sank.", "reason": "name", "detail": "x", "quote": "It swam."}
    page = render_report(removing(Removed(**words | {field: f"\u202e{HOSTILE}"})))
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert "⟨U+202E⟩&lt;/script&gt;" in page


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert report.visible("a\u202eb\x00c\n\ud800") == "a⟨U+202E⟩b⟨U+0000⟩c\n⟨U+D800⟩"
    first, *others = sample_run().records
    page = render_report(of(replace(first, answer="\u202efdp.exe \ud800", right=False), *others))
    assert "\u202e" not in page
    assert "⟨U+202E⟩fdp.exe" in page
    page.encode()


def test_the_policy_allows_the_own_style_and_script_alone() -> None:
    page = render_report(sample_run())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy.group(1).startswith("default-src &#39;none&#39;; ")
    for element in ("style", "script"):
        own = re.search(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        assert own
        digest = base64.b64encode(hashlib.sha256(own.group(1).encode()).digest()).decode()
        assert f"{element}-src &#39;sha256-{digest}&#39;" in policy.group(1)
    assert " style=" not in page


def test_a_fall_is_said_at_the_top_with_the_questions_that_turned() -> None:
    run, baseline = worse_than(sample_run()), without_texts(of(*sample_run().records))
    page = render_report(run, baseline)
    assert "Worse than the baseline allows" in page
    assert "Right before, wrong now: 1" in page
    assert "As good as the baseline" in render_report(of(*sample_run().records), baseline)


def test_a_run_of_one_question_that_failed_has_a_page() -> None:
    record = Record("q", "fact", False, {"right": 0.0, "latency_ms": 3.0}, error="no connection")
    page = render_report(of(record))
    assert "no connection" in page
    assert "No curve" in page


def test_a_run_of_no_question_has_a_page() -> None:
    assert "0 questions" in render_report(of())


def test_trade_off_of_a_hand_computed_case() -> None:
    records = [weighed(0.9, True), weighed(0.5, False), weighed(0.4, True), weighed(0.1, False)]
    curve = plots.trade_off(records, threshold=0.45)
    assert curve
    assert [(p.answered, p.wrongly) for p in curve.points] == [
        (0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 0.5), (1.0, 1.0),
    ]  # fmt: skip
    assert curve.area == 0.75  # of four pairs, three are in the right order
    assert curve.current == plots.Operating(0.45, 0.5, 0.5)


def test_evidence_at_the_threshold_is_enough() -> None:
    curve = plots.trade_off([weighed(0.3, True), weighed(0.3, False)], threshold=0.3)
    assert curve
    assert curve.current == plots.Operating(0.3, 1.0, 1.0)
    assert curve.area == 0.5


def test_without_evidence_there_is_no_curve() -> None:
    assert plots.trade_off([weighed(0.9, True)], threshold=0.5) is None


def test_histogram_has_round_bars_that_hold_every_value() -> None:
    bars = plots.histogram([*range(1, 100), 5000.0])
    assert sum(bar.count for bar in bars) == 100
    assert bars[0].low == 0
    assert {bar.high - bar.low for bar in bars} == {5.0}
    assert plots.histogram([]) == []


@pytest.mark.parametrize(
    ("least", "step"), [(0.9, 1), (1, 1), (1.1, 2), (3, 5), (35, 50), (51, 100)]
)
def test_round_step(least: float, step: float) -> None:
    assert plots.round_step(least) == pytest.approx(step)


@pytest.mark.parametrize("end", [1.0, 9.0, 350.0, 1400.0, 2100.0, 0.003])
def test_ticks_are_few_and_within_the_axis(end: float) -> None:
    ticks = plots.ticks(end)
    assert 3 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] <= end * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8125, "share", "81.2 %"),
        (131.4, "ms", "131 ms"),
        (12_345.0, "ms", "12.3 s"),
        (0.0012, "usd", "$0.0012"),
        (1.5, "count", "1.50"),
    ],
)
def test_amounts(value: float, unit: str, text: str) -> None:
    assert report.amount(value, unit).replace("\u202f", " ") == text


def test_differences_have_a_sign() -> None:
    assert report.difference(-0.021, "share") == "−2.1"
    assert report.difference(0.5, "count") == "+0.50"
    assert report.interval(0.5, 0.75, "share").replace("\u202f", " ") == "50.0–75.0 %"
