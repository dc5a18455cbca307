"""The day on which what a sentence tells of happened."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date

from corpus.article import Article
from corpus.dates import parse_date
from retrieval.answering.context import lead_of, needs_context
from retrieval.answering.period import days_between, in_full, where_between
from retrieval.answering.spans import days_before, part_of_month, spans_in
from retrieval.checking.facts import Fact, find_facts
from retrieval.checking.implied import implied
from retrieval.text.days import Day, exists, shifted
from retrieval.text.months import with_capital_months
from retrieval.text.sentences import Sentence

_FIRST_YEAR = 1000
_PART = (
    r"(?:hours|night|evening|morning|week|end|start|beginning|middle|spring|summer|autumn|winter)"
)
_SAID_OF_IT = re.compile(
    rf"\b{_PART} of (?:\w+day, )?$|^(?!.*\b(?:of|since|until|till|from|between|before|after|than"
    r"|for|to|the|this|that|a)(?: \w+day,)? $)",
    re.I | re.S,
)
"""What may stand right before the date of an event; "the truce of 10 October" tells of another."""

_OF_AN_EVENT = re.compile(r"\bof (?:\w+day, )?$", re.I)
"""What stands before the day of an event that is spoken of: "the truce of 10 October"."""

_SAID_OF_ANOTHER = re.compile(
    r"\b(?:since|until|till|like|before|after)\b[^,;]*$"
    r"|\b(?:will|must|due|supposed|planned|scheduled|expected|aimed|to be)\b"
    r"(?!.*\b(?:said|told)\b)",
    re.I,
)
"""What makes a date that of another event, or of a plan: "since the war began on 27 September"."""

_LOOSE = re.compile(r"\b(?:on|by|early|late|in)(?: the)?(?: (?:early )?\w+ of)? $", re.I)
"""What stands before a weekday or a year that dates something: "Tokyo 2020" does not."""

_UNTIL = re.compile(
    rf"\b(?:by|until|till|as of)(?: the)?(?: {_PART} of)?(?: \w+day,?)? "
    r"(?:(?:early|mid|late)[ -])?$",
    re.I,
)
_PLANNED = re.compile(
    r"\b(?:will|would|can|must|should|shall|due|supposed|plan(?:s|ned)?|scheduled|expect(?:s|ed)?"
    r"|aim(?:s|ed)?|hope[sd]?|promised?|pledged?|want(?:s|ed)?|target|deadline"
    r"|(?:have|has|had|is|are|was|were|needs?|needed) to|to be)\b",
    re.I,
)
"""What makes the day until which is asked a part of what is asked: "must leave by 1 December"."""

_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.I)
_VAGUE = re.compile(rf"{_WEEKDAY.pattern}s?|today", re.I)
_NEWS_OF = re.compile(r"\bhappen|\bnews\b", re.I)
"""What is asked of today itself, where "today" is no nowadays."""

_IN_FIGURES = re.compile(r"(?<![\d/.])\d{1,2}([/.])\d{1,2}\1\d{4}(?![\d/])")
_COUNTED = re.compile(r"(?:later|after|afterwards|earlier|before| day)$", re.I)
"""The end of "two days later", which is counted from another day: the text has to name that."""


def day_of(text: str, published: date | None) -> Day | None:
    """Return the day of the event that a sentence tells of, as far as it names one.

    A date without its year is in the year nearest to the article's; a weekday is the last before
    it. Dates that only place the event ("since 27 September") do not count, nor do those to come.
    """
    for fact in _dates(text, published):
        if not _tells_of(text, fact):
            continue
        day = _whole(fact, published)
        if day and (not published or day <= (published.year, published.month, published.day)):
            return day
    return None


def day_told(article: Article, sentence: Sentence) -> Day | None:
    """Return the day that a sentence tells of, or the one does that it leans on ("It failed …")."""
    text = article.body[sentence.start : sentence.end]
    return day_of(text, article.published) or day_of_lead(article, sentence)


def day_of_lead(article: Article, sentence: Sentence) -> Day | None:
    """Return the whole day that the sentence tells of which another leans on, if it does."""
    text = article.body[sentence.start : sentence.end]
    lead = lead_of(article, sentence) if needs_context(text) else None
    day = lead and day_of(article.body[lead.start : lead.end], article.published)
    return day if day and day[2] else None


@dataclass(frozen=True, slots=True)
class Time:
    """The days of which a question asks, or the day until which it asks; none if of no day.

    One may be a month or a year, or have no year: then its day, month or year is 0.
    """

    days: frozenset[Day] = frozenset()
    until: bool = False

    def has(self, day: Day) -> bool:
        """Return whether a day is of this time; until an end, a month counts as its last day."""
        if self.until:
            told = _last_of(day)
            ends = [_last_of(end) for end in self.days]
            return any(told <= end if end[0] else told[1:] <= end[1:] for end in ends)
        several = len(self.days) > 1  # of which "in May" may be any
        return any(
            all(
                said == part or (several and not said)
                for said, part in zip(day, d, strict=True)
                if part
            )
            for d in self.days
        )

    def ended(self, newest: date | None) -> Time:
        """Return it with the year of its end, if none is said: the last in which that has been."""
        if not self.until or not newest:
            return self
        today = newest.month, newest.day
        return Time(
            frozenset((y or newest.year - ((m, d) > today), m, d) for y, m, d in self.days), True
        )

    @property
    def end(self) -> date | None:
        """The day until which is asked, if it has a year."""
        year, month, day = max(map(_last_of, self.days), default=(0, 0, 0))
        known = self.until and year
        return date(year, month, min(day, monthrange(year, month)[1])) if known else None


def time_asked(question: str, today: date | None) -> Time:
    """Return the time of which a question asks; "last week" is counted from `today`.

    What only places an event ("since 27 September") is none, nor is a weekday, which may be that
    of an article, or "today", which may be nowadays where no news are asked for.
    """
    if today and (days := days_before(question, today)):
        return Time(days)
    question = in_full(question)
    if days := days_between(question):
        return Time(days)
    dates = [f for f in _dates_typed(question, today) if not _is_vague(question, f)]
    if len(dates) != 1:
        return Time()
    [fact] = dates
    day = (int(fact.value), 0, 0) if fact.kind == "year" else fact.day
    until = bool(_UNTIL.search(question[: fact.start]))
    of_it = not _PLANNED.search(question) if until else _tells_of(question, fact)
    told = any(day[:2]) and of_it
    part = part_of_month(question[: fact.start]) if day[1] and not day[2] else None
    asked = ((*day[:2], n) for n in part[1]) if part else [day]
    return Time(frozenset(filter(exists, asked)), until) if told else Time()


def _is_vague(question: str, fact: Fact) -> bool:
    """Return whether words for a day may be of another: "on Friday", or "today" for nowadays."""
    said = question[fact.start : fact.end]
    of_the_day = said.lower() == "today" and _NEWS_OF.search(question)
    return bool(_VAGUE.fullmatch(said)) and not of_the_day


def event_spoken_of(question: str) -> Time:
    """Return the day of an event that a question speaks of: "Who brokered the truce of 10 May?"."""
    dates = _dates_typed(question, None)
    if len(dates) != 1:
        return Time()
    [fact] = dates
    before = question[: fact.start]
    placed = _SAID_OF_IT.search(before) or _SAID_OF_ANOTHER.search(before)
    spoken_of = _OF_AN_EVENT.search(before) and not placed and fact.day[2]
    return Time(frozenset([fact.day])) if spoken_of else Time()


def names_day(text: str, time: Time, published: date | None) -> bool:
    """Return whether a text has a date that is of a time, whatever it says of it."""
    dates = (fact for fact in find_facts(text) if fact.kind == "date")
    return any(time.has(day) for fact in dates if (day := _whole(fact, published)))


def is_of(time: Time, text: str, published: date | None) -> bool:
    """Return whether a sentence tells of a time: the day it names is of it, or its article's.

    An article that names no day tells of its own, or of the day before.
    """
    told = day_of(text, published)
    if told and (told[1] or not any(month for _, month, _ in time.days)):
        return time.has(told)
    return told_then(time, published)


def told_then(time: Time, published: date | None, later: int = 1) -> bool:
    """Return whether an article is of a time, or so many days later at most."""
    days = (shifted(published, -back) for back in range(later + 1)) if published else ()
    return any(time.has((day.year, day.month, day.day)) for day in days)


def _last_of(day: Day) -> Day:
    return day[0], day[1] or 12, day[2] or 31


def undated(text: str, today: date) -> str:
    """Return a text without the dates in it."""
    text = in_full(text)
    spans = [*spans_in(text), *filter(None, [where_between(text)])]
    for fact in _dates_typed(text, today):
        part = part_of_month(text[: fact.start])
        spans.append((part[0] if part else fact.start, fact.end))
    return "".join(
        character
        for at, character in enumerate(text)
        if not any(start <= at < end for start, end in spans)
    )


def without_end(question: str, today: date) -> str:
    """Return a question without the day until which it asks: "How many had fled by 2 May?"."""
    for fact in _dates_typed(question, today):
        if until := _UNTIL.search(question[: fact.start]):
            return question[: until.start()].rstrip() + question[fact.end :]
    return question


def _tells_of(text: str, fact: Fact) -> bool:
    """Return whether a date is that of what a sentence tells of."""
    before = text[: fact.start]
    return bool(_SAID_OF_IT.search(before)) and not _SAID_OF_ANOTHER.search(before)


def _dates_typed(question: str, today: date | None) -> list[Fact]:
    """Return the dates of a question, in whatever way people type them: "oct 17", "10/17/2020"."""
    in_figures = [
        Fact("date", *match.span(), day=(day.year, day.month, day.day))
        for match in _IN_FIGURES.finditer(question)
        if (day := parse_date(match[0]))
    ]
    return [*_dates(with_capital_months(question), today), *in_figures]


def _dates(text: str, published: date | None) -> list[Fact]:
    """Return the dates of a text in order, and what its weekdays and "yesterday" stand for."""
    stated = [
        fact
        for fact in find_facts(text)
        if fact.kind == "date" or (fact.kind == "year" and _LOOSE.search(text[: fact.start]))
    ]
    starts = Counter(fact.start for fact in stated)  # "on 10, 18 and 26 October" is no one day
    known = {fact.start: fact for fact in stated if starts[fact.start] == 1}
    for fact in implied(text, published) if published else ():
        said = text[fact.start : fact.end]
        named = not _WEEKDAY.fullmatch(said) or _LOOSE.search(text[: fact.start])
        counted = not _COUNTED.search(said) or min(known, default=fact.start) < fact.start
        if fact.kind == "date" and named and counted:
            known.setdefault(fact.start, fact)
    return [known[start] for start in sorted(known)]


def _whole(fact: Fact, published: date | None) -> Day | None:
    """Return the day that a fact states, in the year nearest to an article's where it has none."""
    year, month, day = fact.day
    if fact.kind == "year":
        return (int(fact.value), 0, 0) if fact.value >= _FIRST_YEAR else None
    if not year and published:
        year = min(
            range(published.year - 1, published.year + 2),
            key=lambda y: abs((y - published.year) * 12 + month - published.month),
        )
    return (year, month, day) if year and exists((year, month, day)) else None
