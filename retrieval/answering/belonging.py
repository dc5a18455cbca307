"""Which sentences belong in an answer beside the best.

A fact takes one sentence. A list, a change or two sides may take several, which by themselves seem
to answer little: what goes on with a list stands next to the rest of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.extractive import choose
from retrieval.answering.forms import Form
from retrieval.answering.statements import Limits, Statement
from retrieval.logistic import FAR, Logistic, clipped, log_odds
from retrieval.search.condense import Query
from retrieval.text.words import content_words

_FEW, _MANY = 8, 30
"""Sentences that may belong in an answer, and in one of several values or a list; the others are
too unlikely for it to matter."""

_LIMITS: dict[Form | None, Limits] = {
    Form.LIST: Limits(sentences=7, words=100, belonging=0.05, of_best=0.1),
    Form.SIDES: Limits(sentences=5, words=75, belonging=0.05, of_best=0.1, of_another=True),
}
"""How much is said: of a list and of several values, what is missing is worse than too much."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What is measured of a sentence beside the best one for a question.

    `likely` are the log-odds that it answers, and `behind` how far they are behind the best's.
    `beside` are the log-odds of the better one of the sentences before and after it, `together` is
    whether it is of the best one's article. `likeness` is the cosine of its vector with the
    question's, and `farther` how far that is behind the greatest. `shared` is the share of the
    best one's words that it has, or of its own that the best one has.
    """

    likely: float
    behind: float
    beside: float
    together: float
    likeness: float
    farther: float
    shared: float


class Chooser:
    """Tells what belongs in an answer. Safe to call from several threads.

    Args:
        reader: compares sentences with the question.
        model: makes a probability of what is measured.
        of_sides: the same where several values or sides are asked for.
    """

    def __init__(self, reader: EvidenceReader, model: Logistic, of_sides: Logistic) -> None:
        self._reader = reader
        self._model = model
        self._of_sides = of_sides

    def choose(
        self, query: Query, evidence: Sequence[Evidence], form: Form | None
    ) -> list[Statement]:
        """Return the sentences to answer with in a form; `evidence` is not empty, best first."""
        some = likely_ones(evidence, form)
        likenesses = self._reader.likenesses(query.text, [e.text for e in some])
        model = self._of_sides if form is Form.SIDES else self._model
        weighed = [
            replace(e, belongs=model.probability(asdict(found)))
            for e, found in zip(some, measured(some, likenesses), strict=True)
        ]
        if form is Form.SIDES:  # what answers together may by itself seem to answer little
            weighed.sort(key=lambda e: -e.belongs)
        return choose([*weighed, *evidence[len(some) :]], _LIMITS.get(form), query.text)


def likely_ones(evidence: Sequence[Evidence], form: Form | None) -> Sequence[Evidence]:
    """Return the evidence, best first, that is likely enough to belong in an answer of a form."""
    return evidence[: _MANY if form in (Form.LIST, Form.SIDES) else _FEW]


def measured(evidence: Sequence[Evidence], likenesses: Sequence[float]) -> list[Belonging]:
    """Return what is measured of some evidence, which comes best first.

    `likenesses` are the cosines of its sentences with the question.
    """
    odds = {e.place: _odds(e.probability) for e in evidence}
    neighbours = _neighbours(evidence)
    best, nearest = evidence[0], max(likenesses)
    words = set(content_words(best.text))
    return [
        Belonging(
            likely=odds[e.place],
            behind=odds[e.place] - odds[best.place],
            beside=max((odds[place] for place in neighbours[e.place]), default=-FAR),
            together=float(e.article.id == best.article.id),
            likeness=likeness,
            farther=likeness - nearest,
            shared=_shared(words, set(content_words(e.text))),
        )
        for e, likeness in zip(evidence, likenesses, strict=True)
    ]


def _odds(probability: float) -> float:
    return clipped(log_odds(probability))


def _shared(one: set[str], other: set[str]) -> float:
    fewer = min(len(one), len(other))
    return len(one & other) / fewer if fewer else 0.0


def _neighbours(evidence: Sequence[Evidence]) -> dict[tuple[str, int], list[tuple[str, int]]]:
    """Return, for each sentence's place, the places of those right before and after it."""
    found: dict[tuple[str, int], list[tuple[str, int]]] = {e.place: [] for e in evidence}
    ordered = sorted(evidence, key=lambda e: e.place)
    for one, other in pairwise(ordered):
        if one.article.id == other.article.id:
            between = one.article.body[one.sentence.end : other.sentence.start]
            if not between.strip():
                found[one.place].append(other.place)
                found[other.place].append(one.place)
    return found
