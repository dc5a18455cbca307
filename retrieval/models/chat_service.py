"""A chat model behind a network: retried, timed, paid for and remembered.

The model itself is LangChain's; what is added is one deadline for everything an answer asks of
it, errors in one line, a ledger, and a cache of replies.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableGenerator
from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.stop import stop_base
from tenacity.wait import wait_random_exponential

from prompts import line
from retrieval.answers import Usage
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.faults import TransientError, fault
from retrieval.models.ledger import Ledger
from retrieval.models.prices import Price
from retrieval.models.reply_cache import ReplyCache

Request = Callable[[], AsyncGenerator[AIMessage]]

_ATTEMPTS = 5
_JITTER = wait_random_exponential(multiplier=0.5, max=8)
_STALL = 1 / 3
"""The share of an answer's time that the service may be silent once it has begun to reply."""


@dataclass(slots=True)
class RequestBudget:
    """What one answer may take and has taken: time, by the event loop's clock, and tokens.

    `cut` tells whether the last reply ended for want of room and not because it was complete.
    """

    deadline: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    cut: bool = False

    def usage(self) -> Usage:
        """Return the tokens and dollars used so far."""
        return Usage(self.prompt_tokens, self.completion_tokens, self.cost_usd)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """How a model is used and what it may cost.

    `name` is what answers and the ledger call it, `server` tells its server from others,
    `seconds` is the time for everything an answer asks of it, `thinking` what it takes of a
    reply's tokens before it says a word, and `daily_usd` what it may cost in a day (UTC).
    """

    name: str
    server: str = ""
    seconds: float = 60.0
    thinking: int = 0
    price: Price | None = None
    daily_usd: float | None = None


class ChatService:
    """One chat model.

    Args:
        model: LangChain's client, which must not retry by itself.
        config: see `ModelConfig`.
        count: counts tokens, where the service does not say how many there were.
        ledger: where tokens and dollars are written down.
        replies: where replies are kept.
    """

    def __init__(
        self,
        model: BaseChatModel,
        config: ModelConfig,
        count: Callable[[str], int],
        *,
        ledger: Ledger,
        replies: ReplyCache,
    ) -> None:
        self.model = model
        self.count = count
        self._config = config
        self._ledger = ledger
        self._replies = replies
        self._streams = True

    @property
    def name(self) -> str:
        """What answers and the ledger call the model."""
        return self._config.name

    def request_budget(self) -> RequestBudget:
        """Return the budget of an answer that begins now."""
        return RequestBudget(asyncio.get_running_loop().time() + self._config.seconds)

    def replying(self, request_budget: RequestBudget, most: int) -> Runnable[PromptValue, str]:
        """Return the step of a chain that turns a prompt into the pieces of a reply; see
        `stream`."""

        async def reply(prompts: AsyncIterator[PromptValue]) -> AsyncIterator[str]:
            async for prompt in prompts:
                async with aclosing(
                    self.stream(prompt.to_messages(), request_budget, most)
                ) as pieces:
                    async for piece in pieces:
                        yield piece

        return RunnableGenerator(reply)

    async def stream(
        self,
        messages: Sequence[BaseMessage],
        request_budget: RequestBudget,
        most: int,
        schema: type[BaseModel] | None = None,
    ) -> AsyncGenerator[str]:
        """Yield the reply to some messages, of `most` tokens, in pieces; a kept one in one piece.

        With a `schema` the reply is one piece, JSON of its kind.

        Raises:
            BudgetSpent: before anything is asked.
            ServiceError: at the beginning, after passing faults were tried again, or later,
                when the reply breaks off; what has been given until then is part of it.
        """
        request = self._digest(messages, most, schema)
        request_budget.cut = False
        if (kept := self._replies.get(request)) is not None:
            yield kept
            return
        self._require_budget()
        reply = _Reply()
        try:
            async with aclosing(
                self._chunks(lambda: self._open(messages, most, schema), request_budget.deadline)
            ) as chunks:
                async for chunk in chunks:
                    if piece := reply.add(chunk):
                        yield piece
        finally:
            self._pay(messages, reply, request_budget)
        if reply.finish == "content_filter":
            raise ServiceError(
                "The model service declined to answer this: its content filter stopped it."
            )
        if not reply.finish:
            raise ServiceError("The model service broke off while it was answering: try again.")
        if not reply.text.strip():
            raise ServiceError("The model service gave an empty answer: try again.")
        request_budget.cut = reply.finish == "length"
        if not request_budget.cut:
            self._replies.put(request, reply.text)

    async def _chunks(self, request: Request, deadline: float) -> AsyncGenerator[AIMessage]:
        """Yield the chunks of a reply; transient faults before the first are retried."""
        chunks, chunk = await self._begin(request, deadline)
        async with aclosing(chunks):
            while chunk is not None:
                yield chunk
                chunk = await self._next(chunks, deadline, stall=_STALL * self._config.seconds)

    async def _begin(
        self, request: Request, deadline: float
    ) -> tuple[AsyncGenerator[AIMessage], AIMessage | None]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=_wait,
            stop=_StopBefore(deadline) | stop_after_attempt(_ATTEMPTS),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                chunks = request()
                try:
                    return chunks, await self._next(chunks, deadline)
                except BaseException:
                    await chunks.aclose()
                    raise
        raise AssertionError("retrying ends with a result or an error")

    async def _open(
        self, messages: Sequence[BaseMessage], most: int, schema: type[BaseModel] | None
    ) -> AsyncGenerator[AIMessage]:
        """Send one request and yield its chunks; a server that cannot stream is asked for all at
        once.
        """
        if schema is not None:
            yield await self._structured(messages, schema)
            return
        limit = most + self._config.thinking
        if self._streams:
            try:
                async for chunk in self.model.astream(list(messages), max_tokens=limit):
                    yield chunk
                return
            except Exception as error:
                if not _cannot_stream(error):
                    raise
        yield await self.model.ainvoke(list(messages), max_tokens=limit)
        self._streams = False

    async def _structured(
        self, messages: Sequence[BaseMessage], schema: type[BaseModel]
    ) -> AIMessage:
        asking = self.model.with_structured_output(schema, include_raw=True)
        reply = cast(dict[str, Any], await asking.ainvoke(list(messages)))
        raw, parsed = reply["raw"], reply["parsed"]
        return AIMessage(
            parsed.model_dump_json() if parsed else "",
            usage_metadata=raw.usage_metadata,
            response_metadata={"finish_reason": "stop"},
        )

    async def _next(
        self, chunks: AsyncGenerator[AIMessage], deadline: float, stall: float = float("inf")
    ) -> AIMessage | None:
        """Return the next chunk, or None at the end. Library exceptions become `ServiceError`.

        The service's own words may hold anything, the key included, so they are not kept as the
        cause or context of the error either.
        """
        now = asyncio.get_running_loop().time()
        try:
            # The timeout is over when the chunk is there: it never meets who reads the chunks.
            async with asyncio.timeout_at(min(deadline, now + stall)):
                return await anext(chunks, None)
        except Exception as error:
            found = fault(error)
        raise found

    def _require_budget(self) -> None:
        limit = self._config.daily_usd
        if limit is not None and self._ledger.spent_today() >= limit:
            raise BudgetSpent(line("budget_spent"))

    def _pay(
        self, messages: Sequence[BaseMessage], reply: _Reply, request_budget: RequestBudget
    ) -> None:
        """Write down what a reply took; it is estimated where the service did not say."""
        if not reply.begun:
            return
        sent, received = reply.tokens or (
            sum(self.count(str(message.text)) + 4 for message in messages),
            self.count(reply.text),
        )
        price = self._config.price
        cost = price.cost(sent, received) if price else None
        request_budget.prompt_tokens += sent
        request_budget.completion_tokens += received
        if cost is None or request_budget.cost_usd is None:
            request_budget.cost_usd = None
        else:
            request_budget.cost_usd = round(request_budget.cost_usd + cost, 9)
        self._ledger.add(self.name, sent, received, cost)

    def _digest(
        self, messages: Sequence[BaseMessage], most: int, schema: type[BaseModel] | None
    ) -> str:
        kind = schema.__name__ if schema else ""
        said = [[message.type, str(message.text)] for message in messages]
        return hashlib.sha256(
            json.dumps([self.name, self._config.server, most, kind, said]).encode()
        ).hexdigest()


@dataclass(slots=True)
class _Reply:
    """A reply as it comes in; `tokens` are those sent and received, if the service says so."""

    text: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None
    begun: bool = False

    def add(self, chunk: AIMessage) -> str:
        """Take in a chunk, and give back its text."""
        self.begun = True
        piece = str(chunk.text)
        self.text += piece
        for name, value in chunk.response_metadata.items():
            if name.endswith("_reason") and value:  # each provider has its own name for it
                self.finish = str(value)
        if usage := chunk.usage_metadata:
            self.tokens = (usage["input_tokens"], usage["output_tokens"])
        return piece


class _StopBefore(stop_base):
    """Stop retrying when the next attempt could only begin after the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        return asyncio.get_running_loop().time() + state.upcoming_sleep >= self._deadline


def _wait(state: RetryCallState) -> float:
    """Return the seconds to wait: as the service asks, else a random time that grows."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, TransientError) else None
    return _JITTER(state) if asked is None else asked


def _cannot_stream(error: Exception) -> bool:
    """Return whether a server answered a request for a stream with something else, or a refusal of
    it."""
    if isinstance(error, ValueError) and "No generation chunks" in str(error):
        return True
    status: Any = getattr(error, "status_code", None)
    return status in (400, 422, 501) and "stream" in str(error).lower()
