"""What is measured of two sentences as an answer together."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.answering.evidence import Evidence
from retrieval.checking.facts import find_facts
from retrieval.logistic import log_odds
from retrieval.text.words import content_words

_STEM = 5
"""Letters by which words of two sentences are the same."""

_SAYS = re.compile(
    r"\b(?:said|says?|claim|accus|den(?:y|ied)|blam|report|accord|call|descri|gave|put (?:it|the)"
    r"|sp[eo]ke|reject|insist|announc|told|estimat|promis|warn|believ)",
    re.I,
)
"""Verbs by which something is said to be somebody's word."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is measured of two sentences as an answer together, or of one that may do `alone`.

    `likelier` is the log-odds that the better of them answers, `both` their average if each
    answers another half of the question; `nearer` and `farther` are their likenesses to the
    question. `voices` is whether they are neighbours that both tell what somebody says, `values`
    whether each has a figure or a date that the other has not, `columns` whether such are
    neighbours with figures, `unit` whether they count in the same unit, and `shared` how many of
    their words they have in common.
    """

    likelier: float
    both: float
    nearer: float
    farther: float
    alone: float = 0.0
    voices: float = 0.0
    values: float = 0.0
    columns: float = 0.0
    unit: float = 0.0
    shared: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what is compared of it: `odds` are those that it answers each half."""

    evidence: Evidence
    odds: tuple[float, float]
    likeness: float
    says: bool
    values: frozenset[object]
    units: frozenset[str]
    counts: bool
    words: frozenset[str]


def candidate(evidence: Evidence, likeness: float, odds: tuple[float, float]) -> Candidate:
    """Return a sentence with what is compared of it."""
    facts = find_facts(evidence.text)
    numbers = [fact for fact in facts if fact.kind == "number"]
    return Candidate(
        evidence=evidence,
        odds=odds,
        likeness=likeness,
        says=bool(_SAYS.search(evidence.text)),
        values=frozenset((fact.value, fact.day) for fact in facts),
        units=frozenset(fact.unit for fact in numbers if fact.unit),
        counts=bool(numbers),
        words=frozenset(word[:_STEM] for word in content_words(evidence.text)),
    )


def alone(read: Candidate) -> Pairing:
    """Return what is measured of one sentence that may answer all by itself."""
    likelier = log_odds(read.evidence.probability)
    return Pairing(likelier, sum(read.odds) / 2, read.likeness, read.likeness, alone=1.0)


def together(a: Candidate, b: Candidate) -> Pairing:
    """Return what is measured of two sentences."""
    beside = _beside(a.evidence, b.evidence)
    differ = bool(a.values - b.values and b.values - a.values)
    fewer = min(len(a.words), len(b.words)) or 1
    return Pairing(
        likelier=log_odds(max(a.evidence.probability, b.evidence.probability)),
        both=max(a.odds[0] + b.odds[1], a.odds[1] + b.odds[0]) / 2,
        nearer=max(a.likeness, b.likeness),
        farther=min(a.likeness, b.likeness),
        voices=float(beside and a.says and b.says),
        values=float(differ),
        columns=float(beside and differ and a.counts and b.counts),
        unit=float(differ and bool(a.units & b.units)),
        shared=len(a.words & b.words) / fewer,
    )


def _beside(one: Evidence, other: Evidence) -> bool:
    """Return whether nothing stands between two sentences."""
    first, second = sorted((one, other), key=lambda e: e.sentence.start)
    between = first.article.body[first.sentence.end : second.sentence.start]
    return one.article.id == other.article.id and not between.strip()
