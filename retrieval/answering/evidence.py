"""The sentences that may answer a question, and how well each seems to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from retrieval.answering.logistic import Logistic
from retrieval.chunking import sentences_within
from retrieval.passages import Passage, titled
from retrieval.rerank import max_sim
from retrieval.search import Found, Reading
from retrieval.sentences import Kind, Sentence, split_sentences
from retrieval.text import content_stems


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence for a question; all but `gap` lie between -1 and 1.

    `late` is the MaxSim of the question over the sentence and its article's title, each piece
    seen in the context of its passage; `cosine` compares the question's vector with the mean
    of the sentence's pieces; `coverage` is the share of the question's content, weighted by
    IDF, that the sentence and its title name, `passage_coverage` that the whole passage does;
    `rarest` is the IDF of the rarest content word the passage lacks, as a share of the whole;
    `passage_late` is the passage's MaxSim; `gap` how far its score is behind the best passage's;
    `kind` whether the sentence has the kind of thing the question asks for (a time, a number, a
    name, a cause), one half where that cannot be told.
    """

    late: float
    cosine: float
    coverage: float
    passage_coverage: float
    rarest: float
    passage_late: float
    gap: float
    kind: float

    def as_dict(self) -> dict[str, float]:
        """By name, for a model's weights."""
        return {name: float(getattr(self, name)) for name in self.__slots__}


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


Idf = Callable[[Iterable[str]], dict[str, float]]


def gather(found: Found, readings: Sequence[Reading], idf: Idf, model: Logistic) -> list[Evidence]:
    """Every sentence of some passages as evidence for the question, the most probable first.

    `idf` weighs Porter stems; `model` makes a probability of the features.
    """
    question = found.query.text[found.query.focus :]
    content = idf(content_stems(found.query.text))
    total = sum(content.values()) or 1.0
    best = max((reading.match.score for reading in readings), default=0.0)
    gathered: dict[tuple[str, int], Evidence] = {}
    for reading in readings:
        view = _PassageView(reading)
        passage_late = max_sim(found.pieces, reading.cosines)
        lacking = [weight for stem, weight in content.items() if stem not in view.stems]
        for sentence, stems in view.sentences:
            key = (view.article.id, sentence.start)
            pieces = view.pieces_of(sentence)
            if key in gathered or not pieces:
                continue
            text = view.article.body[sentence.start : sentence.end]
            features = Features(
                late=max_sim(found.pieces, reading.cosines[:, view.title_pieces + pieces]),
                cosine=_cosine(reading.tokens.vectors[pieces], found.pooled),
                coverage=sum(weight for stem, weight in content.items() if stem in stems) / total,
                passage_coverage=1 - sum(lacking) / total,
                rarest=max(lacking, default=0.0) / total,
                passage_late=passage_late,
                gap=reading.match.score - best,
                kind=kind_match(question, text),
            )
            probability = model.probability(features.as_dict())
            gathered[key] = Evidence(
                view.article, reading.match.passage, sentence, features, probability
            )
    return sorted(gathered.values(), key=lambda evidence: -evidence.probability)


class _PassageView:
    """A passage with its quotable sentences: their stems (title included) and their pieces."""

    def __init__(self, reading: Reading) -> None:
        self.article = reading.match.article
        passage = reading.match.passage
        shift = len(titled(self.article.title, "")) - passage.start
        self._spans = [(start - shift, end - shift) for start, end in reading.tokens.offsets]
        self.title_pieces = [n for n, (_, end) in enumerate(self._spans) if end <= passage.start]
        title = set(content_stems(self.article.title))
        self.sentences = [
            (sentence, title | set(content_stems(self.article.body[sentence.start : sentence.end])))
            for sentence in sentences_within(split_sentences(self.article.body), passage)
            if sentence.kind is not Kind.HEADING
        ]
        self.stems = title.union(*(stems for _, stems in self.sentences))

    def pieces_of(self, sentence: Sentence) -> list[int]:
        return [
            number
            for number, (start, end) in enumerate(self._spans)
            if start >= sentence.start and end <= sentence.end
        ]


def _cosine(pieces: npt.NDArray[np.float16], pooled: npt.NDArray[np.float32]) -> float:
    """Of the mean of some pieces with the question's vector."""
    mean = pieces.astype(np.float32).mean(axis=0)
    return float(mean @ pooled) / max(float(np.linalg.norm(mean)), 1e-9)


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
