"""Searches several times for a question that one search does not answer; a model says for what.

The model calls a tool in a loop of LangChain's (`langchain.agents.create_agent`). It chooses only
what is searched for: what it writes is not read. The answer is written and checked as any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage

from retrieval.answering.packing import pack, show
from retrieval.answers import Question
from retrieval.archive.filters import Filters
from retrieval.errors import BadQuestion, BudgetSpent, ServiceError
from retrieval.models.chat_service import ChatService
from retrieval.models.messages import template
from retrieval.models.request_budget import RequestBudget
from retrieval.search import syntax
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult

if TYPE_CHECKING:
    from langchain.agents.middleware.types import AgentMiddleware, ModelRequest, ModelResponse

MOST_SEARCHES = 4
_FOUND = 6
"""Passages that one search of a model's gives."""

_SHOWN = 500
"""Tokens of passages that the model is shown of each search."""

_REPLY = 300
"""The most tokens of a model's reply: a few calls of the tool."""


class SearchAgent:
    """Searches several times, as a model that calls tools asks for.

    Args:
        searcher: finds and reads passages.
        service: the model.
    """

    def __init__(self, searcher: Searcher, service: ChatService) -> None:
        self._searcher = searcher
        self._service = service

    async def search(
        self, question: Question, first: SearchResult, request_budget: RequestBudget
    ) -> list[SearchResult]:
        """Return what further searches find, `MOST_SEARCHES` at most, in their order.

        `first` is what was found already. A model that fails, or cannot call tools, ends it: what
        was found until then is returned.
        """
        from langchain.agents import create_agent
        from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
        from langchain_core.tools import tool

        results: list[SearchResult] = []

        @tool
        async def search(query: str, since: str = "", until: str = "") -> str:
            """Search the archive and return the passages that answer best.

            Args:
                query: a short question, with names.
                since: leave out articles before this day, such as 2020-10-01.
                until: leave out articles after this day.
            """
            try:
                first = syntax.days("since ", since)[0] if since else None
                last = syntax.days("until ", until)[1] if until else None
            except BadQuestion as error:
                return str(error)
            scope = question.scope & Filters(since=first, until=last)
            result = await asyncio.to_thread(self._found, query, scope)
            results.append(result)
            return self._shown(result) or "Nothing was found."

        limits: list[AgentMiddleware[Any, Any, Any]] = [
            ToolCallLimitMiddleware(run_limit=MOST_SEARCHES),
            ModelCallLimitMiddleware(run_limit=MOST_SEARCHES + 1),
        ]
        rules, asked = template("agent").format_messages(
            most=MOST_SEARCHES, found=self._shown(first), question=first.query.text
        )
        agent = create_agent(
            self._service.model,
            [search],
            system_prompt=str(rules.text),
            middleware=[*limits, _paid(self._service, request_budget)],
        )
        with suppress(ServiceError, BudgetSpent):  # the writer meets it too, and says so
            await agent.ainvoke({"messages": [HumanMessage(str(asked.text))]})
        return results

    def _found(self, text: str, scope: Filters) -> SearchResult:
        return self._searcher.search(Query(text[:_LONGEST]), _FOUND, only=scope)

    def _shown(self, result: SearchResult) -> str:
        return "\n".join(map(show, pack(result.matches, _SHOWN, self._service.count)))


_LONGEST = 300
"""The most code points of a model's query that are searched for."""


def _paid(service: ChatService, request_budget: RequestBudget) -> AgentMiddleware:
    """Return what has the model's calls paid, bounded and guarded as all others are."""
    from langchain.agents.middleware.types import AgentMiddleware

    class Paid(AgentMiddleware):
        async def awrap_model_call(
            self,
            request: ModelRequest[Any],
            handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
        ) -> ModelResponse[Any]:
            replies: list[ModelResponse[Any]] = []

            async def ask(limit: int) -> Any:
                replies.append(
                    await handler(request.override(model_settings={"max_tokens": limit}))
                )
                return replies[-1].result[-1]

            await service.call(ask, request.messages, _REPLY, request_budget)
            return replies[-1]

    return Paid()
