"""Tells which articles bear on a topic: a few words of a person's own, or a question.

A misspelt topic is read as the archive writes it. The articles that the search finds near it are
weighed by a logistic regression over a few features. Its weights, and the least probability that
counts, were chosen on the development topics of `tests/quality/topics`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf, log
from pathlib import Path

import numpy as np
from rapidfuzz.distance import OSA

from corpus.article import Article
from retrieval.answering.citing import cite
from retrieval.answers import Citation
from retrieval.archive.passages import Match
from retrieval.logistic import Logistic, bounded, load_logistic
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import Reading, Searcher
from retrieval.search.spelling import Speller
from retrieval.text.sentences import Kind
from retrieval.text.words import content_words, shares_a_name, words

MODEL = Path(__file__).with_name("topics.json")
"""Fitted by `scripts/fit_topics.py`; `least` is the least probability that counts."""

_AT_ONCE = 200
"""Articles that are searched at once."""

_FAR = 0.2
"""The cosine below which an article bears on no topic: none of the development set's does."""

_SLIPS = 5
"""Letters of the shortest word that is found in spite of a slip."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of an article for a topic.

    `cosine` compares the topic's vector with that of the nearest passage, `title` with that of the
    title. `named` and `titled` are the shares of the topic's content words in the article and in
    its title, where a word that is rare in the archive weighs more; `misses` is the weight of those
    that it lacks, and `whole` whether it lacks none. `read` is the reader's log-odds that the
    passage answers it.
    """

    cosine: float
    title: float
    named: float
    titled: float
    misses: float
    whole: float
    read: float


@dataclass(frozen=True, slots=True)
class Bearing:
    """An article that bears on a topic, how probably, and the sentence of it that shows it."""

    article: Article
    probability: float
    quote: Citation


class TopicMatcher:
    """Compares topics with articles of one archive. Safe to call from several threads.

    Args:
        searcher: the archive.
        model: makes a probability of the features.
        least: the least probability of an article that bears on a topic.
    """

    def __init__(
        self, searcher: Searcher, model: Logistic | None = None, least: float | None = None
    ) -> None:
        self._searcher = searcher
        self._speller = Speller(searcher.catalog, searcher.embedded.knows)
        self._model = model or load_logistic(MODEL)
        kept = json.loads(MODEL.read_text(encoding="utf-8"))["least"] if least is None else least
        self._least = float(kept)

    def bearing(self, topic: str, article_ids: Sequence[str]) -> list[Bearing]:
        """Return those of some articles that bear on a topic, the most probable first.

        Raises:
            ArchiveError: the archive cannot be searched.
        """
        asked = self._speller.read(topic).text
        found = [
            Bearing(reading.match.article, probability, self._quote(asked, reading))
            for reading, features in self.measured(asked, article_ids)
            if (probability := self._probability(features)) >= self._least
        ]
        return sorted(found, key=lambda bearing: -bearing.probability)

    def measured(self, topic: str, article_ids: Sequence[str]) -> list[tuple[Reading, Features]]:
        """Return those of some articles that may bear on a topic, with what is measured of them.

        Only those are read that would bear on it if the reader were sure of them.
        """
        vector = self._searcher.embedded.encode([topic])[0]
        weights = self._weights(topic)
        likely: list[tuple[Match, Features]] = []
        for at in range(0, len(article_ids), _AT_ONCE):
            near = self._near(topic, vector, article_ids[at : at + _AT_ONCE])
            titles = self._searcher.embedded.encode([match.article.title for match, _ in near])
            for (match, cosine), title in zip(near, (titles @ vector).tolist(), strict=True):
                features = _features(match.article, weights, cosine, title)
                if self._probability(features) >= self._least:
                    likely.append((match, features))
        measured = {match.passage.id: features for match, features in likely}
        return [
            (reading, replace(measured[reading.match.passage.id], read=bounded(reading.answers)))
            for reading in self._searcher.read(Query(topic), [match for match, _ in likely])
        ]

    def _probability(self, features: Features) -> float:
        return self._model.probability(asdict(features))

    def _weights(self, topic: str) -> dict[str, float]:
        """Return the weight of each content word of a topic: 1 if no passage has it, less if many.

        It is the inverse document frequency (Spärck Jones, 1972), as a share of the most.
        """
        catalog = self._searcher.catalog
        passages = catalog.count_passages() or 1
        return {
            word: log(1 + passages / (1 + catalog.count_with(word))) / log(1 + passages)
            for word in content_words(topic)
        }

    def _near(
        self, topic: str, vector: Floats, article_ids: Sequence[str]
    ) -> list[tuple[Match, float]]:
        """Return the nearest passage of each article that is near a topic, with its cosine."""
        # Every passage of an article may be the nearest.
        searcher = self._searcher.with_options(candidates=len(article_ids) * 2)
        most = len(article_ids) * 2
        matches = searcher.search(Query(topic), most, within=article_ids, read=False).matches
        if not matches:
            return []
        vectors = self._searcher.vectors_of([(m.article, m.passage) for m in matches])
        nearest: dict[str, tuple[Match, float]] = {}
        for match, cosine in zip(matches, (vectors @ vector).tolist(), strict=True):
            if cosine > max(_FAR, nearest.get(match.article.id, (match, 0.0))[1]):
                nearest[match.article.id] = match, cosine
        return [*nearest.values()]

    def _quote(self, topic: str, reading: Reading) -> Citation:
        """Return the sentence of a passage that answers a question, or is nearest to a topic."""
        article, passage = reading.match.article, reading.match.passage
        sentences = [(s, read) for s, read in reading.sentences if s.kind is not Kind.HEADING]
        if not sentences:
            return cite(1, article, passage, passage.start, passage.end)
        if topic.rstrip().endswith("?"):
            worth = [read.evidence if read else -np.inf for _, read in sentences]
        else:
            texts = [article.body[s.start : s.end] for s, _ in sentences]
            asked, *vectors = self._searcher.embedded.encode([topic, *texts])
            worth = [float(vector @ asked) for vector in vectors]
        best = sentences[int(np.argmax(worth))][0]
        return cite(1, article, passage, best.start, best.end)


def _features(article: Article, weights: dict[str, float], cosine: float, title: float) -> Features:
    """Return what is measured of an article, as if the reader were sure that it answers."""
    there = _found(weights, f"{article.title} {article.body}")
    whole = sum(weights.values()) or 1.0
    missed = sum(weight for word, weight in weights.items() if word not in there)
    return Features(
        cosine=cosine,
        title=title,
        named=1 - missed / whole,
        titled=sum(weights[word] for word in _found(weights, article.title)) / whole,
        misses=missed,
        whole=float(not missed),
        read=bounded(inf),
    )


def _found(wanted: Iterable[str], text: str) -> set[str]:
    """Return those of some words that a text has, in some form or with a slip."""
    there = set(words(text))
    return {w for w in wanted if shares_a_name({w}, text) or _misspelt(w, there)}


def _misspelt(word: str, there: set[str]) -> bool:
    return len(word) >= _SLIPS and any(OSA.distance(word, o, score_cutoff=1) <= 1 for o in there)
