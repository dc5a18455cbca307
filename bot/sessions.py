"""The conversation that goes on, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.conversations import Conversations, ConversationsUnusable, Kept
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
    turn = Turn(answer.question, answer.text, cited, answer.citations, answer.standalone_question)
    return (*history, turn)[-LONGEST_HISTORY:]


class Conversation:
    """A conversation that goes on: what was said in it, each answer kept as it is given.

    Args:
        store: where it is kept; None keeps it in memory alone.
        kept: what was said in it before.
    """

    def __init__(self, store: Conversations | None, kept: Sequence[Kept] = ()) -> None:
        self._store = store
        self.kept = list(kept)

    def add(self, answer: dict[str, Any]) -> None:
        """Add an answer's JSON object. Small talk such as a greeting is left out, as in a history.

        Raises:
            ConversationsUnusable: it cannot be kept, and neither will the next; says so once.
        """
        if answer["refused"] and not answer["retrieved"]:
            return
        before, kept = self.kept[-1].conversation if self.kept else None, None
        try:
            kept = self._store and self._store.keep(answer, before)
        except ConversationsUnusable as error:
            self._store = None
            raise ConversationsUnusable(f"Nothing that is said is kept: {error}") from error
        finally:
            now, number = datetime.now().astimezone(), len(self.kept) + 1
            self.kept.append(kept or Kept(before or 0, number, now, answer))
