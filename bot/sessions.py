"""The history of a conversation."""

from __future__ import annotations

from retrieval.answers import Answer, Turn

LONGEST_HISTORY = 10
"""The most turns kept; a question seldom refers to anything older."""


def remember(history: tuple[Turn, ...], answer: Answer) -> tuple[Turn, ...]:
    """Add an answer to a history and return the last turns.

    A declined question is added too, because the next one may refer to it. Small talk such as a
    greeting, for which nothing was searched, is not added.
    """
    if answer.refused and not answer.matches:
        return history
    cited = tuple(dict.fromkeys(citation.article_id for citation in answer.citations))
    turn = Turn(answer.question, answer.text, cited, answer.citations)
    return (*history, turn)[-LONGEST_HISTORY:]
