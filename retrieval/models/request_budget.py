"""Counts what one answer takes of the model: its time, tokens and dollars."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.answers import Usage
from retrieval.models.ledger import Use


@dataclass(slots=True)
class RequestBudget:
    """The time one answer may still take, and the tokens and dollars it has taken so far.

    `deadline` is in seconds of the event loop's clock. `cost_usd` is None if the model's price
    is unknown. `truncated` says whether the last reply reached its token limit.
    """

    deadline: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    truncated: bool = False

    def usage(self) -> Usage:
        """Return the tokens and dollars used so far."""
        return Usage(self.prompt_tokens, self.completion_tokens, self.cost_usd)

    def add(self, used: Use) -> None:
        """Add what a request used."""
        self.prompt_tokens += used.prompt_tokens
        self.completion_tokens += used.completion_tokens
        if used.cost_usd is None or self.cost_usd is None:
            self.cost_usd = None
        else:
            self.cost_usd = round(self.cost_usd + used.cost_usd, 9)
