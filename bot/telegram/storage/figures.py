"""Sums up what became of the updates that are still on record, those of the last 8 days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bot.telegram.storage.store import Store

_ANSWERS = {"answered": "answered", "refused": "declined", "offered": "offered inline"}
"""The outcomes of questions, and how to call them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many questions had which outcome, and what answering them took.

    `errors` counts the updates that had one by its kind; "model" is an answer that was quoted, or
    cut short, because the model could not write it. `others` are the outcomes of other updates.
    """

    answers: Counter[str]
    others: Counter[str]
    errors: Counter[str]
    median_seconds: float | None
    cost_usd: float

    def lines(self) -> list[str]:
        """Return the figures as lines of text."""
        took = "" if self.median_seconds is None else f", median {self.median_seconds:.2f} s"
        return [
            f"Questions of the last 8 days: {_listed(self.answers)}{took}",
            f"Errors: {_listed(self.errors)}",
            f"Model cost: ${self.cost_usd:.4f}",
            f"Other updates: {_listed(self.others)}",
        ]


def recent_figures(store: Store) -> Figures:
    """Read the figures of the bot's tables."""
    rows = store.rows("SELECT outcome, ms, cost_usd, cause FROM updates WHERE outcome IS NOT NULL")
    outcomes = Counter(outcome for outcome, *_ in rows)
    times = [ms for outcome, ms, *_ in rows if outcome in _ANSWERS and ms is not None]
    return Figures(
        Counter({name: outcomes.pop(key) for key, name in _ANSWERS.items() if key in outcomes}),
        outcomes,
        Counter(cause for *_, cause in rows if cause),
        median(times) / 1000 if times else None,
        sum(cost or 0.0 for _, _, cost, _ in rows),
    )


def _listed(counts: Counter[str]) -> str:
    found: Sequence[tuple[str, int]] = counts.most_common()
    return ", ".join(f"{count} {name}" for name, count in found) or "none"
