"""The hybrid retriever: dense and full-text candidates, fused, then reranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

from retrieval.archive.catalog import Catalog
from retrieval.archive.index import require_current
from retrieval.archive.passages import Match, Passage, titled
from retrieval.archive.vectors import VectorStore
from retrieval.embeddings.encoder import OnnxEncoder, TokenVectors
from retrieval.lru import LruCache
from retrieval.search.condense import Query
from retrieval.search.rerank import QueryTokens, max_sim, query_tokens, similarities
from retrieval.text.words import content_words, words


class QueryEncoder(Protocol):
    """The method of an encoder that searching uses."""

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        ...


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Settings of the search. The weights were chosen on the development sets.

    1. The dense and the full-text search give `candidates` each, which are fused.
    2. The best of the fusion are the `shortlist`; an article has at most `per_article` + 2
       passages in it while there are other articles.
    3. Each gets a first score, `dense_weight * cosine + lexical_weight * bm25 / best bm25`, plus
       `cited_bonus` if the conversation has just cited its article.
    4. The best `reranked` get `max_sim` added, which compares them with the question token by
       token. The others follow them.
    5. Passages beyond `per_article` of one article move behind those of other articles.

    Step 4 takes most of the time. The first score chooses better than the fusion what to rerank:
    on the development sets, reranking 7 of 10 loses nothing.
    """

    candidates: int = 50
    shortlist: int = 10
    reranked: int = 7
    per_article: int = 4
    dense_weight: float = 0.5
    lexical_weight: float = 0.1
    cited_bonus: float = 0.05
    dense: bool = True
    lexical: bool = True
    rerank: bool = True


_FAR = 16
"""A search for more articles stops at this multiple of `candidates`."""

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search: its query, as text and as vectors, and the matches, best first.

    `pooled` is the query's vector and `pieces` its token vectors, by the embedded encoder.
    `words_only` is whether the vectors of the archive's passages were not there to be searched.
    """

    query: Query
    pooled: npt.NDArray[np.float32]
    pieces: QueryTokens
    matches: list[Match]
    words_only: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A match with its token vectors and their similarity to the question's.

    `cosines` has the shape (question pieces, passage pieces).
    """

    match: Match
    tokens: TokenVectors
    cosines: npt.NDArray[np.float32]


_TOKENS_KEPT = 100 << 20
"""Bytes of token vectors that are kept: a passage's are up to 230 kB."""


class Searcher:
    """Searches one archive. Safe to call from several threads.

    Args:
        catalog: the articles, and the full-text search.
        vectors: the dense search.
        encoder: embeds the question; the same encoder embedded the passages.
        reader: the embedded encoder, whose token vectors rerank for any `encoder`.
        options: see `SearchOptions`.
    """

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        encoder: QueryEncoder,
        reader: OnnxEncoder,
        options: SearchOptions | None = None,
    ) -> None:
        self.catalog = catalog
        self.reader = reader
        self.options = options or SearchOptions()
        self._vectors = vectors
        self._encoder = encoder
        self._tokens: LruCache[str, TokenVectors] = LruCache(_TOKENS_KEPT)
        self._seen = catalog.version()
        self._lock = Lock()

    def search(self, query: Query, limit: int = 10, *, until: date | None = None) -> SearchResult:
        """Search for a query and return the best passages, with the vectors that the answerer
        needs.

        Raises:
            IndexMismatch: the archive was indexed with other settings.
            ArchiveUnreadable: the archive's files cannot be used.
        """
        self._refresh()
        require_current(self.catalog, self._vectors.collection)
        read = self.reader.encode_tokens([query.text])[0]
        pieces = query_tokens(query.text, read, context_until=query.focus)
        dense = self._dense(self._vector(query, read), until) if self.options.dense else []
        lexical = self._lexical(query, until) if self.options.lexical else []
        fused = fuse([[p.id for p, _ in dense], [p.id for p, _ in lexical]])
        passages = {p.id: p for p, _ in [*dense, *lexical]}
        by_share = _spread([passages[i].article_id for i in fused], self._share)
        ranked = list(fused)
        shortlist = [passages[ranked[at]] for at in by_share[: max(self.options.shortlist, limit)]]
        articles = self.catalog.articles(p.article_id for p in shortlist)
        # An article that an ingest replaces meanwhile is left out.
        matches = [
            Match(p, articles[p.article_id], fused[p.id])
            for p in shortlist
            if p.article_id in articles
        ]
        words_only = self.options.dense and bool(lexical) and not dense
        found = SearchResult(query, read.pooled, pieces, matches, words_only)
        if self.options.rerank:
            matches = self._reranked(found, dict(dense), dict(lexical))
        matches = spread(matches, self.options.per_article)[:limit]
        return replace(found, matches=matches)

    def read(self, found: SearchResult, matches: Sequence[Match]) -> list[Reading]:
        """Encode some matches beside their question, in order."""
        by_id = {match.passage.id: match for match in matches}

        def make(missing: list[str]) -> list[TokenVectors]:
            texts = [titled(by_id[i].article.title, by_id[i].passage.text) for i in missing]
            return self.reader.encode_tokens(texts)

        tokens = self._tokens.get_or_make(list(by_id), make)
        return [
            Reading(match, text, cosines)
            for match, text, cosines in zip(
                matches, tokens, similarities(found.pieces, tokens), strict=True
            )
        ]

    def _vector(self, query: Query, read: TokenVectors) -> npt.NDArray[np.float32]:
        if self._encoder is self.reader and not self.reader.config.query_prefix:
            return read.pooled
        return np.asarray(self._encoder.embed_query(query.text), dtype=np.float32)

    def _refresh(self) -> None:
        """See what other processes have committed since the last search."""
        with self._lock:
            version = self.catalog.version()
            if version != self._seen:
                self._vectors.reopen()
                self._seen = version

    def _dense(
        self, vector: npt.NDArray[np.float32], until: date | None
    ) -> list[tuple[Passage, float]]:
        """Return the nearest passages that are in the archive and published in time.

        Looks at more until there are enough: vectors without a passage and passages that are too
        recent are dropped here (filtering in Chroma is far slower).
        """
        kept: list[tuple[Passage, float]] = []
        for nearest in self._nearest(vector, until):
            known = self.catalog.passages([i for i, _ in nearest], until=until)
            kept = [(known[i], score) for i, score in nearest if i in known]
            if len(kept) >= self.options.candidates and self._is_varied(kept):
                break
        return kept

    def _nearest(
        self, vector: npt.NDArray[np.float32], until: date | None
    ) -> Iterator[list[tuple[str, float]]]:
        """Yield the nearest vectors, ever more of them, at last all that can be asked for.

        Where that would be more than all that was published in time, this is ranked instead.
        """
        ask = self.options.candidates
        in_time: list[str] | None = None
        while True:
            nearest = self._vectors.nearest(vector, ask)
            yield nearest
            if len(nearest) < ask:
                return
            ask *= 4
            if until and in_time is None:
                in_time = self.catalog.passage_ids_until(until)
            if in_time is not None and len(in_time) <= ask:
                yield self._vectors.rank(vector, in_time)
                return

    def _lexical(self, query: Query, until: date | None) -> list[tuple[Passage, float]]:
        terms = list(dict.fromkeys(content_words(query.text) or words(query.text)))
        ask = self.options.candidates
        while True:
            found = self.catalog.full_text(terms, ask, until=until)
            if len(found) < ask or self._is_varied(found):
                return found
            ask *= 4

    @property
    def _share(self) -> int:
        """Passages of one article that are candidates while there are others."""
        return self.options.per_article + 2

    def _is_varied(self, found: Sequence[tuple[Passage, float]]) -> bool:
        """Return whether there are enough candidates with each article limited to its share.

        Of a search that has gone far and found little else, it is enough.
        """
        counts = Counter(passage.article_id for passage, _ in found)
        shared = sum(min(count, self._share) for count in counts.values())
        return shared >= self.options.shortlist or len(found) >= _FAR * self.options.candidates

    def _reranked(
        self,
        found: SearchResult,
        dense: dict[Passage, float],
        lexical: dict[Passage, float],
    ) -> list[Match]:
        options = self.options
        best = max(lexical.values(), default=0.0) or 1.0
        scored = [
            replace(
                match,
                score=options.dense_weight * dense.get(match.passage, 0.0)
                + options.lexical_weight * lexical.get(match.passage, 0.0) / best
                + options.cited_bonus * (match.article.id in found.query.cited),
            )
            for match in found.matches
        ]
        scored.sort(key=lambda match: -match.score)
        read = [
            replace(r.match, score=r.match.score + max_sim(found.pieces, r.cosines))
            for r in self.read(found, scored[: options.reranked])
        ]
        return sorted(read, key=lambda match: -match.score) + scored[options.reranked :]


def fuse(rankings: Sequence[Sequence[str]]) -> dict[str, float]:
    """Reciprocal rank fusion: id -> score, best first; ties keep the order of the first ranking."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))


def spread(matches: Sequence[Match], per_article: int) -> list[Match]:
    """Best first, but passages beyond an article's share behind those of all other articles."""
    return [matches[at] for at in _spread([m.article.id for m in matches], per_article)]


def _spread(article_ids: Sequence[str], share: int) -> list[int]:
    taken: Counter[str] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for at, article_id in enumerate(article_ids):
        taken[article_id] += 1
        (first if taken[article_id] <= share else rest).append(at)
    return first + rest
