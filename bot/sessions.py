"""What a conversation remembers. Pure."""

from __future__ import annotations

from retrieval.answers import Answer, Turn

LONGEST_HISTORY = 10
"""Turns; what was said before them does not bear on a question any more."""


def remember(history: tuple[Turn, ...], answer: Answer) -> tuple[Turn, ...]:
    """The conversation after one more answer, with its last turns.

    A question that was declined is remembered too: the next may build on it. A greeting, which
    nothing was searched for, is not.
    """
    if answer.refused and not answer.matches:
        return history
    cited = tuple(dict.fromkeys(citation.article_id for citation in answer.citations))
    turn = Turn(answer.question, answer.text, cited)
    return (*history, turn)[-LONGEST_HISTORY:]
