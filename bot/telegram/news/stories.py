"""Puts articles that tell one story together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retrieval.archive.catalog import Catalog
from retrieval.text.words import content_words

StoryOf = Callable[[Sequence[str]], dict[str, str]]
"""Article ids -> a key for each that is the same for articles of one story."""

_ALIKE = 0.6


def by_title(catalog: Catalog, article_ids: Sequence[str]) -> dict[str, str]:
    """Put articles together whose titles or first paragraphs have most of their words in common."""
    stories: dict[str, str] = {}
    seen: list[tuple[str, list[frozenset[str]]]] = []
    for article in catalog.articles(article_ids).values():
        own = [frozenset(content_words(t)) for t in (article.title, article.body.split("\n")[0])]
        for story, other in seen:
            if any(_alike(a, b) for a, b in zip(own, other, strict=True)):
                stories[article.id] = story
                break
        else:
            stories[article.id] = article.id
        seen.append((stories[article.id], own))
    return stories


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * max(len(one | other), 1)
