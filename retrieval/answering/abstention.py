"""Whether an archive answers a question at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from retrieval.answering.evidence import Evidence
from retrieval.logistic import Logistic, log_odds


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells whether a question has an answer among what was found.

    `sentence` is the log-odds that the best sentence answers, `answers` the reader's that the best
    passage does; `found` is the best score of the search before anything was read.
    """

    sentence: float
    answers: float
    found: float


def signs(evidence: Sequence[Evidence]) -> Signs:
    """Return the signs in some evidence, which is not empty."""
    return Signs(
        sentence=log_odds(evidence[0].probability),
        answers=max(e.features.answers for e in evidence),
        found=max(e.features.found for e in evidence),
    )


def chance_of_an_answer(evidence: Sequence[Evidence], model: Logistic) -> float:
    """Return the probability that the archive answers, 0 where there is no evidence at all."""
    return model.probability(asdict(signs(evidence))) if evidence else 0.0
