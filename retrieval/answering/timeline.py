"""A timeline: sentences that tell the course of events, in the order of what they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from retrieval.answering.citing import cite, without_marks
from retrieval.answering.dating import day_of
from retrieval.answering.extractive import Composed
from retrieval.answering.forms import Told
from retrieval.answering.period import Period, period_of, placed
from retrieval.answering.salience import Limits, chosen, observe
from retrieval.answering.salient import Candidate
from retrieval.answers import Question
from retrieval.logistic import load_logistic
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.days import Day
from retrieval.text.lines import reported

MODEL = Path(__file__).parent / "timeline.json"
LIMITS = Limits(sentences=10, words=250)

_FEWEST = 2
"""Sentences of a timeline: with fewer there is no course of events to tell."""

_TOLD_SINCE = timedelta(days=38)
"""How long after a month's beginning articles still tell of it as news."""


class Timeline:
    """Tells the course of events. Safe to call from several threads.

    Args:
        searcher: finds and reads passages.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._model = load_logistic(MODEL)

    def tell(self, query: Query, subject: str, question: Question) -> Told | None:
        """Return the timeline of a subject, or None if fewer than two sentences tell of it."""
        scope, within = question.scope, period_of(subject)
        if within and 0 < within[1][0] < date.max.year:  # later articles tell of other times
            scope = scope.by(date(*within[1][:2], 1) + _TOLD_SINCE)
        observed = observe(self._searcher, query, subject, scope)
        among = _of_time(observed.sentences, within)
        told = sorted(chosen(observed, self._model, LIMITS, among), key=_place)
        return Told(stages(told), observed.found) if len(told) >= _FEWEST else None


def _of_time(sentences: Sequence[Candidate], within: Period | None) -> set[int]:
    """Return the numbers of the sentences that tell of a day, of some time or of any."""
    days = {at: day for at, sentence in enumerate(sentences) if (day := _day(sentence))}
    if not within or not days:
        return set(days)
    first, last = placed(within, list(days.values()))
    return {at for at, day in days.items() if first <= day <= last}


def _day(candidate: Candidate) -> Day | None:
    """Return the day that a sentence tells of, or else that of its article."""
    published = candidate.article.published
    if told := day_of(candidate.text, published):
        return told
    return (published.year, published.month, published.day) if published else None


def _place(candidate: Candidate) -> tuple[Day, date, str, int]:
    article = candidate.article
    day = _day(candidate) or (0, 0, 0)
    return day, article.published or date.min, article.id, candidate.sentence.start


def stages(told: Sequence[Candidate]) -> Composed:
    """Return sentences as lines, each with the day of its article before it and its source after.

    The day of the event itself is what orders them. It is often worked out ("on Monday"), and may
    be wrong, so it is not stated.
    """
    lines = [
        f"{reported(one.article.published)}{without_marks(one.text)} [{n}]"
        for n, one in enumerate(told, start=1)
    ]
    citations = [
        cite(n, one.article, one.passage, one.sentence.start, one.sentence.end)
        for n, one in enumerate(told, start=1)
    ]
    return Composed("\n".join(lines), tuple(citations))
