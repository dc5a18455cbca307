"""Finds what phrases such as "a week", "yesterday" or "two days later" stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.dates import MONTH_PATTERN
from retrieval.checking.facts import DAYS_OF, UNITS, Fact, figure, find_facts, unit_after, value_of
from retrieval.text.days import shifted

_ONE = re.compile(r"\ban? (?=(?:day|week|month|year|hour|minute)\b)", re.I)
_RELATIVE = re.compile(r"\b(this|last|next) (month|year)\b|\b(today|yesterday|tomorrow)\b", re.I)
_DATED = re.compile(rf",?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{MONTH_PATTERN})\b")
"""What follows a weekday whose date is told: it is no other of the same name."""

_APART = re.compile(
    r"\bthe (?P<which>next|following|previous) day\b"
    rf"|\b(?P<amount>\d{{1,3}}|an?|{'|'.join(UNITS)}) (?P<unit>day|week|month|year)s? "
    r"(?P<way>later|after|afterwards|earlier|before|ago)\b",
    re.I,
)


def implied(text: str, published: date | None) -> list[Fact]:
    """Return the facts behind phrases such as "a week"; with a date also weekdays, "today", "last
    month".
    """
    facts = [
        figure("number", *match.span(), 1.0, unit_after(text, match.end() - 1))
        for match in _ONE.finditer(text)
    ]
    if published is None:
        return facts
    for fact in find_facts(text):
        if fact.kind == "weekday" and not _DATED.match(text, fact.end):
            back = (published.weekday() - int(fact.value)) % 7
            days = (shifted(published, shift) for shift in (-back, 7 - back))
            facts += [_on(fact.start, fact.end, day) for day in days]
    for match in _RELATIVE.finditer(text):
        start, end = match.span()
        shift = {"last": -1, "next": 1}.get((match.group(1) or "").lower(), 0)
        if match.group(3):
            shift = {"yesterday": -1, "tomorrow": 1}.get(match.group(3).lower(), 0)
            facts.append(_on(start, end, shifted(published, shift)))
        elif match.group(2).lower() == "year":
            facts.append(Fact("year", start, end, published.year + shift))
        else:
            month = published.month - 1 + shift
            day = (published.year + month // 12, month % 12 + 1, 0)
            facts.append(Fact("date", start, end, day=day))
    return facts + list(_from_another_day(text, published))


def _from_another_day(text: str, published: date) -> Iterator[Fact]:
    """Yield the days that "two weeks later", "the next day" or "three days ago" stand for.

    They are counted from the date last named before them, "ago" from the day of publication.
    """
    dates = [(f.start, day) for f in find_facts(text) if (day := f.as_date(published.year))]
    for match in _APART.finditer(text):
        before = [day for start, day in dates if start < match.start()]
        anchor = before[-1] if before and match["way"] != "ago" else published
        said = match["amount"] or "one"
        amount = float(said) if said.isdigit() else (value_of(said.lower()) or 1.0)
        days = round(amount * DAYS_OF[(match["unit"] or "day").lower()])
        back = (match["way"] or match["which"]).lower() in ("earlier", "before", "ago", "previous")
        if days <= 3_660:
            yield _on(*match.span(), shifted(anchor, -days if back else days))


def _on(start: int, end: int, day: date) -> Fact:
    return Fact("date", start, end, day=(day.year, day.month, day.day))
