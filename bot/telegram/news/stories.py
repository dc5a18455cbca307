"""Puts articles that tell one story together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.news.stories import Copies, Stories, begun
from retrieval.search.searcher import Searcher


@dataclass(frozen=True, slots=True)
class StoryOf:
    """Tells which articles tell one story: of one event, or with one text."""

    searcher: Searcher
    copies: Copies
    stories: Stories = field(default_factory=Stories)

    def __call__(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id -> a key that is the same for articles of one story, of those that exist."""
        articles = self.searcher.catalog.articles(article_ids).values()
        clusters, of_cluster = self.copies(article_ids), dict[str, str]()
        stories: dict[str, str] = {}
        for group in self.stories.group(begun(self.searcher, articles)):
            ids = [one.article.id for one in group]
            carried = [clusters[i] for i in ids if i in clusters]
            key = next((of_cluster[c] for c in carried if c in of_cluster), ids[0])
            of_cluster |= dict.fromkeys(carried, key)
            stories |= dict.fromkeys(ids, key)
        return stories
