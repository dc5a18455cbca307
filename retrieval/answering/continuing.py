"""Whether a question goes on with its conversation, told by reading it both ways.

"What did the owner get in the end?" may be of the ship just spoken of or of anything else: where a
question's words do not tell, it is read alone and with what was asked before, and a logistic
regression over its words and over how likely an answer is either way decides;
`training/continuing.py` fits it. "What about the Olympics?" goes on by its words: it is first read
with the conversation, and alone where that has no answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.answering.dating import undated
from retrieval.answering.question_reader import QuestionReader
from retrieval.answering.read import Read
from retrieval.answers import Question
from retrieval.archive.vocabulary import Vocabulary
from retrieval.logistic import Logistic, clipped, load_logistic, log_odds
from retrieval.search.condense import Query, with_conversation
from retrieval.search.followups import is_unsure, probability
from retrieval.stopwatch import Stopwatch
from retrieval.text.words import content_words, names, words

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
        vocabulary: tells what the archive writes with a capital.
    """

    def __init__(self, reader: QuestionReader, vocabulary: Vocabulary) -> None:
        self._reader = reader
        self._vocabulary = vocabulary
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

    def names_another(self, question: Question) -> bool:
        """Return whether a question names what the questions that it may go on with do not.

        A time is no subject.
        """
        going_on = with_conversation(question.text, question.history)
        if not going_on:
            return False
        text = undated(question.text, question.today)
        known = words(going_on.text[: going_on.focus])
        new = set(content_words(text)).difference(known)
        return any(word in names(text) or self._is_name(word) for word in new)

    def _is_name(self, word: str) -> bool:
        """Return whether the archive mostly writes a word with a capital."""
        forms = self._vocabulary.forms(word)
        return 2 * forms.get(word, 0) < sum(forms.values())
