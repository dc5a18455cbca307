"""Turns a follow-up question and its conversation into one query, without a model.

A question that stands alone is searched as it is. Another one is searched together with the last
before it that does, which names what they are about, and with the last since then that tells more:
"and in Greece?". "Tell me more" is no question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers import Turn
from retrieval.search.followups import is_follow_up, is_unsure
from retrieval.text.asides import aside
from retrieval.text.words import content_words, names, words

_MOST_TURNS = 2
_LONGEST_CONTEXT = 400
"""Code points of the conversation that are searched with: its end, so that an encoder of 256
word pieces always sees the question."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query: `text[focus:]` is the question, `text[:focus]` earlier questions.

    `cited` are the ids of the articles that those were answered from.
    """

    text: str
    focus: int = 0
    cited: frozenset[str] = frozenset()


def condense(question: str, history: Sequence[Turn]) -> Query:
    """Return the query for a question asked after some turns."""
    together = is_follow_up(question) and with_conversation(question, history)
    return together or Query(question.strip())


def with_conversation(question: str, history: Sequence[Turn]) -> Query | None:
    """Return the query for a question that goes on with what was asked; None if nothing was."""
    asked = [turn for turn in history if was_asked(turn)]
    if not asked:
        return None
    context = _said_before(asked, question)
    said = " ".join(turn.in_full.strip() for turn in context)
    before = said[-_LONGEST_CONTEXT:] + " "
    cited = frozenset(article for turn in context for article in turn.cited)
    return Query(before + question.strip(), len(before), cited)


def was_asked(turn: Turn) -> bool:
    """Return whether a turn asked something of the archive: "the second?" does, if in full."""
    return turn.in_full != turn.question or not aside(turn.question)


def _said_before(asked: Sequence[Turn], question: str) -> Sequence[Turn]:
    """Return the last turn whose question stands alone, and the last since then that tells more of
    what a question is about; the last turns if none stands alone.
    """
    at = next((n for n in reversed(range(len(asked))) if _stood_alone(asked[n])), None)
    if at is None:
        return asked[-_MOST_TURNS:]
    later = asked[at + 1 :]
    telling = [turn for turn in later if _tells_more(turn.question, asked[at].question, question)]
    return [asked[at], *telling[-1:]]


def _tells_more(said: str, alone: str, question: str) -> bool:
    """Return whether a follow-up tells more of what a question is about than the one it followed.

    "How many people were killed?" does, and another name ("and Pashinyan?") for a question that has
    none.
    """
    own = set(content_words(said))
    another_name = not names(question) and own <= names(said) and own.difference(words(alone))
    return bool(another_name) or is_unsure(said)


def _stood_alone(turn: Turn) -> bool:
    """Return whether a question was read by itself, or may be by its words or as it is in full."""
    in_full = turn.in_full != turn.question
    return in_full or bool(turn.alone) or not is_follow_up(turn.question)
