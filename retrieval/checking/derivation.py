"""Derives figures from others: sums, differences, shares, times between dates, ages, rounding."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from math import isclose

from retrieval.checking.facts import DAYS_OF, Fact

_HEDGE = re.compile(
    r"\b(?:(?P<about>about|around|some|roughly|approximately)|nearly|almost|over|under|more than"
    r"|fewer than|less than|close to|up to|at least)\s+(?:[$€£]\s?)?\Z",
    re.I,
)
_ROUNDED = 0.05
"""How far, of the exact figure, a round one may be from it."""

_DOZEN = range(10, 15)
"""What is about a dozen."""

_AGED = re.compile(r"\b(?:[Aa]ged?|age of)\s\Z|\b[A-Z][\w'’-]+,\s\Z")
_OLD = re.compile(r"[-\s]years?[-\s]old\b")

_TERMS = (3, 4)
"""How many figures that follow one another in a sentence may be summed."""


def derivation(
    claimed: Fact,
    known: Sequence[Fact],
    text: str,
    years: Collection[int],
    rows: Iterable[Sequence[Fact]] = (),
) -> str:
    """Return how a figure follows from others, such as "29 - 23 = 6"; empty if it does not.

    Tried are rounding ("about 7,000" of 6,950, by `text` before the figure), a sum and a difference
    of two amounts of the same unit, a share of one in another, what the text says to be an age, the
    time between two dates (in the last of `years`, where they name none) or from a year until one
    of `years`, and the sum of three or four figures in a row, of the `rows` in a sentence each.
    """
    if claimed.kind != "number":
        return ""
    year = max(years, default=2000)
    amounts = [f for f in known if f.kind in ("number", "year") and f.value]
    amounts += [Fact("year", 0, 0, float(year)) for year in years]
    return (
        _rounded(claimed, amounts, text)
        or _of_two(claimed, amounts)
        or (_age if _is_age(claimed, text) else _between)(claimed, known, year)
        or _sum(claimed, rows)
    )


def _rounded(claimed: Fact, amounts: Iterable[Fact], text: str) -> str:
    hedge = _HEDGE.search(text, 0, claimed.start)
    if not hedge:
        return ""
    dozen = hedge["about"] and text[claimed.start : claimed.end].lower() == "a dozen"
    for one in amounts:
        alike = one.kind == "number" and (one.unit == claimed.unit or not claimed.unit)
        near = abs(one.value - claimed.value) <= _ROUNDED * one.value
        if alike and (near or (dozen and one.value in _DOZEN)):
            return f"about {_shown(one.value)}"
    return ""


def _of_two(claimed: Fact, amounts: Iterable[Fact]) -> str:
    """Return the two amounts whose sum, difference or share a figure is, or nothing."""
    want = claimed.value
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
    return ""


def _sum(claimed: Fact, rows: Iterable[Sequence[Fact]]) -> str:
    """Return three or four figures in a row that come to another of their unit, or nothing."""
    for row in rows:
        amounts = [fact for fact in row if fact.kind == "number"]
        for size in _TERMS:
            for at in range(len(amounts) - size + 1):
                terms = amounts[at : at + size]
                units = {term.unit for term in terms}
                same = len(units) == 1 and claimed.unit in (*units, "")
                if same and isclose(claimed.value, sum(term.value for term in terms)):
                    shown = " + ".join(_shown(term.value) for term in terms)
                    return f"{shown} = {_shown(claimed.value)}"
    return ""


def _is_age(claimed: Fact, text: str) -> bool:
    return bool(_AGED.search(text, 0, claimed.start) or _OLD.match(text, claimed.end))


def _age(claimed: Fact, known: Sequence[Fact], year: int) -> str:
    """Return the two years that an age lies between; it is one less before the birthday."""
    days = {(f.day[0] or year, *f.day[1:]) for f in known if f.kind == "date"}
    days |= {(int(f.value), 0, 0) for f in known if f.kind == "year"}
    for one, other in combinations(sorted(days), 2):
        most = other[0] - one[0]
        exact = one[2] and other[2]
        ages = [most - (other[1:] < one[1:])] if exact else [most, most - 1]
        if claimed.value in ages:
            return f"from {one[0]} to {other[0]}"
    return ""


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
