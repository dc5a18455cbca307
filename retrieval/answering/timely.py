"""Weighs sentences for a question of a day, of the latest, or of the second of several."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from retrieval.answering.dating import (
    Time,
    day_of,
    day_of_lead,
    day_told,
    event_spoken_of,
    names_day,
    told_then,
)
from retrieval.answering.evidence import Evidence
from retrieval.answering.ordinals import is_of_another, ordinal_asked
from retrieval.logistic import log_odds, sigmoid
from retrieval.text.days import Day, shifted

_OF_THE_DAY = 1.5
"""What it adds to a sentence's log-odds that it tells of the day asked for, or takes from them that
it tells of another. A day may be misread, and what contradicts is not to be hidden."""

_OF_ANOTHER = 3.0
"""The same for a sentence about the third truce where the first is asked of."""

_PUBLISHED_THEN = 0.5
"""The same for a sentence that names no day, in an article of that day or of the day after it."""

_NEWER = 2.0
"""The same for the latest day that is told of rather than the first, of what may answer."""

_LAST_BEFORE = 4.0
"""The same where a question asks until a day: what was known the day before is no longer so."""

_MAY_ANSWER = 0.2
"""How much as probable as the best a sentence has to be to be one that may answer."""

_MATTERS = 0.02
"""The same for it to matter of what time a sentence is: what is less likely stays behind."""

_KNOWN = 0.5
"""What it adds to the log-odds of an answer that a sentence near the best tells of the day asked
for, or takes from them that none is even in an article of that day."""

_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|now|still|so far|to date|today|current(?:ly)?|final"
    r"|in the end)\b",
    re.I,
)
_IT = re.compile(r"^[\"'“‘(]*(?:it|its|this)\b", re.I)
_AT_FIRST = re.compile(r"\b(?:at first|initially|originally|first reports?)\b", re.I)


def timely_first(evidence: Sequence[Evidence], question: str, time: Time) -> list[Evidence]:
    """Return the evidence, best first, with what is of the time that is asked for favoured."""
    of_then = list(evidence)
    if time.days:
        of_then = _shifted(evidence, lambda e: _shift(e, time))
    elif (event := event_spoken_of(question)).days:
        of_then = _of_the_event(evidence, event)
    if number := ordinal_asked(question):
        of_then = _shifted(of_then, lambda e: -_OF_ANOTHER * is_of_another(e, number))
    sign = bool(_LATEST.search(question)) - bool(_AT_FIRST.search(question))
    worth = _LAST_BEFORE if time.until else sign * _NEWER
    if not worth:
        return of_then
    days = sorted({day for e in _near(of_then) if (day := _told(e)) and _may_be(day, time)})
    return _shifted(of_then, lambda e: worth * _newer(_told(e), days))


def _shifted(evidence: Sequence[Evidence], shift: Callable[[Evidence], float]) -> list[Evidence]:
    """Return the evidence, best first, with something added to the log-odds of what matters."""
    matters = _near(evidence, _MATTERS)
    weighed = [
        replace(one, probability=sigmoid(log_odds(one.probability) + shift(one))) for one in matters
    ]
    return sorted([*weighed, *evidence[len(matters) :]], key=lambda e: -e.probability)


def _may_be(day: Day, time: Time) -> bool:
    """Return whether what is told of a day may be the newest: none after an end is."""
    return not time.until or time.has(day)


def chance_of_the_day(chance: float, evidence: Sequence[Evidence], time: Time) -> float:
    """Return the chance of an answer, by whether what may answer is of the day asked for.

    It is as it was for a question of no day, and where the articles are of the day alone.
    """
    exact = time.days and not time.until and all(day[2] for day in time.days)
    if not exact or not evidence:
        return chance
    shifts = [_shift(e, time) for e in _near(evidence)]
    sign = (shifts[0] == _OF_THE_DAY) - (shifts[0] < 0 or max(shifts) <= 0)
    return sigmoid(log_odds(chance) + _KNOWN * sign) if sign else chance


def _near(evidence: Sequence[Evidence], part: float = _MAY_ANSWER) -> list[Evidence]:
    """Return the sentences that are at least a part as probable as the best, which come first."""
    return [e for e in evidence if e.probability >= part * evidence[0].probability]


def _told(evidence: Evidence) -> Day | None:
    """Return the day that a sentence tells of: that of its article, where it names none."""
    published = evidence.article.published
    told = day_told(evidence.article, evidence.sentence)
    if not told and published:
        return published.year, published.month, published.day
    return told


def _newer(day: Day | None, days: Sequence[Day]) -> float:
    """Return how late a day is among some: from -.5 to .5, and 0 if it is none of them."""
    if len(days) < 2 or day not in days:
        return 0.0
    return days.index(day) / (len(days) - 1) - 0.5


def _shift(evidence: Evidence, time: Time) -> float:
    """Return what a sentence's log-odds gain by being of some time, or lose."""
    published = evidence.article.published
    if not time.days:
        return 0.0
    if (told := day_of(evidence.text, published)) and told[1]:
        return -_OF_THE_DAY if not time.has(told) else 0.0 if time.until else _OF_THE_DAY
    lead = day_of_lead(evidence.article, evidence.sentence)
    if lead and not time.has(lead):  # else "it" is of the day, but not all that is told of it
        return -_OF_THE_DAY
    then = told_then(time, published)
    if time.until:
        return -_OF_THE_DAY if published and not then else 0.0
    return _PUBLISHED_THEN * then


def _of_the_event(evidence: Sequence[Evidence], event: Time) -> list[Evidence]:
    """Return the evidence for what is asked of an event of some day, what names the day favoured.

    Without what is told of "it", if that is of another day: it is about another event.
    """
    own = [e for e in evidence if not (_IT.search(e.text) and _is_of_another(e, event))]
    return _shifted(
        own or evidence,
        lambda e: _OF_THE_DAY * names_day(e.text, event, e.article.published),
    )


def _is_of_another(evidence: Evidence, event: Time) -> bool:
    """Return whether what a sentence leans on is of another day; a night has two."""
    lead = day_of_lead(evidence.article, evidence.sentence)
    near = [shifted(date(*lead), days) for days in (-1, 0, 1)] if lead else []
    return bool(near) and not any(event.has((d.year, d.month, d.day)) for d in near)
