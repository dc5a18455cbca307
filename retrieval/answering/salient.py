"""The sentences that stand for most of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np

from corpus.article import Article
from retrieval.answering.context import needs_context
from retrieval.answering.statements import same
from retrieval.archive.passages import Passage, titled
from retrieval.onnx_model import Floats
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence

_MOST_WORDS = 170
_SHORTEST, _LONGEST = 6, 50
"""Words of a sentence that is of use by itself."""

_LEAD = 0.6
"""How much more the sentence counts that begins its article."""

_LEAST_NEAR = 0.5
"""How near a sentence has to be to the subject, of the nearest."""

_GOES_ON = re.compile(
    r"\b(?:also|another|earlier|too|therefore|nevertheless)\b"
    r"|^\W*\w+(?: [a-z][\w-]*)* (?:he|him|she|them)\b|^Among them\b"
)
"""What is in a sentence that goes on from another: such words, and a pronoun before any name."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of an article, with what is around it."""

    article: Article
    passage: Passage
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.body[self.sentence.start : self.sentence.end]

    @property
    def titled(self) -> str:
        """The sentence under its article's title, as passages are embedded."""
        return titled(self.article.title, self.text)

    @property
    def leads(self) -> bool:
        """Whether it begins its article."""
        return self.sentence.start == 0

    @property
    def place(self) -> tuple[str, int]:
        """The article that it is of, and where it begins there."""
        return self.article.id, self.sentence.start


def quotable(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the sentences that may be quoted, each once: no headings, no orders to a reader."""
    found = {
        candidate.place: candidate
        for candidate in candidates
        if candidate.sentence.kind is Kind.SENTENCE and not gives_orders(candidate.text)
    }
    return list(found.values())


def most_salient(
    sentences: Sequence[Candidate],
    vectors: Floats,
    near: Floats,
    most: int,
    given: int | None = None,
) -> list[Candidate]:
    """Return the sentences that stand for most of the others, in the order of time.

    `near` is how near each is to the subject. They are the greedy maximum of facility location
    (Lin & Bilmes, ACL 2011): a sentence is worth how much better than those chosen before it is
    like each of the others, so that it is central and repeats nothing. An article has its share.
    With `given`, that sentence is one of them whatever it is like.
    """
    alike = np.clip(vectors @ vectors.T, 0, None)
    worth = near * np.array([1 + _LEAD * sentence.leads for sentence in sentences])
    share = ceil(most / len({sentence.article.id for sentence in sentences}))
    covered = np.zeros(len(sentences))
    open_to = [
        at
        for at, sentence in enumerate(sentences)
        if _is_of_use(sentence.text) and near[at] >= _LEAST_NEAR * near.max()
    ]
    chosen: list[Candidate] = []
    while (open_to or given is not None) and len(chosen) < most:
        gains = np.maximum(alike - covered, 0) @ near * worth
        best = max(open_to, key=lambda at: float(gains[at])) if given is None else given
        given = None
        chosen.append(sentences[best])
        covered = np.maximum(covered, alike[best])
        open_to = [at for at in open_to if _adds(sentences[at], chosen, share)]
    return sorted(chosen, key=in_time)


def stands_alone(text: str) -> bool:
    """Return whether a sentence can be told without the one before it."""
    return not (needs_context(text) or _GOES_ON.search(text))


def _is_of_use(text: str) -> bool:
    return stands_alone(text) and _SHORTEST <= len(text.split()) <= _LONGEST


def _adds(sentence: Candidate, chosen: Sequence[Candidate], share: int) -> bool:
    """Return whether there is room for a sentence beside those chosen."""
    words = sum(len(other.text.split()) for other in (sentence, *chosen))
    given = Counter(other.article.id for other in chosen)
    new = not any(same(sentence.text, other.text) for other in chosen)
    return new and words <= _MOST_WORDS and given[sentence.article.id] < share


def in_time(sentence: Candidate) -> tuple[date, str, int]:
    """Return where a sentence is told: the oldest article's first, as it is read there."""
    article = sentence.article
    return article.published or date.max, article.id, sentence.sentence.start
