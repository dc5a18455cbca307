"""Whether a question goes on with its conversation, told by reading it both ways.

"What did the owner get in the end?" may be of the ship just spoken of or of anything else: where a
question's words do not tell, it is read alone and with what was asked before, and a logistic
regression over its words and over how likely an answer is either way decides;
`training/continuing.py` fits it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.answering.question_reader import QuestionReader
from retrieval.answering.read import Read
from retrieval.answers import Question
from retrieval.logistic import Logistic, clipped, load_logistic, log_odds
from retrieval.search.condense import Query, with_conversation
from retrieval.search.followups import is_unsure, probability
from retrieval.stopwatch import Stopwatch

CONTINUING_MODEL = Path(__file__).parent / "continuing.json"


@dataclass(frozen=True, slots=True)
class BothWays:
    """What tells whether a question goes on, each in log-odds.

    `words` are those that it does by its words; `alone` and `together` those of an answer to the
    question by itself, and with what was asked before.
    """

    words: float
    alone: float
    together: float


def both_ways(
    question: str, alone: float, together: float, words: Logistic | None = None
) -> BothWays:
    """Return what tells it for a question, from the probabilities of an answer either way.

    `words` is the shipped model of words when None.
    """
    chances = probability(question, words), alone, together
    return BothWays(*(clipped(log_odds(chance)) for chance in chances))


class Continuing:
    """Reads a question whose words do not tell whether it goes on. Safe to call from several
    threads.

    Args:
        reader: reads it both ways.
    """

    def __init__(self, reader: QuestionReader) -> None:
        self._reader = reader
        self._model = load_logistic(CONTINUING_MODEL)

    def read(self, question: Question, watch: Stopwatch) -> Read | None:
        """Return a question read the way it is meant; None where its words tell which that is."""
        going_on = with_conversation(question.text, question.history)
        if not going_on or not is_unsure(question.text):
            return None
        alone = self._reader.read(question, Query(question.text.strip()), watch)
        together = self._reader.read(question, going_on, watch)
        told = both_ways(question.text, alone.chance, together.chance)
        return together if self._model.log_odds(asdict(told)) >= 0 else alone
