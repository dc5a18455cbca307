"""Stages of a course of events: which are told, of those that may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.article import Article
from corpus.dates import MONTHS
from retrieval.answering.dating import Day
from retrieval.answering.statements import same
from retrieval.archive.passages import Passage
from retrieval.checking.facts import find_facts
from retrieval.text.sentences import Sentence

_MOST, FEWEST = 10, 2
"""Stages of a timeline. With fewer there is no course of events to tell."""

_ABOVE_THE_REST = 0.5
"""How far above the average sentence found, on the way to the two best, a stage has to be.

All that a search finds of a subject that the archive tells much of is about it; of another,
little is, and the rest is far behind.
"""

_OF_THE_BEST = 0.6
"""The least score, of the best, where the time to tell of is given."""

_ON_SUBJECT = 0.72
"""The least sum of the best score and the average: below it nothing is about the subject."""

_LONG_BEFORE = 0.75
"""The share of the whole time after which a first stage is background."""

_FROM = re.compile(r"\b(?:(?:between|from|since)\b[^,;]*|after )$", re.I)
_UNTIL = re.compile(r"\b(?:until|till|before|up to) (?:the end of )?$", re.I)
_DURING = re.compile(r"\b(?:in|during|throughout) $", re.I)
"""What stands before the day or month that a time begins with, ends with, or is."""

_SMALL = re.compile(
    rf"((?:\d|\b(?:in|of|from|since|to|until|and|between)) )({'|'.join(MONTHS)})\b", re.I
)
"""A month after a day or a preposition: people write it small."""

Range = tuple[Day, Day]
_ALWAYS: Range = ((1, 1, 1), (9999, 12, 31))


@dataclass(frozen=True, slots=True)
class Stage:
    """A sentence of an article that tells of something that happened on a day."""

    day: Day
    article: Article
    passage: Passage
    sentence: Sentence
    score: float

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.body[self.sentence.start : self.sentence.end]


def choose_stages(stages: Sequence[Stage], within: Range | None = None) -> list[Stage]:
    """Return the stages to tell, in order: on the subject, one a day, spread over the time."""
    if within and stages:
        first, last = _placed(within, [stage.day for stage in stages])
        stages = [stage for stage in stages if first <= stage.day <= last]
    ranked = sorted(stages, key=lambda stage: -stage.score)
    if not ranked:
        return []
    average = sum(stage.score for stage in ranked) / len(ranked)
    if ranked[0].score + average < _ON_SUBJECT:
        return []
    best = sum(stage.score for stage in ranked[:2]) / len(ranked[:2])
    least = average + _ABOVE_THE_REST * (best - average)
    if within:  # what the archive tells of that time is the subject
        least = min(least, _OF_THE_BEST * best)
    chosen: dict[Day, Stage] = {}
    for stage in ranked:
        if stage.score >= least and not any(_same(stage, other) for other in chosen.values()):
            chosen.setdefault(stage.day, stage)
    days = {day[:2] for day in chosen if day[2]}
    ordered = sorted(
        (stage for day, stage in chosen.items() if day[2] or day[:2] not in days),
        key=lambda stage: stage.day,
    )
    ordered = _without_background(ordered)
    if len(ordered) <= _MOST:
        return ordered
    cuts = [round(n * len(ordered) / _MOST) for n in range(_MOST + 1)]
    return [max(ordered[a:b], key=lambda stage: stage.score) for a, b in pairwise(cuts)]


def _same(one: Stage, other: Stage) -> bool:
    """Return whether two stages say the same, or quote a sentence in common."""
    apart = one.sentence.end <= other.sentence.start or other.sentence.end <= one.sentence.start
    return same(one.text, other.text) or (one.article.id == other.article.id and not apart)


def _without_background(ordered: list[Stage]) -> list[Stage]:
    """Return the stages without those of no certain day that lie long before all the others."""
    if len(ordered) <= FEWEST or ordered[0].day[2]:
        return ordered
    first, second, last = (
        stage.day[0] + stage.day[1] / 12 for stage in (*ordered[:2], ordered[-1])
    )
    before = second - first > _LONG_BEFORE * (last - first)
    return _without_background(ordered[1:]) if before else ordered


def range_of(subject: str) -> Range | None:
    """Return the first and the last day of the time to be told, 0 for a year that is not said."""
    subject = _SMALL.sub(lambda m: m[1] + m[2].capitalize(), subject)
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


def _of_years(first: Day, last: Day) -> Range:
    """Return two days of which one may lack its year, in that of the other or the one beside it."""
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


def _placed(within: Range, days: Sequence[Day]) -> Range:
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
