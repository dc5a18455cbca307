"""The metrics by name, and their figures over the questions of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.evaluation.intervals import estimate, interval
from retrieval.evaluation.results import ACROSS, ALL, Figure, Record


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is called, shown and judged; `retrieval.evaluation.metrics` defines it.

    It is the mean of the questions' own values of its name, or a `percentile` of `value`.
    """

    name: str
    label: str
    part: Literal["search", "answers", "declining", "cost"]
    better: Literal["higher", "lower", ""]
    unit: Literal["share", "count", "words", "ms", "usd"] = "share"
    percentile: int | None = None
    value: str = ""


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("right", "Right in every respect", "answers", "higher"),
        Metric("recall@5", "Recall@5 of articles", "search", "higher"),
        Metric("recall@10", "Recall@10 of articles", "search", "higher"),
        Metric("mrr", "MRR of articles", "search", "higher"),
        Metric("ndcg@5", "nDCG@5 of articles", "search", "higher"),
        Metric("ndcg@10", "nDCG@10 of articles", "search", "higher"),
        Metric("passage@1", "First passage holds the answer", "search", "higher"),
        Metric("passage@5", "One of five passages holds the answer", "search", "higher"),
        Metric("whole", "Passages that are whole sentences in their place", "search", "higher"),
        Metric("holds", "Answer holds the gold answer", "answers", "higher"),
        Metric("f1", "Token F1 with the gold answer", "answers", "higher"),
        Metric("citation_precision", "Citation precision", "answers", "higher"),
        Metric("citation_recall", "Citation recall", "answers", "higher"),
        Metric("verbatim", "Quotes that are verbatim", "answers", "higher"),
        Metric("unsupported", "Unsupported sentences an answer", "answers", "lower", "count"),
        Metric("removed", "Sentences removed, a written answer", "answers", "", "count"),
        Metric("over_long", "Over-long answers", "answers", "lower"),
        Metric("words", "Words an answer", "answers", "", "words"),
        Metric("pointed", "Answers that point out the words that answer", "answers", ""),
        Metric("pointed_right", "Words pointed out that are the answer", "answers", "higher"),
        Metric("refusal_precision", "Refusal precision", "declining", "higher"),
        Metric("refusal_recall", "Refusal recall", "declining", "higher"),
        Metric("wrongly_declined", "Answerable, but declined", "declining", "lower"),
        Metric("wrongly_answered", "Unanswerable, but answered", "declining", "lower"),
        Metric("latency_p50", "Median latency", "cost", "lower", "ms", 50, "latency_ms"),
        Metric(
            "latency_p95", "95th percentile of latency", "cost", "lower", "ms", 95, "latency_ms"
        ),
        Metric(
            "latency_p99", "99th percentile of latency", "cost", "lower", "ms", 99, "latency_ms"
        ),
        Metric("cost_usd", "US dollars a question", "cost", "lower", "usd"),
    )
}
"""Every metric, in the order in which they are shown."""


def figures(records: Sequence[Record]) -> tuple[Figure, ...]:
    """Return every metric over all questions, and over each group; latency and cost over all
    alone."""
    found = []
    for group in groups(records):
        members = [record for record in records if group in record.groups]
        for metric in METRICS.values():
            if group != ALL and metric.part == "cost":
                continue
            if values := values_of(metric, members):
                low, high = (round(v, 4) for v in interval(values, metric.percentile))
                value = round(estimate(values, metric.percentile), 4)
                found.append(Figure(metric.name, group, value, low, high, len(values)))
    return tuple(found)


def groups(records: Iterable[Record]) -> list[str]:
    """Return the groups there are: all questions, wordings and history, then kinds as they come."""
    present = dict.fromkeys(group for record in records for group in record.groups)
    first = [name for name in (ALL, *ACROSS) if name in present]
    return first + [name for name in present if name not in first]


def values_of(metric: Metric, records: Iterable[Record]) -> list[float]:
    """Return the values that a metric averages; questions it does not apply to are left out."""
    name = metric.value or metric.name
    return [record.values[name] for record in records if name in record.values]
