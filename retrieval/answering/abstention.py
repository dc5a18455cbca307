"""Whether an archive answers a question at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.answering.evidence import Evidence
from retrieval.answering.rereading import reread
from retrieval.logistic import Logistic, load_logistic, log_odds
from retrieval.reading.reader import Reader
from retrieval.search.condense import Query
from retrieval.text.languages import is_foreign_script

FIRST_MODEL = Path(__file__).parent / "abstention_first.json"
SECOND_MODEL = Path(__file__).parent / "abstention.json"

SURE = 0.65
"""The chance of an answer from which nothing is read again: of 1,192 questions, each told by
weights that had not seen it, the second reading would have decided two otherwise."""

_UNSURE = -2.0
"""The reader's log-odds between those of questions that an archive answers and of others."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the first reading tells of whether what was found has an answer.

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


class Abstention:
    """Tells how likely it is that an archive answers. Safe to call from several threads.

    Args:
        reader: reads the best sentences again.
        first: makes a probability of the signs.
        second: makes one of the signs and what the second reading found.
    """

    def __init__(self, reader: Reader, first: Logistic, second: Logistic) -> None:
        self._reader = reader
        self._first = first
        self._second = second

    def chance_of_an_answer(self, query: Query, evidence: Sequence[Evidence]) -> float:
        """Return the probability that the archive answers, 0 where there is no evidence at all.

        Of another script the reader knows letters and not words, and finds them in any passage:
        then it counts for unsure, and what the search found decides.
        """
        if not evidence:
            return 0.0
        found = signs(evidence)
        if is_foreign_script(query.text[query.focus :]):
            sentence, answers = min(found.sentence, _UNSURE), min(found.answers, _UNSURE)
            return self._first.probability(asdict(Signs(sentence, answers, found.found)))
        chance = self._first.probability(asdict(found))
        if chance >= SURE:
            return chance
        again = reread(self._reader, query, evidence)
        return self._second.probability(asdict(found) | asdict(again))


def load_abstention(reader: Reader) -> Abstention:
    """Return the one that is shipped."""
    return Abstention(reader, load_logistic(FIRST_MODEL), load_logistic(SECOND_MODEL))
