"""How a request's tokens are divided among the conversation, the passages and the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.answers import Turn

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """The tokens of a request: `window` in all, of which `answer` are reserved for the reply.

    Of the rest, or of `context` tokens where that is less, the conversation takes at most the share
    `history` (0.25: a quarter), and the passages take what is left. Without a `context` it is
    what the model's server reads in time: see `retrieval.models.pace`.
    """

    window: int = 4096
    answer: int = 400
    history: float = 0.25
    context: int | None = None

    def halved(self) -> TokenBudget:
        """Return half of this budget, for a model with a smaller context window."""
        context = self.context and self.context // 2
        return TokenBudget(self.window // 2, self.answer // 2, self.history, context)


def trim(history: Sequence[Turn], tokens: int, count: Count) -> tuple[Turn, ...]:
    """Return as many of the last turns as fit the token limit."""
    kept: list[Turn] = []
    for turn in reversed(history):
        tokens -= count(turn.question) + count(turn.answer) + 8
        if tokens < 0:
            break
        kept.insert(0, turn)
    return tuple(kept)
