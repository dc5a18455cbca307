"""A second opinion on a sentence by the model itself, after the support gate let it through."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationError

from retrieval.answering.packing import Excerpt, show
from retrieval.answering.support.gate import Quote, Source
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.chat_service import ChatService, RequestBudget
from retrieval.models.messages import template

_MOST_TOKENS = 60


class Opinion(BaseModel):
    """Whether the passages say everything that a sentence says."""

    supported: bool = Field(description="True if the passages say everything in the sentence.")


async def supports(
    sentence: str, quotes: Sequence[Quote], service: ChatService, request_budget: RequestBudget
) -> bool:
    """Ask the model whether the quoted passages support a sentence, and return its verdict.

    Where it gives no opinion in time, the gate's stands.
    """
    passages = [
        Excerpt(Source(n, quote.match), quote.match.passage.text)
        for n, quote in enumerate(quotes, start=1)
    ]
    messages = template("verify").format_messages(
        passages="\n".join(map(show, passages)), sentence=sentence
    )
    try:
        pieces = [
            piece async for piece in service.stream(messages, request_budget, _MOST_TOKENS, Opinion)
        ]
        return Opinion.model_validate_json("".join(pieces)).supported
    except (ServiceError, BudgetSpent, ValidationError):
        return True
