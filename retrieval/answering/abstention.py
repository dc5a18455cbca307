"""Whether an archive answers a question at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from retrieval.answering.evidence import Evidence
from retrieval.answering.rereading import Rereading, reread
from retrieval.logistic import Logistic, log_odds
from retrieval.reading.reader import Reader
from retrieval.search.condense import Query
from retrieval.text.languages import is_foreign_script


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells whether a question has an answer among what was found.

    `sentence` is the log-odds that the best sentence answers, `answers` the reader's that the best
    passage does; `found` is the best score of the search before anything was read. The others are
    those of `Rereading`.
    """

    sentence: float
    answers: float
    found: float
    alone: float
    risen: float


def signs(evidence: Sequence[Evidence], again: Rereading) -> Signs:
    """Return the signs in some evidence, which is not empty and was read again."""
    return Signs(
        sentence=log_odds(evidence[0].probability),
        answers=max(e.features.answers for e in evidence),
        found=max(e.features.found for e in evidence),
        alone=again.alone,
        risen=again.risen,
    )


_UNSURE = -2.0
"""The reader's log-odds between those of questions that an archive answers and of others."""


class Abstention:
    """Tells how likely it is that an archive answers. Safe to call from several threads.

    Args:
        reader: reads the best sentences again.
        model: makes a probability of the signs.
    """

    def __init__(self, reader: Reader, model: Logistic) -> None:
        self._reader = reader
        self._model = model

    def chance_of_an_answer(self, query: Query, evidence: Sequence[Evidence]) -> float:
        """Return the probability that the archive answers, 0 where there is no evidence at all.

        Of another script the reader knows letters and not words, and finds them in any passage:
        then it counts for unsure, and what the search found decides.
        """
        if not evidence:
            return 0.0
        if is_foreign_script(query.text[query.focus :]):
            found = signs(evidence, Rereading(_UNSURE, 0.0))
            sentence, answers = min(found.sentence, _UNSURE), min(found.answers, _UNSURE)
            found = replace(found, sentence=sentence, answers=answers)
        else:
            found = signs(evidence, reread(self._reader, query, evidence))
        return self._model.probability(asdict(found))
