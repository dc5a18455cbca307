"""Fuses rankings, and spreads what was ranked over articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from retrieval.archive.passages import Match

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009)."""


def fuse(rankings: Sequence[Sequence[str]]) -> dict[str, float]:
    """Reciprocal rank fusion: id -> score, best first; ties keep the order of the first ranking."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))


def spread(matches: Sequence[Match], per_article: int) -> list[Match]:
    """Best first, but passages beyond an article's share behind those of all other articles."""
    return [matches[at] for at in order_spread([m.article.id for m in matches], per_article)]


def order_spread(article_ids: Sequence[str], share: int) -> list[int]:
    """Return the places of some articles in the order of `spread`."""
    taken: Counter[str] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for at, article_id in enumerate(article_ids):
        taken[article_id] += 1
        (first if taken[article_id] <= share else rest).append(at)
    return first + rest
