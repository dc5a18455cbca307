"""More on this: how other outlets tell of the events of an answer's articles."""

from __future__ import annotations

from corpus.article import Article
from retrieval.answers import Answer
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.news.stories import Beginning, Copies, Stories, begun
from retrieval.search.searcher import Searcher

_MOST = 3
_CITED = 3
"""Cited articles that more is looked for on."""

_NEAR = 24
"""Passages that are nearest to the beginning of a cited article, among which more is found."""


class MoreOnThis:
    """Finds how other outlets tell of the events of an answer. Safe to call from several threads.

    It takes no time to speak of, because all vectors are there: where they are another encoder's,
    it finds nothing.

    Args:
        searcher: the archive.
        copies: tells which of some articles carry one text.
    """

    def __init__(self, searcher: Searcher, copies: Copies = lambda _: {}) -> None:
        self._searcher = searcher
        self._copies = copies
        self._stories = Stories()

    def on(self, answer: Answer, only: Filters = EVERYTHING) -> list[Article]:
        """Return at most three articles, the likeliest first, each of another outlet.

        Those that do not pass the filters are left out.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        cited = list(dict.fromkeys(citation.article_id for citation in answer.citations))
        if not cited or self._searcher.encoder is not self._searcher.embedded:
            return []
        known = self._begun(cited[:_CITED])
        near = dict.fromkeys(
            passage.article_id
            for one in known
            for passage in self._searcher.nearest(one.vector, _NEAR)
        )
        if only:
            passing = self._searcher.catalog.article_ids_in(only, near)
            near = {i: None for i in near if i in passing}
        clusters = self._copies([*cited, *near])
        told = {clusters.get(i, i) for i in cited}
        odds = [
            (max(self._stories.odds(one, other) for other in known), one.article)
            for one in self._begun([i for i in near if clusters.get(i, i) not in told])
        ]
        likely = sorted((pair for pair in odds if pair[0] > 0), key=lambda pair: -pair[0])
        outlets = {citation.source for citation in answer.citations}
        found: dict[str, Article] = {}
        for _, article in likely:
            if article.source not in outlets:
                found.setdefault(article.source, article)
        return list(found.values())[:_MOST]

    def _begun(self, ids: list[str]) -> list[Beginning]:
        return begun(self._searcher, self._searcher.catalog.articles(ids).values())
