"""Whether an archive answers a question at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from retrieval.answering.evidence import Evidence
from retrieval.logistic import Logistic, log_odds
from retrieval.text.languages import is_foreign_script


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


_UNSURE = -2.0
"""The reader's log-odds between those of questions that an archive answers and of others."""


def chance_of_an_answer(evidence: Sequence[Evidence], question: str, model: Logistic) -> float:
    """Return the probability that the archive answers, 0 where there is no evidence at all.

    Of another script the reader knows letters and not words, and finds them in any passage: then
    it counts for unsure, and what the search found decides.
    """
    if not evidence:
        return 0.0
    found = signs(evidence)
    if is_foreign_script(question):
        sentence, answers = min(found.sentence, _UNSURE), min(found.answers, _UNSURE)
        found = replace(found, sentence=sentence, answers=answers)
    return model.probability(asdict(found))
