"""Renders evaluation runs as tables, and a gate's verdict as lines."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.rendering.terminal import printable
from retrieval.evaluation.figures import METRICS, Metric
from retrieval.evaluation.results import ALL, Change, Comparison, Figure, Run

_BY_GROUP = {
    "right": "right",
    "holds": "holds gold",
    "recall@5": "recall@5",
    "ndcg@5": "nDCG@5",
    "passage@1": "passage@1",
    "wrongly_declined": "declined",
    "wrongly_answered": "wrongly answered",
}
_WIDTH = 120
_MOST_NAMED = 40


def show_run(console: Console, run: Run, comparison: Comparison | None = None) -> None:
    """Print every metric over all questions, then the main ones by kind of question.

    With a comparison, each metric also has the baseline's value and the change.
    """
    if not console.is_terminal:
        console.width = _WIDTH
    title = (
        f"{len(run.records)} questions, {run.articles:,} articles, engine {run.engine}"
        f"{f', beside the run of {comparison.baseline_started[:10]}' if comparison else ''}"
    )
    console.print(printable(title), style="bold")
    console.print(_figures(run, comparison))
    console.print(_by_group(run))


def _figures(run: Run, comparison: Comparison | None) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("Over all questions")
    for name in ("value", "95 % interval", "of"):
        table.add_column(name, justify="right")
    changes = {(c.metric, c.group): c for c in comparison.changes} if comparison else {}
    if comparison:
        table.add_column("before", justify="right")
        table.add_column("change", justify="right")
    for metric in METRICS.values():
        if figure := run.figure(metric.name):
            change = changes.get((metric.name, ALL))
            table.add_row(*_cells(metric, figure), *_change_cells(metric, change))
    return table


def _cells(metric: Metric, figure: Figure) -> tuple[str, ...]:
    low, high = amount(metric, figure.low), amount(metric, figure.high)
    return metric.label, amount(metric, figure.value), f"{low} – {high}", str(figure.count)


def _change_cells(metric: Metric, change: Change | None) -> tuple[str | Text, ...]:
    if change is None:
        return ()
    style = "bold red" if change.fails else ""
    text = f"{change.difference:+.3f}" if metric.unit != "ms" else f"{change.difference:+.0f}"
    return amount(metric, change.before), Text(text, style=style)


def _by_group(run: Run) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("\nBy kind")
    table.add_column("\nquestions", justify="right")
    for label in _BY_GROUP.values():
        table.add_column("\n" + label, justify="right")
    for group in run.groups:
        found = {name: run.figure(name, group) for name in _BY_GROUP}
        right = found["right"]
        cells = (f"{figure.value:.3f}" if figure else "" for figure in found.values())
        table.add_row(printable(group), str(right.count if right else ""), *cells)
    return table


def amount(metric: Metric, value: float) -> str:
    """Format a metric's value: shares as 0.485, milliseconds as 31 ms, dollars as $0.0012."""
    if metric.unit == "ms":
        return f"{value:.0f} ms"
    if metric.unit == "usd":
        return f"${value:.4f}"
    return f"{value:.1f}" if metric.unit == "words" else f"{value:.3f}"


def gate_lines(run: Run, comparison: Comparison) -> Iterator[str]:
    """Yield the lines that explain a gate's verdict.

    First the problems and the metrics that got worse, then the questions whose answers turned
    wrong or right, and last whether the gate is open or shut.
    """
    yield from comparison.problems
    for change in comparison.failures:
        metric = METRICS[change.metric]
        where = "" if change.group == ALL else f", {change.group}"
        fell = "fell" if metric.better == "higher" else "rose"
        yield (
            f"{metric.label} ({metric.name}{where}) {fell} from {change.before:.3f} to "
            f"{change.now:.3f}; {change.tolerance} is tolerated."
        )
    by_id = {record.id: record for record in run.records}
    for turned in comparison.turned_wrong[:_MOST_NAMED]:
        record = by_id[turned]
        yield f"turned wrong: {turned} ({record.verdict}): {record.question}"
    if len(comparison.turned_wrong) > _MOST_NAMED:
        yield f"turned wrong: {len(comparison.turned_wrong) - _MOST_NAMED} more."
    if comparison.turned_right:
        yield f"turned right: {', '.join(comparison.turned_right)}"
    yield "The gate is open." if comparison.passes else "The gate is shut."
