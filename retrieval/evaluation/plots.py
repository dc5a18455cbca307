"""What the plots of a run show, as numbers; `retrieval.evaluation.report` draws them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from retrieval.evaluation.results import Record


@dataclass(frozen=True, slots=True)
class Share:
    """A named number of questions and its share of all of them, of which `offset` came before."""

    name: str
    count: int
    share: float
    offset: float


def outcomes(records: Iterable[Record], answerable: bool) -> list[Share]:
    """Return how the answerable questions, or the others, ended: verdicts, the right one first."""
    verdicts = [r.verdict for r in records if r.expected.answerable == answerable]
    shares: list[Share] = []
    for name in ("right", "wrong answer", "wrongly answered", "wrongly declined", "failed"):
        if count := verdicts.count(name):
            offset = sum(share.share for share in shares)
            shares.append(Share(name, count, count / len(verdicts), offset))
    return shares


@dataclass(frozen=True, slots=True)
class Operating:
    """What a threshold does: the shares of answerable and unanswerable questions answered."""

    threshold: float
    answered: float
    wrongly: float


@dataclass(frozen=True, slots=True)
class TradeOff:
    """What every threshold would do, from the highest to the lowest, and the one in force.

    `answerable` and `unanswerable` are the numbers of questions with evidence. `area` is that
    under the curve: the probability that of an answerable and an unanswerable question the first
    has more evidence (Hanley & McNeil, Radiology 1982); chance is one half.
    """

    points: tuple[Operating, ...]
    current: Operating | None
    answerable: int
    unanswerable: int
    area: float

    @property
    def selected(self) -> list[Operating]:
        """For a table: the first points at which 10, 20 … 100 % of answerables are answered."""
        answered = [point.answered for point in self.points]
        at = (bisect_left(answered, tenth / 10 - 1e-9) for tenth in range(1, 11))
        return [self.points[i] for i in dict.fromkeys(min(i, len(answered) - 1) for i in at)]


def trade_off(records: Iterable[Record], threshold: float | None) -> TradeOff | None:
    """Return the curve of a run, or None where it has no evidence for both sorts of questions."""
    weighed = [(r.evidence, r.expected.answerable) for r in records if r.evidence is not None]
    good = sorted(evidence for evidence, answerable in weighed if answerable)
    bad = sorted(evidence for evidence, answerable in weighed if not answerable)
    if not good or not bad:
        return None

    def at(value: float) -> Operating:
        return Operating(value, _from(value, good), _from(value, bad))

    points = [at(value) for value in sorted({*good, *bad}, reverse=True)]
    points.insert(0, Operating(1.0, 0.0, 0.0))
    area = sum(
        (right.wrongly - left.wrongly) * (right.answered + left.answered) / 2
        for left, right in pairwise(points)
    )
    current = None if threshold is None else at(threshold)
    return TradeOff(tuple(points), current, len(good), len(bad), area)


def _from(value: float, ordered: Sequence[float]) -> float:
    """Return the share of ordered numbers that are at least a value."""
    return 1 - bisect_left(ordered, value) / len(ordered)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram: how many values are in [low, high); the last takes what is above."""

    low: float
    high: float
    count: int


def histogram(values: Sequence[float], most_bins: int = 40) -> list[Bin]:
    """Bars of a round width from 0 on; the longest hundredth goes into the last one."""
    if not values:
        return []
    ordered = sorted(values)
    end = ordered[ceil(len(ordered) * 0.99) - 1]
    width = round_step(end / most_bins)
    last = floor(end / width)
    counts: dict[int, int] = defaultdict(int)
    for value in ordered:
        counts[min(floor(value / width), last)] += 1
    return [Bin(at * width, (at + 1) * width, counts[at]) for at in range(last + 1)]


def round_step(least: float) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that is no less than a number
    above 0."""
    power: float = 10.0 ** floor(log10(max(least, 1e-9)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def ticks(end: float) -> list[float]:
    """Round numbers from 0 to an end, three to six of them, for an axis."""
    step = round_step(end / 5)
    return [number * step for number in range(floor(end / step * (1 + 1e-9)) + 1)]


@dataclass(frozen=True, slots=True)
class Stage:
    """The mean milliseconds of a stage, and their share of the longest's."""

    name: str
    milliseconds: float
    share: float


def stages(records: Iterable[Record]) -> list[Stage]:
    """Return how long each stage took, over the questions that went through it."""
    times: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for stage, milliseconds in record.timings_ms.items():
            times[stage].append(milliseconds)
    means = {stage: sum(values) / len(values) for stage, values in times.items()}
    longest = max(means.values(), default=0) or 1.0
    return [Stage(name, mean, mean / longest) for name, mean in means.items()]
