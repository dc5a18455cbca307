"""How the tokens of a request are shared between the conversation, the passages and the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.answers import Turn

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """How many tokens a request may have in all, and for what.

    `answer` is kept free for the reply; the conversation gets a share of `history` of the rest
    at most, and the passages what is left.
    """

    window: int = 4096
    answer: int = 400
    history: float = 0.25

    def halved(self) -> TokenBudget:
        """Return half of this budget, for a model with a smaller context window."""
        return TokenBudget(self.window // 2, self.answer // 2, self.history)


def trim(history: Sequence[Turn], tokens: int, count: Count) -> tuple[Turn, ...]:
    """Return as many of the last turns as fit the token limit."""
    kept: list[Turn] = []
    for turn in reversed(history):
        tokens -= count(turn.question) + count(turn.answer) + 8
        if tokens < 0:
            break
        kept.insert(0, turn)
    return tuple(kept)
