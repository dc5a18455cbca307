"""A timeline: dated sentences in order, one a stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import inf

from corpus.dates import MONTHS
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.context import leans
from retrieval.answering.dating import day_of
from retrieval.answering.extractive import Composed
from retrieval.answering.forms import Told
from retrieval.answering.stages import FEWEST, Stage, choose_stages, range_of
from retrieval.answers import Question
from retrieval.archive.passages import titled
from retrieval.logistic import bounded
from retrieval.search.condense import Query
from retrieval.search.searcher import Reading, Searcher
from retrieval.text.lines import reported
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence
from retrieval.text.words import names, shares_a_name

_SHORTLIST = 20
"""Passages that are read, which takes most of the time: not three times that of a fact."""

_READ = 0.04
"""What the reader's log-odds count beside the two scores of likeness, within bounds."""

_LEAD = 0.1
"""How much better the sentence tells what happened that begins its article."""

_LEANS = -0.1
"""How much worse one does that leans on another: "On Friday she announced …"."""

_MONTHS = {month.lower() for month in MONTHS}

_TOLD_SINCE = timedelta(days=38)
"""How long after a month's beginning articles still tell of it as news."""


class Timeline:
    """Tells the course of events. Safe to call from several threads.

    It keeps to the subject: a stage that has nothing to do with it is worse than one that is
    missing.

    Args:
        searcher: finds and reads passages; a wider search is made of it.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher.with_options(shortlist=_SHORTLIST)

    def tell(self, query: Query, subject: str, question: Question) -> Told | None:
        """Return the timeline of a subject, or None if the archive tells of no two days of it."""
        scope, within = question.scope, range_of(subject)
        if within and 0 < within[1][0] < date.max.year:  # later articles tell of other times
            last = date(*within[1][:2], 1) + _TOLD_SINCE
            scope = scope.by(last)
        found = self._searcher.search(Query(subject), _SHORTLIST, only=scope, read=False)
        readings = self._searcher.read(query, found.matches)
        stages = self._scored(list(_dated(readings)), subject)
        chosen = choose_stages(stages, within)
        if len(chosen) < FEWEST or not _named(subject, chosen):
            return None
        return Told(_compose(chosen), found)

    def _scored(self, stages: Sequence[Stage], subject: str) -> list[Stage]:
        """Return the stages with their scores: how near they and their passages are to a subject,
        and how well they answer."""
        texts = [titled(stage.article.title, stage.text) for stage in stages]
        asked, *vectors = self._searcher.embedded.encode([subject, *texts])
        return [
            replace(stage, score=stage.score + float(vector @ asked))
            for stage, vector in zip(stages, vectors, strict=True)
        ]


def _named(subject: str, stages: Iterable[Stage]) -> bool:
    """Return whether all whom a subject names are in the articles of some stages."""
    articles = {stage.article.id: stage.article for stage in stages}.values()
    text = " ".join(titled(article.title, article.body) for article in articles)
    wanted = {name for name in names(f"x {subject}") if name.isalpha()} - _MONTHS
    return all(shares_a_name({name}, text) for name in wanted)


def _dated(readings: Iterable[Reading]) -> Iterator[Stage]:
    """Yield what tells of a day: sentences that name one, and those that begin an article.

    A sentence that leans on the one before it comes with that, as one quotation.
    """
    seen: set[tuple[str, int]] = set()
    for reading in readings:
        article, passage = reading.match.article, reading.match.passage
        before: Sentence | None = None
        for sentence, read in reading.sentences:
            text = article.body[sentence.start : sentence.end]
            lead, before = before, sentence
            key = article.id, sentence.start
            if key in seen or sentence.kind is not Kind.SENTENCE or gives_orders(text):
                continue
            seen.add(key)
            day = day_of(text, article.published)
            if not day and sentence.start == 0 and article.published:
                day = article.published.year, article.published.month, article.published.day
            leaning = leans(text)
            if not day or (leaning and not _stands(article.body, lead, sentence)):
                continue
            likely = bounded(read.evidence if read else -inf)
            score = reading.found + _READ * likely + _LEAD * (sentence.start == 0)
            if leaning and lead:
                whole = replace(sentence, start=lead.start)
                yield Stage(day, article, passage, whole, score + _LEANS)
            else:
                yield Stage(day, article, passage, sentence, score)


def _stands(body: str, lead: Sentence | None, sentence: Sentence) -> bool:
    """Return whether a sentence is made clear by the one before it, in the same paragraph.

    "He also announced …" is an aside.
    """
    if lead is None or lead.kind is not Kind.SENTENCE or body[sentence.end - 1] in ":;,":
        return False
    if " also " in body[sentence.start : sentence.end]:
        return False
    text = body[lead.start : lead.end]
    clear = not (leans(text) or gives_orders(text))
    return clear and "\n" not in body[lead.end : sentence.start]


def _compose(stages: Sequence[Stage]) -> Composed:
    """Return the stages as lines, each with the day of its article before it and its source after.

    The day of the event itself is what orders them. It is often worked out ("on Monday"), and may
    be wrong, so it is not stated.
    """
    lines = [
        f"{reported(stage.article.published)}{without_marks(stage.text)} [{n}]"
        for n, stage in enumerate(stages, start=1)
    ]
    citations = [
        cite(n, stage.article, stage.passage, stage.sentence.start, stage.sentence.end)
        for n, stage in enumerate(stages, start=1)
    ]
    return Composed("\n".join(lines), tuple(citations))
