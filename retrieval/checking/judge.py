"""Has a model judge the doubtful sentences of an answer, in one request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from retrieval.checking.verdicts import Outcome, Verdict
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.chat_service import ChatService
from retrieval.models.messages import template
from retrieval.models.request_budget import RequestBudget
from retrieval.text.citation_markers import MARKER

_TOKENS = 80
"""Tokens of a reply for each sentence, and once for what is around them."""


class Ruling(BaseModel):
    """What the judge says of one sentence; the problem comes first, so that it is looked for."""

    number: int = Field(description="The sentence's number.")
    problem: str | None = Field(description="The words that are not borne out; empty if all are.")
    verdict: Literal["supported", "contradicted", "not stated"]


class Rulings(BaseModel):
    """What the judge says of all sentences, in their order."""

    rulings: list[Ruling]


def ruled(verdict: Verdict, ruling: Ruling) -> Verdict:
    """Return a doubtful verdict after the ruling on it."""
    if ruling.verdict == "supported":
        return replace(verdict, outcome=Outcome.SUPPORTED)
    problem = " ".join((ruling.problem or "").split())
    return replace(verdict, outcome=Outcome.REMOVED, reason=ruling.verdict, detail=problem)


async def rulings(
    doubtful: Sequence[Verdict], service: ChatService, request_budget: RequestBudget
) -> list[Ruling | None]:
    """Ask a model once about some doubtful sentences and return its ruling on each.

    None stands for one that it did not rule on, in time and within the budget.
    """
    try:
        return await judged(doubtful, service, request_budget) if doubtful else []
    except (ServiceError, BudgetSpent):
        return [None] * len(doubtful)


async def judged(
    doubtful: Sequence[Verdict], service: ChatService, request_budget: RequestBudget
) -> list[Ruling | None]:
    """Return what `rulings` does, but tell a model that fails from one that rules on nothing.

    Raises:
        ServiceError, BudgetSpent: the model cannot be asked.
    """
    shown = "\n\n".join(_shown(n, verdict) for n, verdict in enumerate(doubtful, start=1))
    messages = template("verify").format_messages(sentences=shown)
    tokens = _TOKENS * (len(doubtful) + 1)
    try:
        reply = service.stream(messages, request_budget, tokens, Rulings)
        found = Rulings.model_validate_json("".join([piece async for piece in reply])).rulings
    except ValidationError:
        found = []
    by_number = {ruling.number: ruling for ruling in found}
    if len(by_number) < len(found):  # two rulings on one sentence are none
        by_number = {}
    return [by_number.get(number) for number in range(1, len(doubtful) + 1)]


def _shown(number: int, verdict: Verdict) -> str:
    follows = f"\n({_plain(verdict.detail)})" if verdict.detail else ""
    return (
        f"<excerpts of={number}>\n{_plain(verdict.evidence)}{follows}\n</excerpts>\n"
        f"<sentence number={number}>{_plain(verdict.claim)}</sentence>"
    )


def _plain(text: str) -> str:
    """Return a text that cannot close the tags around it, nor cite."""
    return MARKER.sub(r"(\1)", re.sub("<", "‹", text))
