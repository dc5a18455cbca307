"""Stories: articles that tell of one event, each in its own words.

They are never merged: a story is for offering more, and for giving each source its share.
"""

from __future__ import annotations

from calendar import day_name
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from corpus.article import Article
from corpus.dates import MONTHS
from retrieval.archive.copies import order
from retrieval.archive.history import beginnings
from retrieval.logistic import Logistic, load_logistic
from retrieval.onnx_model import Floats
from retrieval.search.searcher import Searcher
from retrieval.text.words import names

MODEL = Path(__file__).with_name("stories.json")
"""Fitted by `scripts/fit_stories.py`."""

_LEAD = 700
"""Code points of a body in which its event is told of."""

_LEAST_LIKE = 0.25
"""Cosine of two beginnings below which they are not compared any further."""

_UNLIKE = -6.0
"""Log-odds of such a pair."""

_CENTRAL = 0.9
"""How near the middle of its story, of the nearest, a newer article has to be for its headline."""

_LONGEST_GAP = 10
"""Days that count as any longer time."""


Copies = Callable[[Collection[str]], Mapping[str, str]]
"""Ids of articles -> the cluster of each that carries the same text as others."""

_TIMES = {name.lower() for name in (*day_name, *MONTHS)}


@dataclass(frozen=True, slots=True)
class Beginning:
    """An article with what is compared of it: the vector of its title and lead, and its names."""

    article: Article
    vector: Floats
    names: frozenset[str]

    @classmethod
    def of(cls, article: Article, vector: Floats) -> Beginning:
        """Return an article with what is compared of it."""
        # The first word of a text is no name to `names`.
        named = names(f"x {article.title}") | names(f"x {article.body[:_LEAD]}")
        return cls(article, vector, frozenset(named - _TIMES))


def begun(searcher: Searcher, articles: Iterable[Article]) -> list[Beginning]:
    """Return some articles with what is compared of them, but those that nothing is searched of."""
    by_id = {article.id: article for article in articles}
    first = beginnings(searcher.catalog, by_id, 1)
    known = [(article, first[i][0]) for i, article in by_id.items() if i in first]
    vectors = searcher.vectors_of(known)
    return [Beginning.of(a, v) for (a, _), v in zip(known, vectors, strict=True)]


def likeness(one: Beginning, other: Beginning) -> dict[str, float]:
    """Return what is measured of two articles that may tell of one event."""
    return {
        "cosine": float(one.vector @ other.vector),
        "names": _shared(one.names, other.names),
        "days": _days_apart(one.article.published, other.article.published),
    }


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (min(len(one), len(other)) or 1)


def _days_apart(one: date | None, other: date | None) -> float:
    days = abs((one - other).days) if one and other else 0
    return min(days, _LONGEST_GAP) / _LONGEST_GAP


class Stories:
    """Puts articles that tell of one event together.

    Each article in turn, the oldest first, joins the story to whose articles it is most likely to
    belong on average, or begins one: single-pass clustering (Allan, Papka & Lavrenko, SIGIR 1998).

    Args:
        model: the probability that two articles tell of one event.
    """

    def __init__(self, model: Logistic | None = None) -> None:
        self._model = model or load_logistic(MODEL)

    def group(self, beginnings: Sequence[Beginning]) -> list[list[Beginning]]:
        """Return the articles in their stories, the oldest of each first."""
        ordered = sorted(beginnings, key=lambda b: (b.article.published or date.max, b.article.id))
        odds = self._odds(ordered)
        stories: list[list[Beginning]] = []
        sums = np.zeros_like(odds)  # of each story, the log-odds of each article with its articles
        for at, one in enumerate(ordered):
            worth = sums[: len(stories), at] / [len(story) for story in stories]
            best = int(worth.argmax()) if stories else 0
            if not stories or worth[best] <= 0:
                best = len(stories)
                stories.append([])
            stories[best].append(one)
            sums[best] += odds[at]
        return stories

    def odds(self, one: Beginning, other: Beginning) -> float:
        """Return the log-odds that two articles tell of one event."""
        return self._model.log_odds(likeness(one, other))

    def _odds(self, beginnings: Sequence[Beginning]) -> Floats:
        vectors = np.array([b.vector for b in beginnings], np.float32)
        odds = np.full((len(beginnings), len(beginnings)), _UNLIKE, np.float32)
        like = vectors @ vectors.T if beginnings else odds
        for a, b in np.argwhere(np.triu(like >= _LEAST_LIKE, 1)).tolist():
            odds[a, b] = odds[b, a] = self.odds(beginnings[a], beginnings[b])
        return odds


@dataclass(frozen=True, slots=True)
class Story:
    """A story with its texts, that of the headline first, then the newest.

    Each text is the articles that carry it, the original first. `outlets` counts the outlets of
    these texts, each once, and `middle` is the mean of their vectors.
    """

    texts: tuple[tuple[Article, ...], ...]
    outlets: int
    middle: Floats

    @classmethod
    def of(cls, group: Sequence[Beginning], texts: Mapping[str, tuple[Article, ...]]) -> Story:
        """Return the story that some articles tell; `texts` has the carriers of each, by its id.

        The headline is that of the newest near the middle.
        """
        vectors = np.array([one.vector for one in group])
        middle = vectors.mean(axis=0)
        near = vectors @ middle
        central = [o for o, n in zip(group, near, strict=True) if n >= _CENTRAL * near.max()]
        head = max(central, key=_day)
        rest = sorted((one for one in group if one is not head), key=_day, reverse=True)
        told = tuple(texts[one.article.id] for one in (head, *rest))
        return cls(told, len({one.article.source for one in group}), middle)

    @property
    def voices(self) -> list[Article]:
        """The articles that sentences are chosen from: of several outlets, one of each."""
        first = [text[0] for text in self.texts]
        if self.outlets > 1:
            by_outlet = {article.source: article for article in reversed(first)}
            first = [article for article in first if by_outlet[article.source] is article]
        return first

    @property
    def newest(self) -> date:
        """The day of its newest article."""
        return max(a.published or date.min for text in self.texts for a in text)


def texts_of(
    articles: Iterable[Article], copies: Mapping[str, str]
) -> dict[str, tuple[Article, ...]]:
    """Return the texts of some articles: the id of each one's original -> its carriers.

    `copies` are the clusters (article id -> cluster id) of articles that carry one text.
    """
    texts: dict[str, list[Article]] = {}
    for article in sorted(articles, key=order):
        texts.setdefault(copies.get(article.id, article.id), []).append(article)
    return {carriers[0].id: tuple(carriers) for carriers in texts.values()}


def _day(one: Beginning) -> date:
    return one.article.published or date.min
