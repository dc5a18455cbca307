"""Compares facts: tells whether one implies another."""

from __future__ import annotations

from retrieval.checking.facts import Fact

_SPANS = {"minute": ("hour", 60), "hour": ("day", 24), "day": ("week", 7), "month": ("year", 12)}
"""How many of a unit another has."""


def supports(known: Fact, claimed: Fact, years: frozenset[int] = frozenset()) -> bool:
    """Return whether the source's fact implies the claimed one (the claim may be less precise).

    `years` may be added to a known date without one: those that its article is about.
    """
    if claimed.kind == "date":
        return known.kind == "date" and _same_day(known.day, claimed.day, years)
    if claimed.kind == "weekday":
        if known.kind == "weekday":
            return known.value == claimed.value
        day = known.as_date(max(years, default=0))
        return day is not None and day.weekday() == claimed.value
    if claimed.kind == "time" or known.kind == "time":
        return _same_time(known, claimed)
    if claimed.kind == "year":
        there = known.day[0] if known.kind == "date" else known.value if known.kind == "year" else 0
        return claimed.value == there or claimed.value in years
    # Two things need not be in a row, so that one is the second.
    kinds = ("ordinal",) if claimed.kind == "ordinal" else ("number", "ordinal")
    return known.kind in kinds and _same_amount(known, claimed)


def _same_amount(known: Fact, claimed: Fact) -> bool:
    """Return whether two numbers are equal, in the same unit or with one unit left out."""
    units = known.unit == claimed.unit or not known.unit or not claimed.unit
    if not units:
        return _same_span(known, claimed) or _same_span(claimed, known)
    return abs(known.value - claimed.value) <= 1e-9 * max(1.0, abs(known.value))


def _same_day(
    known: tuple[int, int, int], claimed: tuple[int, int, int], years: frozenset[int]
) -> bool:
    year = not claimed[0] or known[0] == claimed[0] or (not known[0] and claimed[0] in years)
    return year and all(
        not said or said == there for said, there in zip(claimed[1:], known[1:], strict=True)
    )


def _same_span(one: Fact, other: Fact) -> bool:
    """Return whether two durations in neighbouring units are equal: seven days and a week."""
    larger, size = _SPANS.get(one.unit, ("", 0))
    return other.unit == larger and one.value == other.value * size


def _same_time(known: Fact, claimed: Fact) -> bool:
    """Compare two times of day, or a time with a bare hour ("six in the evening", "6 p.m.")."""
    if known.kind == claimed.kind:
        apart = known.value - claimed.value
        return apart == 0 if known.unit and claimed.unit else apart % 720 == 0
    time, other = (known, claimed) if known.kind == "time" else (claimed, known)
    return other.kind == "number" and time.value % 60 == 0 and other.value == time.value // 60 % 12
