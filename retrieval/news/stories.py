"""Stories: articles that tell of one event, each in its own words.

They are never merged: a story is for offering more, and for giving each source its share.
"""

from __future__ import annotations

from calendar import day_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from corpus.article import Article
from corpus.dates import MONTHS
from retrieval.logistic import Logistic, load_logistic
from retrieval.onnx_model import Floats
from retrieval.text.words import names

MODEL = Path(__file__).with_name("stories.json")
"""Fitted by `scripts/fit_stories.py`."""

_LEAD = 700
"""Code points of a body in which its event is told of."""

_LEAST_LIKE = 0.25
"""Cosine of two beginnings below which they are not compared any further."""

_UNLIKE = -6.0
"""Log-odds of such a pair."""

_LONGEST_GAP = 10
"""Days that count as any longer time."""


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
        stories: list[list[int]] = []
        for at in range(len(ordered)):
            worth = [float(odds[at, story].mean()) for story in stories]
            best = max(range(len(stories)), key=worth.__getitem__, default=None)
            if best is not None and worth[best] > 0:
                stories[best].append(at)
            else:
                stories.append([at])
        return [[ordered[at] for at in story] for story in stories]

    def odds(self, one: Beginning, other: Beginning) -> float:
        """Return the log-odds that two articles tell of one event."""
        return self._model.log_odds(likeness(one, other))

    def _odds(self, beginnings: Sequence[Beginning]) -> Floats:
        vectors = np.array([b.vector for b in beginnings], np.float32)
        odds = np.full((len(beginnings), len(beginnings)), _UNLIKE, np.float32)
        like = vectors @ vectors.T >= _LEAST_LIKE if len(beginnings) else odds > 0
        for a, b in np.argwhere(np.triu(like, 1)).tolist():
            odds[a, b] = odds[b, a] = self.odds(beginnings[a], beginnings[b])
        return odds


def sources(
    articles: Sequence[Article], copies: Mapping[str, str] | None = None
) -> list[tuple[Article, ...]]:
    """Return the texts of a story, each with all the articles that carry it, the earliest first.

    `copies` are the clusters (article id -> cluster id) of articles that carry one text.
    """
    texts: dict[str, list[Article]] = {}
    for article in sorted(articles, key=lambda a: (a.published or date.max, a.id)):
        texts.setdefault((copies or {}).get(article.id, article.id), []).append(article)
    return [tuple(carriers) for carriers in texts.values()]
