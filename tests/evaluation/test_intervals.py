"""Bootstrap intervals, and two runs compared on the questions that they share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from retrieval.evaluation.comparison import compare
from retrieval.evaluation.figures import figures
from retrieval.evaluation.intervals import interval
from retrieval.evaluation.results import ALL, Expected, Record, Run

TOLERANCES = {("recall@5", ALL): 0.05}


def run_of(*recalls: float, first: int = 0) -> Run:
    records = tuple(
        Record(
            f"q-{number}",
            "fact",
            value == 1.0,
            {"recall@5": value, "right": float(value == 1.0)},
            expected=Expected(answerable=True),
        )
        for number, value in enumerate(recalls, start=first)
    )
    return Run("extractive", "2026-01-01", "a", 1, 1, {}, {}, figures(records), records)


def test_an_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(1).random(80)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert interval(values.tolist()) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_an_interval_is_the_same_every_time_and_nothing_for_equal_values() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0]
    assert interval(values) == interval(values)
    assert interval([1.0] * 9) == (1.0, 1.0)
    low, high = interval([10.0, 20.0, 30.0, 400.0], percentile=50)
    assert 10 <= low <= 25 <= high <= 400


def test_figures_are_means_by_group() -> None:
    records = run_of(1.0, 0.0, 1.0, 1.0).records
    records = (*records, Record("s", "smalltalk", True, {"right": 1.0, "refusal_recall": 1.0},
                                expected=Expected(answerable=False)))  # fmt: skip
    found = {(f.metric, f.group): f for f in figures(records)}
    assert found["recall@5", ALL].value == 0.75
    assert found["recall@5", ALL].count == 4
    assert found["right", "smalltalk"].value == 1.0
    assert ("recall@5", "smalltalk") not in found


def test_a_comparison_is_paired_by_question() -> None:
    before = run_of(1.0, 1.0, 1.0, 0.0, 1.0, first=0)
    now = run_of(1.0, 0.0, 1.0, 1.0, 1.0, 0.0, first=0)
    comparison = compare(now, before, TOLERANCES)
    (change,) = [c for c in comparison.changes if (c.metric, c.group) == ("recall@5", ALL)]
    assert (change.before, change.now, change.difference, change.count) == (0.8, 0.8, 0.0, 5)
    assert change.low < 0 < change.high
    assert comparison.turned_wrong == ("q-1",)
    assert comparison.turned_right == ("q-3",)
    assert comparison.passes


def test_a_fall_beyond_what_is_tolerated_shuts_the_gate() -> None:
    before = run_of(*[1.0] * 20)
    assert compare(run_of(*[1.0] * 19, 0.0), before, TOLERANCES).passes
    shut = compare(run_of(*[1.0] * 18, 0.0, 0.0), before, TOLERANCES)
    assert [(c.metric, c.group) for c in shut.failures] == [("recall@5", ALL)]
    assert compare(before, run_of(*[0.0] * 20), TOLERANCES).passes


def test_a_question_that_failed_shuts_the_gate() -> None:
    before = run_of(1.0, 1.0)
    failed = replace(before.records[0], error="The server did not answer.")
    comparison = compare(replace(before, records=(failed, before.records[1])), before, TOLERANCES)
    assert comparison.problems == ("q-0 failed: The server did not answer.",)
