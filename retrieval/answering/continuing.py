"""Whether a question goes on with its conversation, told by reading it both ways.

"What did the owner get in the end?" may be of the ship just spoken of or of anything else: where a
question's words do not tell, it is read alone and with what was asked before, and a logistic
regression over its words and over how likely an answer is either way decides;
`training/continuing.py` fits it. "What about the Olympics?" goes on by its words: it is first read
with the conversation, and alone where that has no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from prompts import line
from retrieval.answering import ellipsis
from retrieval.answering.dating import undated
from retrieval.answering.evidence import naming
from retrieval.answering.name_questions import resolved, wish
from retrieval.answering.question_reader import QuestionReader
from retrieval.answering.read import Read
from retrieval.answers import Answer, Question, Turn
from retrieval.archive.vocabulary import Vocabulary
from retrieval.logistic import Logistic, clipped, load_logistic, log_odds
from retrieval.search.condense import Query, condense, was_asked, with_conversation
from retrieval.search.followups import is_unsure, probability
from retrieval.stopwatch import Stopwatch
from retrieval.text.words import content_words, names, words

CONTINUING_MODEL = Path(__file__).parent / "continuing.json"

_HE = frozenset(["he", "she"])


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

    def restored(self, question: Question) -> list[Question]:
        """Return what a question may ask that leaves out most of it, most likely first.

        "And in Barda?" is the last question, or what that goes on with, of this; after one that
        nothing answered it may be a new subject.
        """
        turns = _up_to_a_question(question.history)
        said = ellipsis.left_of(question.text)
        if not turns or not said:
            return self._pointed_out(question, turns) if turns else []
        context, last = _in_two(turns)
        if texts := self._of_another(said, last, question):
            found = [(context, text) for text in texts]
        elif ellipsis.has_a_sort(said, self._is_name) and (
            texts := self._of_another(said, context, question)
        ):
            found = [(text, last) for text in texts]
        else:
            found = [(context, text) for text in ellipsis.with_added(said, last)]
        asked = [replace(question, text=text, history=_told(before)) for before, text in found]
        new = _refused(question.history) and ellipsis.has_a_name(said, self._is_name)
        return [*asked, replace(question, history=())] if new else asked

    def _pointed_out(self, question: Question, turns: Sequence[Turn]) -> list[Question]:
        """Return a question with what it points at: "he" of "Who is Aliyev?", or "the third" of
        what was asked of the first.
        """
        context, last = _in_two(turns)
        if number := ellipsis.number_left_of(question.text):
            texts = self._of_another(number, f"{context} {last}".strip(), question)
            return [replace(question, history=_told(text)) for text in texts]
        of_person = turns == question.history and wish(last) and _HE & {*words(question.text)}
        whole = resolved(question.text, last) if of_person else question.text
        return [replace(question, text=whole, history=())] if whole != question.text else []

    def _of_another(self, said: str, asked: str, question: Question) -> list[str]:
        return ellipsis.restored(said, asked, self._is_name, question.today)

    @staticmethod
    def is_of_the_named(question: Question, answer: Answer) -> bool:
        """Return whether an answer is from an article that has what a question names."""
        cited = {citation.article_id for citation in answer.citations}
        articles = [match.article for match in answer.matches if match.article.id in cited]
        return bool(naming(articles, question.text))

    def names_another(self, question: Question) -> bool:
        """Return whether a question names what the questions that it may go on with do not.

        A time is no subject. After what nothing answered, any other subject is another.
        """
        going_on = with_conversation(question.text, question.history)
        if not going_on:
            return False
        text = undated(question.text, question.today)
        known = words(going_on.text[: going_on.focus])
        new = set(content_words(text)).difference(known)
        if _refused(question.history):
            return bool(new)
        return any(word in names(text) or self._is_name(word) for word in new)

    def _is_name(self, word: str) -> bool:
        """Return whether the archive mostly writes a word with a capital."""
        forms = self._vocabulary.forms(word)
        return 2 * forms.get(word, 0) < sum(forms.values())


def _up_to_a_question(history: Sequence[Turn]) -> Sequence[Turn]:
    """Return the turns up to the last one that asks something."""
    while history and not (was_asked(history[-1]) and ellipsis.asks(history[-1].in_full)):
        history = history[:-1]
    return history


def _in_two(turns: Sequence[Turn]) -> tuple[str, str]:
    """Return what the last question of some turns goes on with, and the question."""
    last = turns[-1]
    if last.in_full != last.question:
        return ellipsis.in_two(last.in_full)
    query = condense(last.question, () if last.alone else turns[:-1])
    return query.text[: query.focus].strip(), query.text[query.focus :]


def _refused(history: Sequence[Turn]) -> bool:
    """Return whether nothing answered the last question."""
    return bool(history) and history[-1].answer == line("not_answered")


def _told(context: str) -> tuple[Turn, ...]:
    """Return what was asked before as a conversation."""
    return (Turn(context, "", standalone=context),) if context else ()
