"""Sentences checked by the support gate, and the share of right verdicts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.answering.support.gate import SupportGate, Verdict
from tests.measuring import claims
from tests.measuring.claims import Item


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with its verdict, and the seconds that the check took."""

    item: Item
    verdict: Verdict
    seconds: float

    @property
    def well(self) -> bool:
        """Return whether the verdict is right."""
        return claims.well(self.item, self.verdict)


def check_all(gate: SupportGate, items: Iterable[Item]) -> list[Checked]:
    """Check every sentence against its sources."""
    checked = []
    for item in items:
        began = time.perf_counter()
        verdict = gate.check(item.marked, item.sources, "")
        checked.append(Checked(item, verdict, time.perf_counter() - began))
    return checked


def share(checked: Iterable[Checked], kind: str, base: str | None = None) -> tuple[int, int]:
    """Return how many sentences of a kind got the right verdict, and how many there are.

    `base` "hand" counts those written by hand, "rule" the others, None all of them.
    """
    right = [
        c.well
        for c in checked
        if c.item.kind == kind and (base is None or (c.item.base == "hand") == (base == "hand"))
    ]
    return sum(right), len(right)
