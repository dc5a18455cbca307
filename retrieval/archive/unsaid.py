"""Finds what an article says that earlier copies of it do not: only that is searched in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from corpus.article import Article
from retrieval.archive.likeness import statements
from retrieval.archive.passages import Passage


def unsaid(
    article: Article, passages: Sequence[Passage], earlier: Iterable[Article]
) -> list[Passage]:
    """Return the passages of an article, or those parts of each whose sentences are new.

    New is a sentence that the earlier articles have not. One that differs in a word is another, so
    that nothing that is worded differently gets lost. Of passages with the same text the article
    has one: many with one vector would cut the others off in an HNSW graph.
    """
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(passage.text, passage)
    said = frozenset[str]().union(*(statements(other.body).words for other in earlier))
    if not said:
        return list(first.values())
    own = statements(article.body).all
    found: list[Passage] = []
    for passage in first.values():
        within = [s for s in own if s.start < passage.end and passage.start < s.end]
        if not within:
            found.append(passage)
        for is_said, run in groupby(within, lambda statement: statement.words in said):
            new = list(run)
            start, end = max(new[0].start, passage.start), min(new[-1].end, passage.end)
            covered = found and found[-1].start <= start and end <= found[-1].end
            if not (is_said or covered):
                found.append(_cut(passage, article.body, start, end))
    return found


def _cut(passage: Passage, body: str, start: int, end: int) -> Passage:
    """Return what is left of a passage between two offsets, under an id of its own."""
    if (start, end) == (passage.start, passage.end):
        return passage
    digest = hashlib.sha256(f"{passage.id}:{start}:{end}".encode()).hexdigest()
    return replace(passage, id=digest[:24], start=start, end=end, text=body[start:end])
