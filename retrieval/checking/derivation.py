"""Derives figures from others: sums, differences, shares, times between dates, and rounding."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import combinations
from math import isclose

from retrieval.checking.facts import DAYS_OF, Fact

_HEDGE = re.compile(
    r"\b(?:about|around|some|nearly|almost|roughly|approximately|over|under|more than|fewer than"
    r"|less than|close to|up to|at least)\s+(?:[$€£]\s?)?\Z",
    re.I,
)
_ROUNDED = 0.05
"""How far, of the exact figure, a round one may be from it."""


def derivation(claimed: Fact, known: Sequence[Fact], text: str, years: Collection[int]) -> str:
    """Return how a figure follows from others, such as "29 - 23 = 6"; empty if it does not.

    Tried are a sum and a difference of two amounts of the same unit, a share of one in another,
    the time between two dates (in the last of `years`, where they name none) or from a year until
    one of `years`, and rounding ("about 7,000" of 6,950, by `text` before the figure).
    """
    if claimed.kind != "number":
        return ""
    want = claimed.value
    amounts = [f for f in known if f.kind in ("number", "year") and f.value]
    amounts += [Fact("year", 0, 0, float(year)) for year in years]
    hedged = bool(_HEDGE.search(text, 0, claimed.start))
    for one in amounts:
        alike = one.kind == "number" and (one.unit == claimed.unit or not claimed.unit)
        if hedged and alike and abs(one.value - want) <= _ROUNDED * one.value:
            return f"about {_shown(one.value)}"
    for one, other in combinations(amounts, 2):
        big, small = max(one.value, other.value), min(one.value, other.value)
        if one.kind != other.kind or one.unit != other.unit:
            continue
        if claimed.unit in (one.unit, "") or (one.kind == "year" and claimed.unit == "year"):
            if isclose(want, big - small):
                shown = _shown if one.kind == "number" else "{:.0f}".format
                return f"{shown(big)} - {shown(small)} = {_shown(want)}"
            if one.kind == "number" and isclose(want, big + small):
                return f"{_shown(big)} + {_shown(small)} = {_shown(want)}"
        if claimed.unit == "percent" and abs(want - 100 * small / big) <= 1:
            return f"{_shown(small)} of {_shown(big)}"
    return _between(claimed, known, max(years, default=2000))


def _between(claimed: Fact, known: Sequence[Fact], year: int) -> str:
    """Return the two dates that are as far apart as a figure says, or nothing."""
    if claimed.unit not in DAYS_OF:
        return ""
    days = [day for fact in known if (day := fact.as_date(year))]
    for one, other in combinations(dict.fromkeys(days), 2):
        apart = abs((one - other).days) / DAYS_OF[claimed.unit]
        if abs(apart - claimed.value) <= (0 if claimed.unit == "day" else 0.15 * max(apart, 1)):
            return f"from {min(one, other):%-d %B} to {max(one, other):%-d %B}"
    return ""


def _shown(value: float) -> str:
    return f"{value:,.10g}"
