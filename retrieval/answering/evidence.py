"""The sentences that may answer a question, and how well each seems to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from corpus.article import Article
from retrieval.answering.logistic import Logistic
from retrieval.chunking import sentences_within
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.passages import Passage, titled
from retrieval.rerank import max_sim
from retrieval.search import Found, Reading
from retrieval.sentences import Kind, Sentence, split_sentences


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence for a question.

    `late` is the MaxSim of the question over the sentence and its article's title, each piece
    seen in the context of its passage; `cosine` compares the question's vector with that of
    the sentence read by itself; `gap` is how far its passage's score is behind the best
    passage's (0 or less); `kind` whether the sentence has the kind of thing the question asks
    for (a time, a number, a name, a cause): 1 or 0, and one half where that cannot be told.

    Shares of the question's words that a sentence names were tried too: they help on questions
    written from the text, and hurt on questions in words of their own.
    """

    late: float
    cosine: float
    gap: float
    kind: float

    def as_dict(self) -> dict[str, float]:
        """By name, for a model's weights."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of an article, and the probability that it answers the question."""

    article: Article
    passage: Passage
    sentence: Sentence
    features: Features
    probability: float

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.body[self.sentence.start : self.sentence.end]


class EvidenceReader:
    """Reads passages sentence by sentence for a question. Safe to call from several threads.

    Args:
        encoder: the embedded encoder, whose token vectors the readings hold.
        model: makes a probability of the features.
    """

    def __init__(self, encoder: OnnxEncoder, model: Logistic) -> None:
        self._encoder = encoder
        self._model = model

    def gather(self, found: Found, readings: Sequence[Reading]) -> list[Evidence]:
        """Every quotable sentence of some passages, the most probable answer first."""
        question = found.query.text[found.query.focus :]
        best = max((reading.match.score for reading in readings), default=0.0)
        spans = _distinct(span for reading in readings for span in _read(reading))
        own = self._encoder.encode([span.text for span in spans]) @ found.pooled
        evidence = []
        for span, cosine in zip(spans, own, strict=True):
            features = Features(
                late=max_sim(found.pieces, span.reading.cosines[:, span.pieces]),
                cosine=float(cosine),
                gap=span.reading.match.score - best,
                kind=kind_match(question, span.text),
            )
            evidence.append(
                Evidence(
                    span.reading.match.article,
                    span.reading.match.passage,
                    span.sentence,
                    features,
                    self._model.probability(features.as_dict()),
                )
            )
        return sorted(evidence, key=lambda e: -e.probability)


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
    """The quotable sentences of a passage that the encoder saw, with their word pieces."""
    article, passage = reading.match.article, reading.match.passage
    shift = len(titled(article.title, "")) - passage.start
    offsets = np.asarray(reading.tokens.offsets).reshape(-1, 2) - shift
    title = np.flatnonzero(offsets[:, 1] <= passage.start)
    for sentence in sentences_within(split_sentences(article.body), passage):
        inside = (offsets[:, 0] >= sentence.start) & (offsets[:, 1] <= sentence.end)
        if sentence.kind is not Kind.HEADING and inside.any():
            yield _Span(reading, sentence, [*title.tolist(), *np.flatnonzero(inside).tolist()])


def _distinct(spans: Iterable[_Span]) -> list[_Span]:
    """Passages overlap: a sentence counts once, where its passage ranks best."""
    first: dict[tuple[str, int], _Span] = {}
    for span in spans:
        first.setdefault((span.reading.match.article.id, span.sentence.start), span)
    return list(first.values())


_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|millions?|billions?|twice|once|half|third|quarter|dozens?"
    r"|couple|single|both|several)\b",
    re.I,
)
_TIME = re.compile(
    r"\b\d{3,4}s?\b|\b(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
    r"|\b(?:century|today|yesterday|tomorrow|years?|decades?|weeks?|months?|days?|morning|evening"
    r"|night|noon|midnight|hours?|minutes?)\b|\b\d{1,2}(?::\d\d)?\s?(?:am|pm)\b",
    re.I,
)
_NAME = re.compile(r"(?<!^)(?<![.!?“\"] )\b[A-Z][\w’'-]+")
_CAUSE = re.compile(
    r"\b(?:because|due to|since|as a result|owing to|in order to|so that|caused?|reasons?|led to"
    r"|therefore|thus|to avoid|for fear|after|over)\b",
    re.I,
)
_ASKS = (
    (
        re.compile(
            r"\bhow (?:many|much|long|far|old|often|large|big|tall|high|deep|fast|wide|few)\b"
            r"|\b(?:what|which) (?:percent|percentage|number|amount|proportion|share|age|size"
            r"|length|distance|sum|price|toll)\b|\bdeath toll\b|\bnumber of\b",
            re.I,
        ),
        _NUMBER,
    ),
    (
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|decade|century|time|period)\b"
            r"|\bsince when\b|\bhow long ago\b",
            re.I,
        ),
        _TIME,
    ),
    (re.compile(r"\bwho(?:m|se)?\b", re.I), _NAME),
    (
        re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|state|region|place|town)\b", re.I),
        _NAME,
    ),
    (re.compile(r"\bwhy\b|\bwhat (?:caused|led to)\b|\bfor what reason\b", re.I), _CAUSE),
)


def kind_match(question: str, text: str) -> float:
    """1 where the text has the kind of thing the question asks for, 0 where not, else 0.5."""
    for asks, has in _ASKS:
        if asks.search(question):
            return 1.0 if has.search(text) else 0.0
    return 0.5
