"""Rewrites a follow-up question into one that stands alone, with one short request to the model."""

from __future__ import annotations

from langchain_core.output_parsers import StrOutputParser

from retrieval.answers import Question
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.chat_service import ChatService
from retrieval.models.messages import conversation, template
from retrieval.models.request_budget import RequestBudget
from retrieval.models.token_budget import TokenBudget, trim
from retrieval.search.condense import Query, condense
from retrieval.search.followups import is_follow_up
from retrieval.text.words import content_words, names

_LONGEST = 300
"""Code points of a rewritten question. A longer reply is not a question."""

_MOST_TOKENS = 80

_BEGINNING = 5
"""Letters by which a word of the question is known again in another form."""

_QUOTES = "\"'“”‘’` "


async def rewrite(
    question: Question, service: ChatService, request_budget: RequestBudget, budget: TokenBudget
) -> Query:
    """Return the query for a question. The model is asked only if it does not stand alone.

    Where the model fails, or what it writes is no such question, the model-free way is used.
    """
    plain = condense(question.text, question.history)
    if not question.history or not is_follow_up(question.text):
        return plain
    room = int(budget.history * budget.window)
    chain = (
        template("rewrite") | service.as_runnable(request_budget, _MOST_TOKENS) | StrOutputParser()
    )
    try:
        reply = await chain.ainvoke(
            {
                "question": question.text,
                "history": conversation(trim(question.history, room, service.count)),
            }
        )
    except (ServiceError, BudgetSpent):
        return plain
    written = _checked(reply, question.text)
    return Query(written, cited=plain.cited) if written else plain


def _checked(reply: str, question: str) -> str:
    """Return the model's text if it can be the question, else "".

    It is one line, and keeps every name and at least half of the other words: a model may obey
    what stands in the conversation, and ask something else.
    """
    lines = [line.strip(_QUOTES) for line in reply.strip().splitlines()]
    written = " ".join(lines[0].split()) if len(lines) == 1 else ""
    named = names(question) <= names(f"x {written}")
    asked, there = _beginnings(question), _beginnings(written)
    kept = named and 2 * len(asked & there) >= len(asked)
    return written if 0 < len(written) <= _LONGEST and kept else ""


def _beginnings(text: str) -> set[str]:
    """Return the content words of a text by their first letters: endings may differ."""
    return {word[:_BEGINNING] for word in content_words(text)}
