"""A summary: the few sentences that tell of a subject, or stand for most of the archive."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from math import ceil
from pathlib import Path

import numpy as np

from corpus.dates import in_words
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.dating import Time, day_of, is_of, time_asked, told_then, undated
from retrieval.answering.extractive import Composed
from retrieval.answering.forms import Told, asks_of_a_time_alone
from retrieval.answering.name_questions import name_in
from retrieval.answering.salience import Limits, chosen, fitting, observe
from retrieval.answering.salient import Candidate, in_time, most_salient, quotable
from retrieval.answers import Citation, Question
from retrieval.archive.filters import Filters, has_phrase, plain
from retrieval.archive.passages import Match
from retrieval.logistic import load_logistic
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult
from retrieval.text.counted import counted
from retrieval.text.lines import reported
from retrieval.text.sentences import sentences_within
from retrieval.text.words import words

MODEL = Path(__file__).parent / "summary.json"
LIMITS = Limits(sentences=8, words=170)

_FOUND = 12
"""Passages that are found for a name."""

_MOST_OF_ALL, _LEADS = 5, 100
"""Sentences that tell what is in the archive, and how many they are chosen from."""

_TOLD_FOR = 7
"""Days for which articles still tell of a day that none of them leads with."""

_OF_ALL = frozenset("what what's is in the this your whole archive archives about all".split())
"""The words of a question that is about the whole archive."""

_LATEST_ON = re.compile(
    r"\b(?:the (?:latest|newest)(?: \w+)?|what(?:'s| is) new) (?:on|about|with|from|in)\b", re.I
)
"""What asks for the newest that there is of a subject: "the latest on", "the latest news from"."""

_BEGINNING = 600
"""Code points in which an article's first sentence ends."""


class Gist:
    """Tells the gist of a subject, or of the whole archive. Safe to call from several threads.

    Args:
        searcher: finds and reads passages.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._model = load_logistic(MODEL)

    def tell(self, query: Query, subject: str, question: Question) -> Told | None:
        """Return the gist of a subject, of a time or of both, or of the whole archive.

        None if the archive has nothing on the subject, and an empty one if it has nothing of the
        time.
        """
        scope, today = question.scope, question.today
        time = time_asked(query.text, today)
        if asks_of_a_time_alone(query.text, today):
            return self._of_all(query, scope, time)
        if _OF_ALL.issuperset(words(subject, possessive=True)):
            return self._of_all(query, scope, Time())
        observed = observe(self._searcher, query, subject, scope)
        told = chosen(observed, self._model, LIMITS)
        if time.days:
            among = {at for at, one in enumerate(observed.sentences) if _is_of(time, one)}
            of_then = chosen(observed, self._model, LIMITS, among)
            # what there is of another time is no answer
            if not of_then and (told or self._tells_of(query, undated(subject, today), scope)):
                return Told(Composed("", ()), observed.found)
            told = of_then
        elif _LATEST_ON.search(query.text[query.focus :]):
            told = chosen(observed, self._model, LIMITS, _newest(observed.sentences, told))
        name = name_in(subject)
        named = any(has_phrase(sentence.titled, plain(name)) for sentence in told)
        if name and not named and (of_name := self._of_name(name, scope)):
            return of_name
        return Told(_compose(sorted(told, key=in_time)), observed.found) if told else None

    def _tells_of(self, query: Query, subject: str, scope: Filters) -> bool:
        observed = observe(self._searcher, query, subject, scope)
        return bool(chosen(observed, self._model, LIMITS))

    def _of_name(self, name: str, scope: Filters) -> Told | None:
        """Return the sentences that have a name, or None if there is none."""
        found = self._searcher.search(
            Query(name), _FOUND, only=scope & Filters(phrases=(name,)), read=False
        )
        sentences = [s for s in _sentences(found.matches) if has_phrase(s.text, plain(name))]
        if not sentences:
            return None
        vectors = self._encoded([sentence.titled for sentence in sentences])
        evenly = np.ones(len(sentences), np.float32)
        central = most_salient(sentences, vectors, evenly, LIMITS.sentences)
        return Told(_compose(central), found) if central else None

    def _of_all(self, query: Query, scope: Filters, time: Time) -> Told | None:
        """Return how much the archive has of a time, and the leads most like the others."""
        days = self._days(scope, time, later=1)
        matches = [match for match in self._whole(days) if match.passage.ordinal == 0]
        leads = [candidate for candidate in _sentences(matches) if candidate.leads]
        if time.days:
            leads = [lead for lead in leads if _is_of(time, lead)]
        if not leads:
            return self._told_later(query, scope, time) if time.days else None
        evenly = np.ones(len(leads), np.float32)
        vectors = self._encoded([lead.titled for lead in leads])
        central = most_salient(leads, vectors, evenly, _MOST_OF_ALL)
        return Told(_compose(central), SearchResult(query, matches, []), _extent(days.values()))

    def _told_later(self, query: Query, scope: Filters, time: Time) -> Told:
        """Return what the articles of some days say of a time by naming it, most central first."""
        matches = self._whole(self._days(scope, time, _TOLD_FOR))
        told = [
            candidate
            for candidate in _sentences(matches)
            if (day := day_of(candidate.text, candidate.article.published)) and time.has(day)
        ]
        if told:
            vectors = self._encoded([candidate.titled for candidate in told])
            told = [told[at] for at in np.argsort(-(vectors @ vectors.sum(axis=0)), kind="stable")]
        fits = fitting(told, Limits(_MOST_OF_ALL, LIMITS.words))
        cited = {candidate.passage.id for candidate in fits}
        found = [match for match in matches if match.passage.id in cited]
        return Told(_compose(sorted(fits, key=in_time)), SearchResult(query, found, []))

    def _days(self, scope: Filters, time: Time, later: int) -> dict[str, date | None]:
        """Return the articles of a time, or of so many days after it, each with its day."""
        catalog = self._searcher.catalog
        passing = catalog.article_ids_in(scope) if scope else None
        return {
            article_id: day
            for article_id, day in catalog.days().items()
            if passing is None or article_id in passing
            if not time.days or told_then(time, day, later)
        }

    def _whole(self, days: Collection[str]) -> list[Match]:
        """Return the passages of some articles, or of a sample of them if there are many."""
        catalog = self._searcher.catalog
        some = catalog.articles(list(days)[:: max(1, ceil(len(days) / _LEADS))])
        passages = catalog.passages(catalog.passage_ids_of(some)).values()
        of = {article_id: at for at, article_id in enumerate(days)}
        ranked = sorted(passages, key=lambda p: (of[p.article_id], p.ordinal))
        return [Match(passage, some[passage.article_id], 1.0) for passage in ranked]

    def _encoded(self, texts: list[str]) -> Floats:
        return self._searcher.embedded.encode(texts)


def _is_of(time: Time, sentence: Candidate) -> bool:
    return is_of(time, sentence.text, sentence.article.published)


def _newest(sentences: Sequence[Candidate], told: Sequence[Candidate]) -> set[int]:
    """Return the numbers of the sentences of the day on which the newest was told, of some."""
    last = max((day for one in told if (day := one.article.published)), default=None)
    return {at for at, sentence in enumerate(sentences) if sentence.article.published == last}


def _sentences(matches: Iterable[Match]) -> list[Candidate]:
    """Return the sentences of some passages, and those that begin their articles."""
    return quotable(
        Candidate(match.article, match.passage, sentence)
        for match in matches
        for start, end in (
            (0, min(match.passage.start, _BEGINNING)),
            (match.passage.start, match.passage.end),
        )
        for sentence in sentences_within(match.article.body, start, end)
    )


def _extent(days: Collection[date | None]) -> str:
    """Return how many articles of some days there are, and of what time."""
    known = sorted(day for day in days if day)
    many = f"The archive has {counted(len(days), 'article')}"
    span = " to ".join(dict.fromkeys(in_words(day) for day in known[:1] + known[-1:]))
    return f"{many}, of {span}." if known else f"{many}."


def _compose(chosen: Sequence[Candidate]) -> Composed:
    """Return the sentences with their sources; of several articles, a line each with its day."""
    several = len({candidate.article.id for candidate in chosen}) > 1
    citations: list[Citation] = []
    lines: dict[str, list[str]] = {}
    for n, c in enumerate(chosen, start=1):
        citations.append(cite(n, c.article, c.passage, c.sentence.start, c.sentence.end))
        lines.setdefault(c.article.id, []).append(f"{without_marks(c.text)} [{n}]")
    before = {c.article.id: reported(c.article.published) if several else "" for c in chosen}
    text = "\n".join(before[article] + " ".join(told) for article, told in lines.items())
    return Composed(text, tuple(citations))
