"""Calls a chat model over a network, with retries, a deadline, a ledger and a cache.

The client is LangChain's. Added are one deadline for all requests of an answer, errors of one
line each, a ledger of tokens and dollars, and a cache of replies.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableGenerator
from pydantic import BaseModel

from retrieval.answers import Usage
from retrieval.errors import AccountSpent, BudgetSpent, ContextTooLong, ServiceError
from retrieval.models.accounts import paying
from retrieval.models.breaker import Breaker
from retrieval.models.faults import as_service_error, is_under_way
from retrieval.models.ledger import Ledger, Use
from retrieval.models.pace import Pace, Reading
from retrieval.models.prices import Price
from retrieval.models.reply import Reply
from retrieval.models.reply_cache import ReplyCache
from retrieval.models.request_budget import RequestBudget
from retrieval.models.retries import retrying
from retrieval.observing import Observer, Observers

Request = Callable[[], AsyncGenerator[AIMessage]]

_NOTHING = "The model service gave an empty answer: try again."
_NO_ROOM = (
    "The model used all its tokens before the first word of its answer: set "
    "NEWSDESK_REASONING_TOKENS higher, or choose another model."
)
_DECLINED = {
    "content_filter": "The model service declined to answer this: its content filter stopped it.",
    "refusal": "The model declined to answer this.",
}

_STALL = 1 / 3
"""Share of an answer's time that the service may be silent between two chunks of a reply."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """How a model is used and what it may cost.

    `name` is the name shown in answers and the ledger. `server` tells its server from others, so
    that two servers' replies are cached apart. `seconds` is the time for all requests of one
    answer. `reasoning_tokens` are those it may spend on reasoning before each reply; a model that
    `reasons` gets them from the start, another one once it is seen to; `effort` is how hard it is
    to reason. `daily_usd` is the budget for a day (UTC).
    """

    name: str
    server: str = ""
    seconds: float = 60.0
    reasoning_tokens: int = 0
    reasons: bool = False
    effort: str = ""
    price: Price | None = None
    daily_usd: float | None = None


class ChatService:
    """Streams replies of one chat model.

        budget = service.request_budget()
        async for piece in service.stream([HumanMessage("Hello")], budget, 100):
            print(piece, end="")
        print(budget.usage())

    Args:
        model: LangChain's client, which must not retry by itself.
        config: see `ModelConfig`.
        count: counts tokens, used if the service does not report them.
        ledger: records tokens and dollars.
        replies: the cache of replies.
        breaker: leaves a service alone that keeps failing.
        observer: is told what each request took.
    """

    def __init__(
        self,
        model: BaseChatModel,
        config: ModelConfig,
        count: Callable[[str], int],
        *,
        ledger: Ledger,
        replies: ReplyCache,
        breaker: Breaker,
        observer: Observer | None = None,
    ) -> None:
        self.model = model
        self.count = count
        self._config = config
        self._ledger = ledger
        self._replies = replies
        self._breaker = breaker
        self._observer = observer or Observers()
        self._streams = True
        self._reasons = config.reasons
        self._pace_key = self._digest((), 0, None)  # of a request that is never made
        self.pace = Pace(float(replies.get(self._pace_key) or "inf"))

    @property
    def name(self) -> str:
        """Return the model's name, as answers and the ledger show it."""
        return self._config.name

    def request_budget(self) -> RequestBudget:
        """Return the budget of an answer that begins now."""
        return RequestBudget(asyncio.get_running_loop().time() + self._config.seconds)

    def as_runnable(
        self, request_budget: RequestBudget, max_tokens: int
    ) -> Runnable[PromptValue, str]:
        """Return the step of a chain that turns a prompt into the pieces of a reply; see
        `stream`."""

        async def reply(prompts: AsyncIterator[PromptValue]) -> AsyncIterator[str]:
            async for prompt in prompts:
                async with aclosing(
                    self.stream(prompt.to_messages(), request_budget, max_tokens)
                ) as pieces:
                    async for piece in pieces:
                        yield piece

        return RunnableGenerator(reply)

    async def stream(
        self,
        messages: Sequence[BaseMessage],
        request_budget: RequestBudget,
        max_tokens: int,
        schema: type[BaseModel] | None = None,
    ) -> AsyncGenerator[str]:
        """Yield a reply of at most `max_tokens` tokens in pieces. A cached reply is one piece.

        With a `schema` the reply is one piece: JSON that the schema validates.

        Raises:
            BudgetSpent: the day's budget is spent. No request was sent.
            ServiceError: the service failed, also when retried, or the reply broke off. The pieces
                yielded until then are its beginning.
        """
        request = self._digest(messages, max_tokens, schema)
        request_budget.truncated = False
        if (kept := self._replies.get(request)) is not None:
            yield kept
            return
        roomy = self._reasons
        while True:
            reply, limit = Reply(), max_tokens + self._config.reasoning_tokens * roomy
            async with aclosing(
                self._ask(reply, messages, limit, schema, request_budget)
            ) as pieces:
                async for piece in pieces:
                    yield piece
            said = bool(reply.text.strip())
            self._reasons = self._reasons or reply.reasoned or (said and roomy)
            if said or not reply.cut or roomy:
                break
            roomy = True  # all its tokens went before the first word: once more, with room
        if not reply.text.strip():
            raise ServiceError(_NO_ROOM if reply.cut else _NOTHING)
        request_budget.truncated = reply.cut
        if not request_budget.truncated:
            self._replies.put(request, reply.text)

    async def call(
        self,
        ask: Callable[[int], Awaitable[AIMessage]],
        messages: Sequence[BaseMessage],
        max_tokens: int,
        request_budget: RequestBudget,
    ) -> None:
        """Have an agent's call of the model paid for and bounded.

        `ask` makes the call, and is given the most tokens of its reply, with those for reasoning.

        Raises:
            BudgetSpent: the day's budget is spent. The call was not made.
            ServiceError: the service failed.
        """
        reply, limit = Reply(sent=True), max_tokens + self._config.reasoning_tokens * self._reasons
        sent = sum(self.count(str(message.text)) + 4 for message in messages)
        try:
            with self._breaker.guard(), self._paid(sent, limit, reply, request_budget):
                async with asyncio.timeout_at(request_budget.deadline):
                    reply.add(await ask(limit))
            return
        except (AccountSpent, BudgetSpent, ServiceError):
            raise
        except Exception as error:
            found = as_service_error(error)
        raise found  # without the service's own words, which may hold anything

    async def _ask(
        self,
        reply: Reply,
        messages: Sequence[BaseMessage],
        limit: int,
        schema: type[BaseModel] | None,
        request_budget: RequestBudget,
    ) -> AsyncGenerator[str]:
        """Send a request, fill its reply as it comes, and yield what can be shown of it."""
        clock = asyncio.get_running_loop().time
        if clock() >= request_budget.deadline:
            raise as_service_error(TimeoutError())
        sent = sum(self.count(str(message.text)) + 4 for message in messages)
        reading = Reading()
        try:
            with self._breaker.guard(), self._paid(sent, limit, reply, request_budget):
                async with aclosing(
                    self._chunks(
                        lambda: self._open(messages, limit, schema), reply, request_budget.deadline
                    )
                ) as chunks:
                    async for chunk in chunks:
                        reading.see(chunk, clock() - reply.asked)
                        if piece := reply.add(chunk):
                            yield piece
        except ContextTooLong:
            self.pace.too_long(sent)
            raise
        finally:
            if reply.asked and (read := reading.of(sent, clock() - reply.asked)):
                self.pace.note(*read)
                self._replies.put(self._pace_key, str(self.pace.tokens_per_second))
        if reply.finish in _DECLINED:
            raise ServiceError(_DECLINED[reply.finish])
        if piece := reply.end():
            yield piece

    async def _chunks(
        self, request: Request, reply: Reply, deadline: float
    ) -> AsyncGenerator[AIMessage]:
        """Yield the chunks of a reply; transient faults before the first are retried."""
        chunks, chunk = await self._begin(request, reply, deadline)
        async with aclosing(chunks):
            while chunk is not None:
                yield chunk
                chunk = await self._next(chunks, deadline, stall=_STALL * self._config.seconds)

    async def _begin(
        self, request: Request, reply: Reply, deadline: float
    ) -> tuple[AsyncGenerator[AIMessage], AIMessage | None]:
        async for attempt in retrying(deadline):
            with attempt:
                chunks = request()
                reply.sent, reply.asked = True, asyncio.get_running_loop().time()
                try:
                    return chunks, await self._next(chunks, deadline)
                except BaseException as error:
                    # A service that fails asks no money for it; one that is left alone may.
                    reply.sent = not isinstance(error, ServiceError) or is_under_way(error)
                    await chunks.aclose()
                    raise
        raise AssertionError("retrying ends with a result or an error")

    async def _open(
        self, messages: Sequence[BaseMessage], limit: int, schema: type[BaseModel] | None
    ) -> AsyncGenerator[AIMessage]:
        """Send one request and yield its chunks; a server that cannot stream is asked for all at
        once.
        """
        if schema is not None:
            yield await self._structured(messages, limit, schema)
            return
        if self._streams:
            try:
                stream = self.model.astream(list(messages), max_tokens=limit)
                async with aclosing(cast(AsyncGenerator[AIMessage, None], stream)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return
            except Exception as error:
                if not _cannot_stream(error):
                    raise
        yield await self.model.ainvoke(list(messages), max_tokens=limit)
        self._streams = False

    async def _structured(
        self, messages: Sequence[BaseMessage], limit: int, schema: type[BaseModel]
    ) -> AIMessage:
        model = self.model.model_copy(update={"max_tokens": limit})
        # The schema as a plain value: LangChain would refuse a reply that begins with thoughts.
        asking = model.with_structured_output(schema.model_json_schema(), include_raw=True)
        reply = cast(dict[str, Any], await asking.ainvoke(list(messages)))
        raw, parsed = reply["raw"], reply["parsed"]
        return AIMessage(
            json.dumps(parsed) if parsed else str(raw.text),
            usage_metadata=raw.usage_metadata,
            response_metadata={"finish_reason": "stop"} | raw.response_metadata,
        )

    async def _next(
        self, chunks: AsyncGenerator[AIMessage], deadline: float, stall: float = float("inf")
    ) -> AIMessage | None:
        """Return the next chunk, or None at the end. Library exceptions become `ServiceError`.

        The service's own message may contain anything, the API key included. So it is not kept
        as the new error's cause or context either.
        """
        now = asyncio.get_running_loop().time()
        try:
            # The timeout ends with the chunk: it does not count the time that its reader takes.
            async with asyncio.timeout_at(min(deadline, now + stall)):
                return await anext(chunks, None)
        except Exception as error:
            found = as_service_error(error)
        raise found

    @contextmanager
    def _paid(
        self,
        sent: int,
        limit: int,
        reply: Reply,
        request_budget: RequestBudget,
    ) -> Iterator[None]:
        """Write down the most that a request may cost, and put it right when it is over.

        What the service does not report is estimated.

        Raises:
            BudgetSpent: the day's budget has no room for it.
            AccountSpent: that of whoever asks has none.
        """
        most = self._use(sent, limit)
        reserved = self._ledger.reserve(self.name, most, self._config.daily_usd, paying.get())
        try:
            yield
        finally:
            used = None
            if reply.sent:
                used = self._use(*(reply.tokens or (sent, self.count(reply.raw))))
                request_budget.add(used)
                self._observer.spent(
                    Usage(used.prompt_tokens, used.completion_tokens, used.cost_usd)
                )
            self._ledger.settle(reserved, used)

    def _use(self, prompt_tokens: int, completion_tokens: int) -> Use:
        price = self._config.price
        cost = price.cost(prompt_tokens, completion_tokens) if price else None
        return Use(prompt_tokens, completion_tokens, cost)

    def _digest(
        self, messages: Sequence[BaseMessage], max_tokens: int, schema: type[BaseModel] | None
    ) -> str:
        config, kind = self._config, schema.__name__ if schema else ""
        said = [[message.type, str(message.text)] for message in messages]
        return hashlib.sha256(
            json.dumps([self.name, config.server, config.effort, max_tokens, kind, said]).encode()
        ).hexdigest()


def _cannot_stream(error: Exception) -> bool:
    """Return whether a server answered a request for a stream with something else, or a refusal of
    it."""
    if isinstance(error, ValueError) and "No generation chunks" in str(error):
        return True
    status: Any = getattr(error, "status_code", None)
    return status in (400, 422, 501) and "stream" in str(error).lower()
