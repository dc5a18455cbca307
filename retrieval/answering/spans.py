"""The days that "last week", "the past three days" or "early May" stand for in a question."""

from __future__ import annotations

import re
from datetime import date

from retrieval.checking.facts import DAYS_OF, UNITS
from retrieval.text.days import shifted

Days = frozenset[tuple[int, int, int]]

_COUNTS = {"few": 3, "couple of": 2} | {word: int(count) for word, count in UNITS.items()}
_SPAN = re.compile(
    r"\b(?P<which>this|last|the past|the previous) (?P<span>weekend|week|month|year)\b(?! of)"
    rf"|\b(?:last|past|previous) (?P<count>\d\d?|{'|'.join(_COUNTS)}) (?P<unit>day|week|month)s\b",
    re.I,
)
_PART = re.compile(
    r"\b(?:(?P<first>early|(?:the )?(?:start|beginning) of)|(?P<second>mid|the middle of)"
    r"|(?P<third>late|the end of))[ -]$",
    re.I,
)
"""What stands before a month's name for a third of it."""

_THIRDS = {"first": range(1, 11), "second": range(11, 21), "third": range(21, 32)}


def spans_in(text: str) -> list[tuple[int, int]]:
    """Return where a text has words for days counted from today."""
    return [match.span() for match in _SPAN.finditer(text)]


def days_before(question: str, today: date) -> Days:
    """Return the days that a question counts from today, such as "last week", if it does."""
    found = _SPAN.search(question)
    if not found:
        return frozenset()
    if said := found["count"]:
        count = int(said) if said.isdigit() else _COUNTS[said.lower()]
        return _between(shifted(today, -round(count * DAYS_OF[found["unit"].lower()])), today)
    this = found["which"].lower() == "this"
    span = found["span"].lower()
    if span == "year":
        return frozenset([(today.year - (not this), 0, 0)])
    if span == "month":
        month = today if this else shifted(today.replace(day=1), -1)
        return frozenset([(month.year, month.month, 0)])
    monday = shifted(today, -today.weekday() - 7 * (not this))
    return _between(shifted(monday, 5 if span == "weekend" else 0), shifted(monday, 6))


def _between(first: date, last: date) -> Days:
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return frozenset((day.year, day.month, day.day) for day in days)


def part_of_month(before: str) -> tuple[int, range] | None:
    """Return where the words for a third of the month begin that follows a text, and its days."""
    found = _PART.search(before)
    return (found.start(), _THIRDS[str(found.lastgroup)]) if found else None
