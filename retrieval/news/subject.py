"""Which articles bear on a topic that somebody named in their own words."""

from __future__ import annotations

from collections.abc import Collection

from retrieval.logistic import bounded
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.words import content_words, shares_a_name

_READ = 24
"""Passages that are read."""

_NAMED, _LIKELY = 0.3, 0.05
_ON_SUBJECT = 0.56


def on_subject(searcher: Searcher, topic: str, within: Collection[str]) -> set[str]:
    """Return the ids of the articles, of some, that bear on a topic."""
    found = searcher.with_options(shortlist=_READ, reranked=_READ).search(
        Query(topic), _READ, within=within
    )
    if not found.readings:
        return set()
    wanted = set(content_words(topic))
    vectors = searcher.vectors_of([(r.match.article, r.match.passage) for r in found.readings])
    near = vectors @ searcher.embedded.encode([topic])[0]
    kept = set()
    for reading, nearness in zip(found.readings, near.tolist(), strict=True):
        article = reading.match.article
        text = f"{article.title} {article.body}"
        named = sum(shares_a_name({word}, text) for word in wanted) / max(1, len(wanted))
        if nearness + _NAMED * named + _LIKELY * bounded(reading.answers) >= _ON_SUBJECT:
            kept.add(article.id)
    return kept
