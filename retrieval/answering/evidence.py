"""The sentences that may answer a question, and how well each seems to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from corpus.article import Article
from retrieval.answering.kinds import kind_match
from retrieval.archive.passages import Clue, Match, Passage, titled
from retrieval.checking.names import Name, find_names, has_name, keys
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.logistic import Logistic
from retrieval.lru import LruCache
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import SearchResult
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence
from retrieval.text.words import always_capitalized, content_words, names, shares_a_name

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence for a question.

    `evidence` and `span` are the reader's log-odds of the sentence and of its best few words,
    `answers` of the passage; `found` is the passage's score before it was read, `gap` how far its
    score is behind the best passage's (0 or less); `cosine` compares the question's vector with
    that of the sentence read by itself; `kind` is whether the sentence has the kind of thing that
    the question asks for (`retrieval.answering.kinds`); `named` whether its passage or title has
    any of the names in the question, or the question has none.
    """

    evidence: float
    span: float
    answers: float
    gap: float
    found: float
    cosine: float
    kind: float
    named: float

    def as_dict(self) -> dict[str, float]:
        """Return the features by name, as the model's weights are named."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of an article, and the probability that it answers the question.

    `answer` is where in the article's body the words stand that the reader points at. `belongs` is
    how likely it belongs in the answer, beside the best (`retrieval.answering.belonging`).
    """

    article: Article
    passage: Passage
    sentence: Sentence
    features: Features
    probability: float
    answer: Span | None = None
    belongs: float = 0.0

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.body[self.sentence.start : self.sentence.end]

    @property
    def place(self) -> tuple[str, int]:
        """Its article, and where it begins there."""
        return self.article.id, self.sentence.start


_COMPARED = 8
"""Sentences that are encoded by themselves: the others are too unlikely for it to matter."""

_VECTORS_KEPT = 20 << 20
"""Bytes of sentences' vectors that are kept: each is 1.5 kB."""


class EvidenceReader:
    """Weighs the sentences of what a search found. Safe to call from several threads.

    Args:
        encoder: the embedded encoder, which compares sentences with the question.
        model: makes a probability of the features.
    """

    def __init__(self, encoder: OnnxEncoder, model: Logistic) -> None:
        self._encoder = encoder
        self._model = model
        self._vectors: LruCache[str, Floats] = LruCache(_VECTORS_KEPT)

    def weigh(self, found: SearchResult) -> list[Evidence]:
        """Return every quotable sentence of the passages that were read, the most probable first.

        Passages overlap: a sentence of two counts as in the one where it is the more probable.
        """
        measured = [self._weighed(evidence) for evidence in _measured(found)]
        best_first = distinct(ranked(measured))
        if not best_first:
            return []
        cosines = self.likenesses(found.query.text, [e.text for e in best_first[:_COMPARED]])
        cosines += [min(cosines)] * (len(best_first) - len(cosines))
        compared = [
            self._weighed(replace(e, features=replace(e.features, cosine=cosine)))
            for e, cosine in zip(best_first, cosines, strict=True)
        ]
        return ranked(compared)

    def likenesses(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how near some sentences, each read by itself, are to a question."""
        asked, *vectors = self._vectors.get_or_make([question, *texts], self._encode)
        return [float(vector @ asked) for vector in vectors]

    def _weighed(self, evidence: Evidence) -> Evidence:
        probability = self._model.probability(evidence.features.as_dict())
        return replace(evidence, probability=probability)

    def _encode(self, texts: list[str]) -> list[Floats]:
        return [row.copy() for row in self._encoder.encode(texts)]


def _measured(found: SearchResult) -> Iterator[Evidence]:
    """Yield every quotable sentence with what the reader made of it."""
    question = found.query.text[found.query.focus :]
    # People who type without capitals name things all the same.
    known = always_capitalized(m.passage.text for m in found.matches)
    wanted = names(question) | (known & set(content_words(question)))
    best = max((reading.match.score for reading in found.readings), default=0.0)
    for reading in found.readings:
        article, passage = reading.match.article, reading.match.passage
        named = shares_a_name(wanted, titled(article.title, passage.text))
        for sentence, read in reading.sentences:
            text = article.body[sentence.start : sentence.end]
            if sentence.kind is Kind.HEADING or read is None or gives_orders(text):
                continue
            features = Features(
                evidence=read.evidence,
                span=read.span,
                answers=reading.answers,
                gap=reading.match.score - best,
                found=reading.found,
                cosine=0.0,
                kind=kind_match(question, text),
                named=float(named),
            )
            answer = None
            if read.answer:
                answer = passage.start + read.answer[0], passage.start + read.answer[1]
            yield Evidence(article, passage, sentence, features, 0.0, answer)


def ranked(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence with the most probable first."""
    return sorted(evidence, key=lambda e: -e.probability)


def distinct(readings: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence without what is a second reading of a sentence that came before."""
    first: dict[tuple[str, int], Evidence] = {}
    for evidence in readings:
        first.setdefault(evidence.place, evidence)
    return list(first.values())


def of_the_named(evidence: Sequence[Evidence], query: Query) -> list[Evidence]:
    """Return the evidence of articles that have a name in the question; all, if it has no name.

    A name counts in any of its forms, and a capital for its country and the other way round. The
    reader takes a question's other words for its own: asked who owned one ship, it is sure of the
    sentence that says who owns another. A follow-up that has no name is about those of the
    conversation, if any article that was found has one.
    """
    if wanted := _named(query.text[query.focus :]):
        return _naming(evidence, wanted)
    return _naming(evidence, _named(query.text[: query.focus])) or list(evidence)


def _named(text: str) -> list[Name]:
    return find_names(text, lambda _: True)


def _naming(evidence: Sequence[Evidence], wanted: Sequence[Name]) -> list[Evidence]:
    articles = {one.article.id: one.article for one in evidence}
    naming = {id_ for id_, article in articles.items() if _names_any(article, wanted)}
    return [one for one in evidence if one.article.id in naming]


def naming(articles: Iterable[Article], text: str) -> list[Article]:
    """Return the articles that have a name in a text; all, if it has no name."""
    wanted = _named(text)
    return [article for article in articles if not wanted or _names_any(article, wanted)]


def _names_any(article: Article, wanted: Sequence[Name]) -> bool:
    text = f"{article.title}\n{article.body}"
    if any(name.word in text for name in wanted):  # quicker, and mostly so
        return True
    # "given" is not the "Given" of a ship.
    there = keys(" ".join(word for word in text.split() if not word[0].islower()))
    return any(has_name(name, there) for name in wanted)


def with_clues(matches: Sequence[Match], evidence: Sequence[Evidence]) -> list[Match]:
    """Return the matches with the sentences of each that were weighed."""
    clues: dict[str, tuple[Clue, ...]] = {}
    for e in evidence:
        clue = Clue(e.sentence.start, e.sentence.end, e.probability)
        clues[e.passage.id] = (*clues.get(e.passage.id, ()), clue)
    return [replace(match, clues=clues.get(match.passage.id, ())) for match in matches]
