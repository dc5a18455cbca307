"""A summary: the few sentences that stand for most of what the archive has on a subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import ceil

import numpy as np

from corpus.article import Article
from corpus.dates import in_words
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.dating import Time, is_of, time_asked
from retrieval.answering.extractive import Composed
from retrieval.answering.forms import Told, asks_of_a_time_alone
from retrieval.answering.name_questions import name_in
from retrieval.answering.salient import Candidate, most_salient
from retrieval.answers import Citation, Question
from retrieval.archive.filters import Filters, has_phrase, plain
from retrieval.archive.passages import Match, titled
from retrieval.logistic import bounded
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import Reading, Searcher, SearchResult
from retrieval.text.counted import counted
from retrieval.text.lines import reported
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, sentences_within
from retrieval.text.words import content_words, shares_a_name, words

_FOUND = 12
"""Passages that are found and read."""

_MOST = 8
_MOST_OF_ALL, _LEADS = 5, 100
"""Sentences that tell what is in the archive, and how many they are chosen from."""

_OF_ALL = frozenset("what what's is in the this your whole archive archives about all".split())
"""The words of a question that is about the whole archive."""

_BEGINNING = 600
"""Code points in which an article's first sentence ends."""

_BEHIND = 4.5
"""How far an article's log-odds, by the reader, may be behind the best's: it looks no further."""

_NAMED, _READ = 0.3, 0.05
_ON_SUBJECT = 0.64
_NEXT_TO_BEST = 0.2
"""An article is as much on a subject as its nearest sentence is near to it, and `_NAMED` for having
all its words, and `_READ` for each of the log-odds, within bounds. The best has to be so much,
and the others next to it."""


class Gist:
    """Tells the gist of a subject, or of the whole archive. Safe to call from several threads.

    Args:
        searcher: finds and reads passages; a wider search is made of it.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher.with_options(shortlist=_FOUND, reranked=_FOUND)

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
        found = self._searcher.search(Query(subject), _FOUND, only=scope)
        likely = _likely(found.readings)
        sentences = list(_sentences(m for m in found.matches if m.article.id in likely))
        asked, *rows = self._encoded([subject, *map(_titled, sentences)])
        vectors = np.asarray(rows).reshape(-1, len(asked))
        near = np.clip(vectors @ asked, 0, None)
        articles = _on_subject(subject, sentences, near, likely)
        kept = [at for at, sentence in enumerate(sentences) if sentence.article.id in articles]
        name = name_in(subject)
        named = any(has_phrase(_titled(sentences[at]), plain(name)) for at in kept)
        if name and not named and (told := self._of_name(name, scope)):
            return told
        if not kept:
            return None
        if time.days:
            kept = [at for at in kept if _is_of(time, sentences[at])]
            if not kept:
                return Told(Composed("", ()), found)
        chosen = most_salient([sentences[at] for at in kept], vectors[kept], near[kept], _MOST)
        return Told(_compose(chosen), found) if chosen else None

    def _of_name(self, name: str, scope: Filters) -> Told | None:
        """Return the sentences that have a name, or None if there is none."""
        found = self._searcher.search(
            Query(name), _FOUND, only=scope & Filters(phrases=(name,)), read=False
        )
        sentences = [s for s in _sentences(found.matches) if has_phrase(s.text, plain(name))]
        if not sentences:
            return None
        vectors = self._encoded([*map(_titled, sentences)])
        evenly = np.ones(len(sentences), np.float32)
        chosen = most_salient(sentences, vectors, evenly, _MOST)
        return Told(_compose(chosen), found) if chosen else None

    def _of_all(self, query: Query, scope: Filters, time: Time) -> Told | None:
        """Return how much the archive has of a time, and the leads most like the others."""
        catalog = self._searcher.catalog
        passing = catalog.article_ids_in(scope) if scope else None
        days = {
            article_id: day
            for article_id, day in catalog.days().items()
            if passing is None or article_id in passing
            if not time.days or is_of(time, "", day)
        }
        some = catalog.articles(list(days)[:: max(1, ceil(len(days) / _LEADS))])
        passages = catalog.passages(catalog.passage_ids_of(some))
        first = {p.article_id: p for p in passages.values() if p.ordinal == 0}
        matches = [Match(first[i], some[i], 1.0) for i in days if i in first]
        leads = [candidate for candidate in _sentences(matches) if candidate.leads]
        if time.days:
            leads = [lead for lead in leads if _is_of(time, lead)]
        if not leads:
            return Told(Composed("", ()), SearchResult(query, [], [])) if time.days else None
        evenly = np.ones(len(leads), np.float32)
        vectors = self._encoded([*map(_titled, leads)])
        chosen = most_salient(leads, vectors, evenly, _MOST_OF_ALL)
        return Told(_compose(chosen), SearchResult(query, matches, []), _extent(days.values()))

    def _encoded(self, texts: list[str]) -> Floats:
        return self._searcher.embedded.encode(texts)


def _is_of(time: Time, sentence: Candidate) -> bool:
    return is_of(time, sentence.text, sentence.article.published)


def _likely(readings: Iterable[Reading]) -> dict[str, float]:
    """Return the log-odds of the articles that may be about what was asked for, by their ids."""
    best: dict[str, float] = {}
    for reading in readings:
        article = reading.match.article.id
        best[article] = max(reading.answers, best.get(article, reading.answers))
    least = max(best.values(), default=0.0) - _BEHIND
    return {article: odds for article, odds in best.items() if odds >= least}


def _on_subject(
    subject: str, sentences: Sequence[Candidate], near: Floats, likely: Mapping[str, float]
) -> set[str]:
    """Return the ids of the articles that are about a subject."""
    wanted = set(content_words(subject))
    nearest: dict[str, float] = {}
    for sentence, nearness in zip(sentences, near, strict=True):
        nearest[sentence.article.id] = max(float(nearness), nearest.get(sentence.article.id, 0.0))
    articles = {sentence.article.id: sentence.article for sentence in sentences}
    about = {
        i: nearest[i] + _NAMED * _share_named(wanted, article) + _READ * bounded(likely[i])
        for i, article in articles.items()
    }
    best = max(about.values(), default=0.0)
    if best < _ON_SUBJECT:
        return set()
    return {article for article, score in about.items() if score >= best - _NEXT_TO_BEST}


def _share_named(wanted: Collection[str], article: Article) -> float:
    """Return the share of some words that are in an article or its date."""
    day = in_words(article.published) if article.published else ""
    text = f"{article.title} {article.body} {day}"
    return sum(shares_a_name({word}, text) for word in wanted) / max(1, len(wanted))


def _sentences(matches: Iterable[Match]) -> Iterator[Candidate]:
    """Yield the sentences of some passages, each once, and those that begin their articles."""
    seen: set[tuple[str, int]] = set()
    for match in matches:
        article, passage = match.article, match.passage
        begin = sentences_within(article.body, 0, min(passage.start, _BEGINNING))
        for sentence in [*begin, *sentences_within(article.body, passage.start, passage.end)]:
            candidate = Candidate(article, passage, sentence)
            key = article.id, sentence.start
            if key in seen or sentence.kind is not Kind.SENTENCE or gives_orders(candidate.text):
                continue
            seen.add(key)
            yield candidate


def _titled(candidate: Candidate) -> str:
    return titled(candidate.article.title, candidate.text)


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
