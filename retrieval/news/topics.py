"""Tells which articles bear on a topic: a few words of a person's own, or a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from retrieval.answering.citing import cite
from retrieval.answers import Citation
from retrieval.archive.passages import Match
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.sentences import Kind, sentences_within

_AT_ONCE = 200
"""Articles that are searched at once."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """An article that bears on a topic, how probably, and the sentence of it that shows it."""

    article: Article
    probability: float
    quote: Citation


class TopicMatcher:
    """Compares topics with articles of one archive. Safe to call from several threads."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def bearing(self, topic: str, article_ids: Sequence[str]) -> list[Bearing]:
        """Return those of some articles that bear on a topic, the most probable first.

        Raises:
            ArchiveError: the archive cannot be searched.
        """
        found: dict[str, Bearing] = {}
        for at in range(0, len(article_ids), _AT_ONCE):
            ids = article_ids[at : at + _AT_ONCE]
            result = self._searcher.search(Query(topic), len(ids), within=ids, read=False)
            for match in result.matches:
                if match.article.id not in found and match.score > 0.25:
                    found[match.article.id] = self._bearing(topic, match)
        return sorted(found.values(), key=lambda bearing: -bearing.probability)

    def _bearing(self, topic: str, match: Match) -> Bearing:
        passage, body = match.passage, match.article.body
        sentences = [
            s
            for s in sentences_within(body, passage.start, passage.end)
            if s.kind is not Kind.HEADING
        ]
        texts = [body[s.start : s.end] for s in sentences]
        asked, *vectors = self._searcher.embedded.encode([topic, *texts])
        cosines = [float(vector @ asked) for vector in vectors]
        best = sentences[cosines.index(max(cosines))]
        return Bearing(
            match.article, match.score, cite(1, match.article, passage, best.start, best.end)
        )
