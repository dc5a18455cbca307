"""Stages of a course of events: which are told, of those that may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.article import Article
from retrieval.answering.dating import Day
from retrieval.answering.extractive import same
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

_RANGE = re.compile(r"\b(?:between|from)\b", re.I)

Range = tuple[Day, Day]


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
    if within:
        stages = [stage for stage in stages if _is_within(stage.day, within)]
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
    """Return the days between which a subject is to be told, 0 for a year that is not said."""
    stated = [fact.day for fact in find_facts(subject) if fact.kind == "date"]
    days = [day for day in stated if 1 <= day[1] <= 12 and day[2]]  # ISO may state month 13
    if len(days) < 2 or not _RANGE.search(subject):
        return None
    year = max(day[0] for day in days)
    first, last = ((day[0] or year, *day[1:]) for day in days[:2])
    return (first, last) if first <= last else None


def _is_within(day: Day, within: Range) -> bool:
    first, last = within
    return first <= (day if first[0] else (0, *day[1:])) <= last
