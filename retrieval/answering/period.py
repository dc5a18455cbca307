"""The time that a timeline is to tell of: "between August and October", "since 27 September"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from corpus.dates import MONTH_PATTERN
from retrieval.checking.facts import find_facts
from retrieval.text.days import LEAP_YEAR, Day, exists
from retrieval.text.months import with_capital_months

_FROM = re.compile(r"\b(?:(?:between|from|since)\b[^,;]*|after )$", re.I)
_UNTIL = re.compile(r"\b(?:until|till|before|up to) (?:the end of )?$", re.I)
_DURING = re.compile(r"\b(?:in|during|throughout) $", re.I)
"""What stands before the day or month that a time begins with, ends with, or is."""

_BOTH_ENDS = re.compile(r"\b(?:between|from) (?:the )?$", re.I)
_GREW = re.compile(
    r"\b(?:gr[eo]w\w*|r[io]se\w*|rising|f[ae]ll\w*|chang\w*|(?:in|de)creas\w*|differ\w*)\b", re.I
)
"""What is asked of two days rather than of those between them: "Did the toll grow between …?"."""

_DASH = r"(\d{1,2})(?:st|nd|rd|th)? ?[-–] ?(\d{1,2})(?:st|nd|rd|th)?"
_DAYS_FIRST = re.compile(rf"\b(?:on )?{_DASH} (?:of )?({MONTH_PATTERN})\b(?![-–])")
_MONTH_FIRST = re.compile(rf"\b(?:on )?({MONTH_PATTERN}) {_DASH}\b(?![-–])")

_THE_DAY = re.compile(r"\bthe (?=\d{1,2}(?:st|nd|rd|th) (?:of|and|to|until|till)\b)", re.I)
"""What stands before the day of a month in "between the 5th and the 8th of May"."""

_LONGEST = 62
"""Days of a time that is told day by day; a longer one is that of a timeline."""

Period = tuple[Day, Day]
_ALWAYS: Period = ((1, 1, 1), (9999, 12, 31))


def period_of(subject: str) -> Period | None:
    """Return the first and the last day of the time to be told, 0 for a year that is not said."""
    subject = with_capital_months(subject)
    stated = find_facts(subject)
    facts = [f for f in stated if f.kind == "date" and 1 <= f.day[1] <= 12]
    if not facts:
        years = [int(f.value) for f in stated if f.kind == "year"]
        if len(years) == 1 and _DURING.search(subject[: stated[0].start]):
            return (years[0], 1, 1), (years[0], 12, 31)
        return None
    before = subject[: facts[0].start]
    first, last = facts[0].day, facts[-1].day
    if _FROM.search(before):
        if len(facts) == 1:
            return _first_of(first), _ALWAYS[1]
        first, last = _of_years(first, facts[1].day)
    elif _UNTIL.search(before):
        return _ALWAYS[0], _last_of(first)
    elif len(facts) > 1 or first[2] or not _DURING.search(before):
        return None
    within = _first_of(first), _last_of(last)
    return within if within[0] <= within[1] or not first[0] else None


def in_full(question: str) -> str:
    """Return a question with "5-8 May" and "May 5-8" as "from 5 May to 8 May", and "the 5th of May"
    as "5th of May"."""
    question = _THE_DAY.sub("", with_capital_months(question))
    question = _DAYS_FIRST.sub(r"from \1 \3 to \2 \3", question)
    return _MONTH_FIRST.sub(r"from \2 \1 to \3 \1", question)


def days_between(question: str) -> frozenset[Day]:
    """Return the days of which a question asks from one day to another: "between 5 and 8 May".

    None if it asks of no such time, or of more than two months.
    """
    within = period_of(question)
    if not where_between(question) or not within or not all(map(exists, within)):
        return frozenset()
    first, last = (date(year or LEAP_YEAR, month, day) for year, month, day in within)
    if first > last:  # over New Year, in years that are not said
        first = first.replace(year=LEAP_YEAR - 1)
    days = [first + timedelta(n) for n in range((last - first).days + 1)][: _LONGEST + 1]
    told = len(days) <= _LONGEST
    return frozenset((within[0][0] and d.year, d.month, d.day) for d in days if told)


def where_between(question: str) -> tuple[int, int] | None:
    """Return where a question says between which two days, or None if it does not."""
    question = with_capital_months(question)
    dates = [fact for fact in find_facts(question) if fact.kind == "date" and fact.day[2]]
    asked = len(dates) == 2 and not _GREW.search(question)
    begins = _BOTH_ENDS.search(question[: dates[0].start]) if asked else None
    return (begins.start(), dates[1].end) if begins else None


def _of_years(first: Day, last: Day) -> Period:
    """Return two days of which one may lack its year, in that of the other or the one beside it.

    Those of one month may stand in any order.
    """
    year, other = max(first[0], last[0]), min(first[0], last[0])
    if first[1] == last[1] and first[2] > last[2] > 0 and other in (0, year):
        return (year, *last[1:]), (year, *first[1:])
    wraps = first[1:] > last[1:]
    if first[0] and not last[0]:
        last = first[0] + wraps, *last[1:]
    elif last[0] and not first[0]:
        first = last[0] - wraps, *first[1:]
    return first, last


def _first_of(day: Day) -> Day:
    return day[0], day[1], day[2] or 1


def _last_of(day: Day) -> Day:
    return day[0], day[1], day[2] or 31


def placed(within: Period, days: Sequence[Day]) -> Period:
    """Return a time with its years: where none is said, those in which most of some days are.

    One without a beginning or an end is the last.
    """
    first, last = within
    newest = max(days)
    if last == _ALWAYS[1]:
        return first if first[0] else (newest[0] - (first[1:] > newest[1:]), *first[1:]), last
    if first == _ALWAYS[0]:
        return first, last if last[0] else (newest[0] - (last[1:] > newest[1:]), *last[1:])
    if first[0]:
        return within
    wraps = first[1:] > last[1:]
    years = {day[0] - offset for day in days for offset in (0, wraps)}
    times = [((year, *first[1:]), (year + wraps, *last[1:])) for year in years]
    return max(times, key=lambda time: (sum(time[0] <= day <= time[1] for day in days), time))
