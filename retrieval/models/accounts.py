"""Accounts: whoever asks may have a budget of their own within that of all."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """Who pays for one question, and the US dollars that they have for a day (UTC).

    `begun` is whether the model was asked for it: such a question is finished as well as can be
    when the budget is spent, and no other is begun.
    """

    name: str
    daily_usd: float
    begun: bool = False


paying: ContextVar[Account | None] = ContextVar("paying", default=None)
"""The account that pays for what is asked now, in this task and those it starts; None for none."""
