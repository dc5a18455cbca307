"""Sentences checked without a judge, and the share of right verdicts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.checking.check import SupportCheck
from retrieval.checking.verdicts import Verdict
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import claims, development, planted
from tests.measuring.claims import Item

BASELINE = Path(__file__).resolve().parents[1] / "quality" / "support_baseline.json"
TOLERANCE = 0.02
"""How far a figure may move from the baseline's: a sentence or two."""

AIMS = {"swaps caught": 0.95, "held-out paraphrases passed": 0.88}
"""The figures that fall short of an aim, and the aim. The baseline keeps what is reached."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of right verdicts, of a total."""

    right: int
    total: int

    @property
    def rate(self) -> float:
        """Return the share of right verdicts."""
        return self.right / self.total


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


def check_all(check: SupportCheck, items: Iterable[Item]) -> list[Checked]:
    """Check every sentence against its sources."""
    checked = []
    for item in items:
        began = time.perf_counter()
        verdict = check.unjudged(item.marked, item.sources, "")
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


def rate(checked: Iterable[Checked], *kinds: str, split: str = "") -> float:
    """Return the share of right verdicts on some kinds, in all articles or in those of a split."""
    return figure(checked, *kinds, split=split).rate


def figure(checked: Iterable[Checked], *kinds: str, split: str = "") -> Figure:
    """Count the right verdicts on some kinds, in all articles or in those of a split."""
    kept = [c for c in checked if split in ("", c.item.split)]
    counts = [share(kept, kind) for kind in kinds]
    return Figure(sum(right for right, _ in counts), sum(total for _, total in counts))


def sample(encoder: OnnxEncoder) -> list[Checked]:
    """Check the sentences of the sample archive: those of the tests, and of the baseline."""
    shelf = claims.Shelf("sample", development.golden("dev").articles, encoder)
    items = claims.true_items(shelf, 60) + claims.hand_written(shelf)
    items += planted.faults(shelf, items)
    return check_all(SupportCheck(encoder), planted.thinned(items, 8))


def aimed_at(checked: Iterable[Checked]) -> dict[str, Figure]:
    """Return the figures that the baseline keeps, by name."""
    checked = list(checked)
    return {
        "swaps caught": figure(checked, *planted.SWAPPED),
        "held-out paraphrases passed": figure(checked, "paraphrased", split="test"),
    }


def read_baseline() -> dict[str, Figure]:
    """Read the figures that the baseline keeps."""
    fields = json.loads(BASELINE.read_text(encoding="utf-8"))
    return {name: Figure(**counts) for name, counts in fields.items()}


def save_baseline(figures: dict[str, Figure]) -> None:
    """Make some figures the baseline."""
    fields = {name: asdict(counts) for name, counts in figures.items()}
    BASELINE.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
