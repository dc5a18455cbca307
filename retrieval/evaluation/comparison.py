"""Two runs compared, question by question; and the gate's tolerances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import hypot

from retrieval.evaluation.figures import METRICS, Metric, figures, groups, values_of
from retrieval.evaluation.intervals import estimate, interval
from retrieval.evaluation.results import (
    ALL,
    PARAPHRASED,
    PLAIN,
    WITH_HISTORY,
    Change,
    Comparison,
    Record,
    Run,
)

TOLERANCES: Mapping[tuple[str, str], float] = {
    # What must never happen is not tolerated.
    ("whole", ALL): 0.0,
    ("verbatim", ALL): 0.0,
    ("unsupported", ALL): 0.0,
    ("citation_recall", ALL): 0.0,
    ("over_long", ALL): 0.01,
    # Of the rest, as much as another processor's rounding of the encoder may cost: a question
    # or two of the hundreds. (Recall@5 is .934 with VNNI and .921 without, by the same code.)
    ("right", ALL): 0.01,
    ("recall@5", ALL): 0.015,
    ("recall@10", ALL): 0.01,
    ("mrr", ALL): 0.01,
    ("ndcg@5", ALL): 0.01,
    ("passage@1", ALL): 0.015,
    ("passage@5", ALL): 0.01,
    ("holds", ALL): 0.015,
    ("f1", ALL): 0.01,
    ("citation_precision", ALL): 0.015,
    ("refusal_precision", ALL): 0.02,
    ("refusal_recall", ALL): 0.03,
    ("wrongly_declined", ALL): 0.02,
    ("wrongly_answered", ALL): 0.03,
    # A stage that serves some questions is seen in those.
    ("recall@5", PLAIN): 0.02,
    ("mrr", PLAIN): 0.02,
    ("passage@1", PLAIN): 0.02,
    ("recall@5", PARAPHRASED): 0.02,
    ("ndcg@5", PARAPHRASED): 0.02,
    ("recall@5", WITH_HISTORY): 0.03,
    ("ndcg@5", WITH_HISTORY): 0.03,
}
"""By metric and group, how much worse than the baseline's a figure may be."""


def compare(
    run: Run, baseline: Run, tolerances: Mapping[tuple[str, str], float] = TOLERANCES
) -> Comparison:
    """Return how a run differs from a baseline, on the questions that both asked.

    Groups are those of the run. A metric that says nothing about a question in one of the runs
    (of a refusal, say) is compared by its mean in each, and its interval is that of two samples.
    """
    before = {record.id: record for record in baseline.records}
    shared = [record for record in run.records if record.id in before]
    pairs = [(before[now.id], now) for now in shared]
    changes = []
    for group in groups(shared):
        members = [(then, now) for then, now in pairs if group in now.groups]
        for metric in METRICS.values():
            if group == ALL or metric.part != "cost":
                change = _change(metric, group, members, tolerances.get((metric.name, group)))
                changes += [change] if change else []
    return Comparison(
        baseline_started=baseline.started,
        changes=tuple(changes),
        turned_wrong=tuple(now.id for then, now in pairs if then.right and not now.right),
        turned_right=tuple(now.id for then, now in pairs if now.right and not then.right),
        problems=tuple(_problems(run, baseline)),
    )


def only(run: Run, ids: Collection[str]) -> Run:
    """Return the part of a run that asked some questions; of a baseline, figures by kind alone."""
    records = tuple(record for record in run.records if record.id in ids)
    return replace(run, records=records, figures=figures(records))


def _problems(run: Run, baseline: Run) -> list[str]:
    problems = []
    if run.archive != baseline.archive:
        problems.append(
            f"The archive ({run.archive}) is not the one of the baseline ({baseline.archive}): "
            "figures of two archives say nothing about each other."
        )
    asked = {record.id for record in run.records}
    if gone := [record.id for record in baseline.records if record.id not in asked]:
        problems.append(
            f"{len(gone)} questions of the baseline were not asked: {', '.join(gone[:5])}"
            f"{'…' if len(gone) > 5 else '.'}"
        )
    problems += [f"{r.id} failed: {r.error}" for r in run.records if r.error]
    return problems


def _change(
    metric: Metric, group: str, pairs: list[tuple[Record, Record]], tolerance: float | None
) -> Change | None:
    before = values_of(metric, [then for then, _ in pairs])
    now = values_of(metric, [now for _, now in pairs])
    if not before or not now:
        return None
    then_value = estimate(before, metric.percentile)
    now_value = estimate(now, metric.percentile)
    low, high = _paired(metric, pairs) or _unpaired(metric, before, now)
    difference = now_value - then_value
    worse = -difference if metric.better == "higher" else difference
    fails = tolerance is not None and worse > tolerance + 1e-9
    return Change(
        metric=metric.name,
        group=group,
        before=round(then_value, 4),
        now=round(now_value, 4),
        difference=round(difference, 4),
        low=round(low, 4),
        high=round(high, 4),
        count=len(now),
        tolerance=tolerance,
        fails=fails,
    )


def _paired(metric: Metric, pairs: list[tuple[Record, Record]]) -> tuple[float, float] | None:
    """Return the interval of the mean difference, or None unless every question has both values."""
    name = metric.value or metric.name
    both = [name in then.values for then, now in pairs if name in then.values or name in now.values]
    if metric.percentile is not None or not all(both):
        return None
    differences = [
        now.values[name] - then.values[name]
        for then, now in pairs
        if name in then.values and name in now.values
    ]
    return interval(differences)


def _unpaired(metric: Metric, before: list[float], now: list[float]) -> tuple[float, float]:
    """Return the interval of the difference of two samples' estimates, by their spreads."""
    spread = hypot(*(_half_width(values, metric.percentile) for values in (before, now)))
    difference = estimate(now, metric.percentile) - estimate(before, metric.percentile)
    return difference - spread, difference + spread


def _half_width(values: list[float], percentile: int | None) -> float:
    low, high = interval(values, percentile)
    return (high - low) / 2
