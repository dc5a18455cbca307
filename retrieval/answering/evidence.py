"""The sentences that may answer a question, and how well each seems to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from corpus.article import Article
from retrieval.answering.kinds import kind_match
from retrieval.archive.passages import Clue, Match, Passage, titled
from retrieval.embeddings.encoder import Floats, OnnxEncoder
from retrieval.logistic import Logistic
from retrieval.lru import LruCache
from retrieval.search.rerank import echo
from retrieval.search.searcher import Reading, SearchResult
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence, sentences_within
from retrieval.text.words import always_capitalized, content_words, names, shares_a_name


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence for a question.

    `echo` is how well the sentence and its article's title echo each word of the question
    (`retrieval.search.rerank.echo`), every piece seen in the context of the passage; `cosine`
    compares the question's vector with that of the sentence read by itself (0 where the rest is
    too little for it to matter); `gap` is how far its passage's score is behind the best
    passage's (0 or less); `kind` whether the sentence has the kind of thing that the question
    asks for (`retrieval.answering.kinds`).

    Shares of the question's words that a sentence names were tried too: they help on questions
    written from the text, and hurt on questions in words of their own.
    """

    echo: float
    cosine: float
    gap: float
    kind: float

    def as_dict(self) -> dict[str, float]:
        """Return the features by name, as the model's weights are named."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of an article, and the probability that it answers the question.

    `named` is whether its passage or title has any of the names in the question.
    """

    article: Article
    passage: Passage
    sentence: Sentence
    features: Features
    probability: float
    named: bool = True

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.body[self.sentence.start : self.sentence.end]


_COMPARED = 8
"""Sentences that are read by themselves: from 6 on, reading all gave the same answers on every
development set."""

_SENTENCES_KEPT = 20 << 20
"""Bytes of sentences' vectors that are kept: each is 1.5 kB."""


class EvidenceReader:
    """Reads passages sentence by sentence for a question. Safe to call from several threads.

    Args:
        encoder: the embedded encoder, whose token vectors the readings hold.
        model: makes a probability of the features.
    """

    def __init__(self, encoder: OnnxEncoder, model: Logistic) -> None:
        self._encoder = encoder
        self._model = model
        self._sentences: LruCache[str, Floats] = LruCache(_SENTENCES_KEPT)

    def _encode(self, texts: list[str]) -> list[Floats]:
        return [row.copy() for row in self._encoder.encode(texts)]

    def gather(self, found: SearchResult, readings: Sequence[Reading]) -> list[Evidence]:
        """Return every quotable sentence of some passages, the most probable answer first."""
        question = found.query.text[found.query.focus :]
        # People who type without capitals name things all the same.
        known = always_capitalized(m.passage.text for m in found.matches)
        wanted = names(question) | (known & set(content_words(question)))
        named = {
            r.match.passage.id: shares_a_name(
                wanted, titled(r.match.article.title, r.match.passage.text)
            )
            for r in readings
        }
        best = max((reading.match.score for reading in readings), default=0.0)
        spans = _distinct(span for reading in readings for span in _read(reading))
        if not spans:
            return []
        measured = [
            Features(
                echo=echo(found.pieces, span.reading.cosines[:, span.pieces]),
                cosine=0.0,
                gap=span.reading.match.score - best,
                kind=kind_match(question, span.text),
            )
            for span in spans
        ]
        measured = self._compared(found, spans, measured)
        evidence = [
            Evidence(
                span.reading.match.article,
                span.reading.match.passage,
                span.sentence,
                features,
                self._model.probability(features.as_dict()),
                named[span.reading.match.passage.id],
            )
            for span, features in zip(spans, measured, strict=True)
        ]
        return sorted(evidence, key=lambda e: -e.probability)

    def _compared(
        self, found: SearchResult, spans: Sequence[_Span], measured: Sequence[Features]
    ) -> list[Features]:
        """Return the features, with the cosine filled in for the sentences that may still turn out
        best.
        """
        promise = [self._model.probability(features.as_dict()) for features in measured]
        chosen = sorted(range(len(spans)), key=lambda at: -promise[at])[:_COMPARED]
        vectors = self._sentences.get_or_make([spans[at].text for at in chosen], self._encode)
        compared = list(measured)
        for at, vector in zip(chosen, vectors, strict=True):
            compared[at] = replace(measured[at], cosine=float(vector @ found.pooled))
        return compared


def with_clues(matches: Sequence[Match], evidence: Sequence[Evidence]) -> list[Match]:
    """Return the matches with the sentences of each that were weighed."""
    clues: dict[str, tuple[Clue, ...]] = {}
    for e in evidence:
        clue = Clue(e.sentence.start, e.sentence.end, e.probability)
        clues[e.passage.id] = (*clues.get(e.passage.id, ()), clue)
    return [replace(match, clues=clues.get(match.passage.id, ())) for match in matches]


@dataclass(frozen=True, slots=True)
class _Span:
    """A sentence within a passage that was read; `pieces` are its and its title's."""

    reading: Reading
    sentence: Sentence
    pieces: list[int]

    @property
    def text(self) -> str:
        return self.reading.match.article.body[self.sentence.start : self.sentence.end]


def _read(reading: Reading) -> Iterator[_Span]:
    """Yield the quotable sentences of a passage that the encoder saw, with their word pieces."""
    article, passage = reading.match.article, reading.match.passage
    shift = len(titled(article.title, "")) - passage.start
    offsets = np.asarray(reading.tokens.offsets).reshape(-1, 2) - shift
    title = np.flatnonzero(offsets[:, 1] <= passage.start)
    for sentence in sentences_within(article.body, passage.start, passage.end):
        inside = (offsets[:, 0] >= sentence.start) & (offsets[:, 1] <= sentence.end)
        span = _Span(reading, sentence, [*title.tolist(), *np.flatnonzero(inside).tolist()])
        if sentence.kind is not Kind.HEADING and inside.any() and not gives_orders(span.text):
            yield span


def _distinct(spans: Iterable[_Span]) -> list[_Span]:
    """Return each sentence once, from its best-ranked passage: passages overlap."""
    first: dict[tuple[str, int], _Span] = {}
    for span in spans:
        first.setdefault((span.reading.match.article.id, span.sentence.start), span)
    return list(first.values())
