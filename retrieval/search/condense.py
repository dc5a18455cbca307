"""Turns a follow-up question and its conversation into one query, without a model.

A question that stands alone is searched as it is. Another one is searched together with the last
before it that does, which names what they are about. "Tell me more" is no question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers import Turn
from retrieval.search.followups import is_follow_up
from retrieval.text.asides import aside

_MOST_TURNS = 2
_LONGEST_CONTEXT = 400
"""Code points of the conversation that are searched with: its end, so that an encoder of 256
word pieces always sees the question."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query: `text[focus:]` is the question, `text[:focus]` earlier questions.

    `cited` are the ids of the articles that the first of those was answered from.
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
    asked = [turn for turn in history if not aside(turn.question)]
    if not asked:
        return None
    context = _said_before(asked)
    before = " ".join(turn.question.strip() for turn in context)[-_LONGEST_CONTEXT:] + " "
    return Query(before + question.strip(), len(before), frozenset(context[0].cited))


def _said_before(asked: Sequence[Turn]) -> Sequence[Turn]:
    """Return the last turn whose question stands alone, or the last turns if none does."""
    alone = next((turn for turn in reversed(asked) if not is_follow_up(turn.question)), None)
    return [alone] if alone else asked[-_MOST_TURNS:]
