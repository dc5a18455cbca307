"""The hybrid retriever: dense and full-text candidates, fused, then reranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.index import require_current
from retrieval.archive.passages import Match, Passage, titled
from retrieval.archive.passing import Passing
from retrieval.archive.vectors import VectorStore
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import VectorsUnavailable
from retrieval.logistic import sigmoid
from retrieval.reading.reader import Asked, PassageReading, Reader, SentenceReading, Told
from retrieval.search.carried import in_passing
from retrieval.search.condense import Query
from retrieval.search.inflected import search_terms
from retrieval.search.ranking import fuse, order_spread, spread
from retrieval.stopwatch import Stopwatch
from retrieval.text.languages import language_of_words
from retrieval.text.sentences import Sentence, sentences_within

WordsOnly = Literal["", "vectors_lost", "vectors_away"]


class QueryEncoder(Protocol):
    """What searching uses of an encoder."""

    @property
    def name(self) -> str:
        """Return the name that an archive's index has of it."""
        ...

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
       `cited_bonus` if the conversation has just cited its article. The cosine is first put on the
       shipped encoder's scale, where texts that have nothing in common have 0, not `unrelated`.
    4. The best `reranked` are read beside the question (`retrieval.reading`), and get
       `read_weight` times the probability that they answer it. The others follow them.
    5. Passages beyond `per_article` of one article move behind those of other articles.

    Step 4 takes most of the time. The first score chooses better than the fusion what to read.
    """

    candidates: int = 50
    shortlist: int = 10
    reranked: int = 7
    per_article: int = 4
    dense_weight: float = 0.5
    lexical_weight: float = 0.07
    cited_bonus: float = 0.05
    read_weight: float = 0.28
    unrelated: float = 0.0
    dense: bool = True
    lexical: bool = True
    rerank: bool = True


_FAR = 16
"""A search for more articles stops at this multiple of `candidates`."""

_RANKED = 200
"""So few passages that pass are ranked before the nearest of all are looked through for them."""

_TOLD_BY = 5
"""Nearest passages by which the language is told in which words are looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A match that was read for the question: the log-odds that it answers, and its sentences.

    `found` is its score before it was read.
    """

    match: Match
    found: float
    answers: float
    sentences: tuple[tuple[Sentence, SentenceReading | None], ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search: its query, and the matches, best first.

    `readings` are those of the matches that were read, in the same order. `words_only` is not empty
    where the passages' vectors could not be searched: the name of the line that says why. `terms`
    are the words that the full text was asked for.
    """

    query: Query
    matches: list[Match]
    readings: list[Reading]
    words_only: WordsOnly = ""
    terms: tuple[str, ...] = ()


class Searcher:
    """Searches one archive. Safe to call from several threads.

    Args:
        catalog: the articles, and the full-text search.
        vectors: the dense search.
        encoder: embeds the question; the same encoder embedded the passages.
        embedded: the embedded encoder, for those who weigh what was found.
        reader: reads the best passages beside the question.
        options: see `SearchOptions`.
    """

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        encoder: QueryEncoder,
        embedded: OnnxEncoder,
        reader: Reader,
        options: SearchOptions | None = None,
    ) -> None:
        self.catalog = catalog
        self.embedded = embedded
        self.reader = reader
        self.options = options or SearchOptions()
        self._vectors = vectors
        self.encoder = encoder
        self._seen = catalog.version()
        self._lock = Lock()

    def search(
        self,
        query: Query,
        limit: int = 10,
        *,
        only: Filters = EVERYTHING,
        within: Collection[str] | None = None,
        read: bool = True,
        watch: Stopwatch | None = None,
    ) -> SearchResult:
        """Search for a query and return the best passages, with what was read of them.

        Those that do not pass the filters are left out. With `within`, ids of a few articles, only
        their passages are looked at. What is no question is searched for with `read` False. `watch`
        measures retrieving and reranking.

        Raises:
            IndexMismatch: the archive was indexed with other settings.
            ArchiveUnreadable: the archive's files cannot be used.
        """
        self._refresh()
        require_current(self.catalog, self._vectors.collection)
        watch = watch or Stopwatch()
        with watch.part("retrieve"):
            passing = self.catalog.passing(only) if only else None
            near = self._near(query, passing, within) if self.options.dense else []
            dense = near or []
            terms = self._terms(query, dense)
            lexical = self._lexical(terms, passing, within) if self.options.lexical else []
        fused = fuse([[p.id for p, _ in dense], [p.id for p, _ in lexical]])
        passages = {p.id: p for p, _ in [*dense, *lexical]}
        by_share = order_spread([passages[i].article_id for i in fused], self._share)
        ranked = list(fused)
        matches: list[Match] = []
        most = max(self.options.shortlist, limit)
        for some in batched([passages[ranked[at]] for at in by_share], most):
            found = in_passing(self.catalog, some, only)
            matches += [Match(p, article, fused[p.id]) for p, article in found]
            if len(matches) >= most:
                break
        matches = matches[:most]
        if self.options.rerank:
            scores = [{p.id: score for p, score in found} for found in (dense, lexical)]
            matches = self._scored(query, matches, *scores)
        with watch.part("rerank"):
            readings = self.read(query, matches[: self.options.reranked]) if read else []
        matches = [reading.match for reading in readings] + matches[len(readings) :]
        matches = spread(matches, self.options.per_article)[:limit]
        places = {match.passage.id: place for place, match in enumerate(matches)}
        kept = [reading for reading in readings if reading.match.passage.id in places]
        kept.sort(key=lambda reading: places[reading.match.passage.id])
        lost = self.options.dense and lexical and not dense
        words_only: WordsOnly = "vectors_away" if near is None else "vectors_lost" if lost else ""
        return SearchResult(query, matches, kept, words_only, tuple(terms))

    def vectors_of(self, passages: Sequence[tuple[Article, Passage]]) -> npt.NDArray[np.float32]:
        """Return the embedded encoder's vectors of passages with their titles, a row each.

        They are those of the archive where that encoder made these.
        """
        self._refresh()
        stored = {}
        if self.encoder is self.embedded:
            with suppress(VectorsUnavailable):  # then they are made
                stored = self._vectors.get([passage.id for _, passage in passages])
        rest = [(a, p) for a, p in passages if p.id not in stored]
        made = self.embedded.encode([titled(a.title, p.text) for a, p in rest])
        stored |= {p.id: vector for (_, p), vector in zip(rest, made, strict=True)}
        return np.array([stored[p.id] for _, p in passages], np.float32).reshape(-1, made.shape[1])

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[Passage]:
        """Return the passages whose vectors are nearest to one of the archive's encoder.

        There are none while the server of the vectors is away.
        """
        try:
            found = self._vectors.nearest(vector, limit)
        except VectorsUnavailable:
            return []
        passages = self.catalog.passages([i for i, _ in found])
        return [passages[i] for i, _ in found if i in passages]

    def with_options(self, **changes: int) -> Searcher:
        """Return a searcher of the same archive with some options changed."""
        options = replace(self.options, **changes)  # type: ignore[arg-type]
        return Searcher(
            self.catalog, self._vectors, self.encoder, self.embedded, self.reader, options
        )

    def read(self, query: Query, matches: Sequence[Match]) -> list[Reading]:
        """Read some matches and return them with their new scores, best first."""
        sentences = [
            sentences_within(m.article.body, m.passage.start, m.passage.end) for m in matches
        ]
        told = [
            Told(
                match.article.title,
                match.passage.text,
                tuple((s.start - match.passage.start, s.end - match.passage.start) for s in found),
            )
            for match, found in zip(matches, sentences, strict=True)
        ]
        read = self.reader.read(Asked(query.text, query.focus), told)
        readings = [
            Reading(
                replace(match, score=match.score + self._worth(passage)),
                match.score,
                passage.answers,
                tuple(zip(found, passage.sentences, strict=True)),
            )
            for match, found, passage in zip(matches, sentences, read, strict=True)
        ]
        return sorted(readings, key=lambda reading: -reading.match.score)

    def _worth(self, read: PassageReading) -> float:
        weight = self.options.read_weight if self.options.rerank else 0.0
        return weight * sigmoid(read.answers)

    def _near(
        self, query: Query, passing: Passing | None, within: Collection[str] | None
    ) -> list[tuple[Passage, float]] | None:
        """Return the nearest passages; None where the server of the vectors is away."""
        try:
            near = self._dense(self._vector(query), passing, within)
        except VectorsUnavailable:
            return None
        unrelated = self.options.unrelated
        return [(passage, (cosine - unrelated) / (1 - unrelated)) for passage, cosine in near]

    def _vector(self, query: Query) -> npt.NDArray[np.float32]:
        return np.asarray(self.encoder.embed_query(query.text), dtype=np.float32)

    def _refresh(self) -> None:
        """See what other processes have committed since the last search."""
        with self._lock:
            version = self.catalog.version()
            if version != self._seen:
                self._vectors.reopen()
                self._seen = version

    def _dense(
        self,
        vector: npt.NDArray[np.float32],
        passing: Passing | None,
        within: Collection[str] | None,
    ) -> list[tuple[Passage, float]]:
        """Return the nearest passages that are in the archive and pass.

        Looks at more until there are enough: vectors without a passage and passages that do not
        pass are dropped here (filtering in Chroma is far slower). Where that would be more than
        all that passes, this is ranked instead.
        """
        wanted = ask = self.options.candidates
        while True:
            few: Collection[str] | None = None
            if within is not None:
                few = self.catalog.passage_ids_of(within)
            elif passing is not None:
                few = passing.few(max(ask, _RANKED))
            if few is not None:
                nearest = self._vectors.rank(vector, list(few))
            else:
                nearest = self._vectors.nearest(vector, ask)
            kept: list[tuple[Passage, float]] = []
            for some in batched(nearest, 2 * wanted):
                ids = [i for i, _ in some]
                known = self.catalog.passages(ids if passing is None else list(passing.of(ids)))
                kept += [(known[i], score) for i, score in some if i in known]
                if len(kept) >= wanted and self._is_varied(kept):
                    return kept
            if few is not None or len(nearest) < ask:
                return kept
            # so many more as were enough if as many of them pass, and some to spare
            ask *= min(32, max(4, 2 * wanted // max(1, len(kept))))

    def _terms(self, query: Query, near: Sequence[tuple[Passage, float]]) -> list[str]:
        """Return what the full text is asked for, by the language of the nearest passages."""
        language = language_of_words(query.text, (passage.text for passage, _ in near[:_TOLD_BY]))
        return search_terms(query.text, language, self.catalog.vocabulary)

    def _lexical(
        self, terms: Sequence[str], passing: Passing | None, within: Collection[str] | None
    ) -> list[tuple[Passage, float]]:
        ask = self.options.candidates
        while True:
            found = self.catalog.full_text(terms, ask, only=passing, within=within)
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

    def _scored(
        self,
        query: Query,
        matches: Sequence[Match],
        dense: dict[str, float],
        lexical: dict[str, float],
    ) -> list[Match]:
        """Return the matches with their first scores, best first."""
        options = self.options
        best = max(lexical.values(), default=0.0) or 1.0
        scored = [
            replace(
                match,
                score=options.dense_weight * dense.get(match.passage.id, 0.0)
                + options.lexical_weight * lexical.get(match.passage.id, 0.0) / best
                + options.cited_bonus * (match.article.id in query.cited),
            )
            for match in matches
        ]
        return sorted(scored, key=lambda match: -match.score)


def merged(first: SearchResult, more: Sequence[SearchResult]) -> SearchResult:
    """Return the matches of several searches as one result, with the query of the first.

    They are fused by their ranks, as those of one search's dense and full-text halves are.
    """
    results = [first, *more]
    matches = {m.passage.id: m for result in reversed(results) for m in result.matches}
    ranked = fuse([[m.passage.id for m in result.matches] for result in results])
    return replace(
        first,
        matches=[matches[i] for i in ranked],
        readings=[reading for result in results for reading in result.readings],
    )
