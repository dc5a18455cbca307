"""Keeps Telegram's rate limits, and makes a chat wait after its 429.

The library's own limiter stops every chat for one chat's 429, has no limit for a private chat,
and counts typing actions and previews as messages. The rates are those of Telegram's Bots FAQ,
"My bot is hitting limits, how do I avoid this?".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.constants import FloodLimit
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.telegram.transport.faults import seconds

PREVIEW = 0
"""As `rate_limit_args`: drop the request after a 429 instead of repeating it."""

_RETRIES = 20
_COUNTED = frozenset({"sendMessage", "editMessageText"})
_MOST_LIMITERS = 1000
_BURST = 5

Request = Callable[..., Coroutine[Any, Any, Any]]


class ChatLimits(BaseRateLimiter[int]):
    """Limits messages and edits; other requests go out at once.

    All chats together may send 30 a second, a group 20 a minute, and a private chat one a second
    after a burst of 5.

    Args:
        second: the length of a second in these rates; a test makes it shorter.

    Attributes:
        on_pause: is told a chat after its 429, and the seconds to wait.
        may_send: raises if no new message may be sent now, whatever was allowed before.
        reserve: takes a message's place among those that all processes send to a chat. Is told the
            chat and the seconds that one takes; returns those that all take that are not over.
    """

    def __init__(self, second: float = 1.0) -> None:
        self._second = second
        self._processes = 1
        self._all = AsyncLimiter(float(FloodLimit.MESSAGES_PER_SECOND), second)
        self._chats: dict[Any, AsyncLimiter] = {}
        self._paused_until: dict[Any, float] = {}
        self.on_pause: Callable[[Any, float], None] | None = None
        self.may_send: Callable[[], None] | None = None
        self.reserve: Callable[[int, float], Awaitable[float]] | None = None

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def process_request(
        self,
        callback: Request,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Make a request as soon as the limits allow. After a 429, wait and repeat it.

        `rate_limit_args` is the most repetitions. See "ResponseParameters" in the Bot API for
        the time to wait.

        Raises:
            RetryAfter: the last repetition got a 429 too.
        """
        if endpoint not in _COUNTED:
            return await callback(*args, **kwargs)
        chat = data.get("chat_id")
        retries = _RETRIES if rate_limit_args is None else rate_limit_args
        for attempt in range(retries + 1):
            await self._until_unpaused(chat)
            async with AsyncExitStack() as turn:
                if chat is not None:
                    await turn.enter_async_context(self._limiter(chat))
                await turn.enter_async_context(self._all)
            await self._until_its_turn(chat)
            if self.may_send and endpoint == "sendMessage":
                self.may_send()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as refusal:
                self.pause(chat, seconds(refusal))
                if self.on_pause:
                    self.on_pause(chat, seconds(refusal))
                if attempt == retries:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def pause(self, chat: Any, wait: float) -> None:
        """Send nothing to a chat for some seconds."""
        until = time.monotonic() + wait
        self._paused_until[chat] = max(until, self._paused_until.get(chat, 0.0))

    def share(self, processes: int) -> None:
        """Take an equal share of the rate of all chats together."""
        processes = max(1, processes)
        if processes != self._processes:
            self._processes = processes
            self._all = AsyncLimiter(
                max(1.0, FloodLimit.MESSAGES_PER_SECOND / processes), self._second
            )

    def may_preview(self, chat: int) -> bool:
        """Return whether a chat's limit leaves room for a preview beside the answer."""
        return time.monotonic() >= self._paused_until.get(chat, 0.0) and self._limiter(
            chat
        ).has_capacity(2)

    async def _until_unpaused(self, chat: Any) -> None:
        while (wait := self._paused_until.get(chat, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        self._paused_until.pop(chat, None)

    async def _until_its_turn(self, chat: Any) -> None:
        """Wait for what other processes have sent to a chat."""
        if self.reserve and isinstance(chat, int):
            messages, seconds = _rate(chat)
            each = seconds * self._second / messages
            taken = await self.reserve(chat, each)
            await asyncio.sleep(max(0.0, taken - messages * each))

    def _limiter(self, chat: Any) -> AsyncLimiter:
        if len(self._chats) > _MOST_LIMITERS:
            idle = [key for key, limiter in self._chats.items() if limiter.has_capacity(_BURST)]
            for key in idle:
                del self._chats[key]
        if chat not in self._chats:
            messages, seconds = _rate(chat)
            self._chats[chat] = AsyncLimiter(messages, seconds * self._second)
        return self._chats[chat]


def _rate(chat: Any) -> tuple[int, float]:
    """Return how many messages a chat takes at once, and in how many seconds it takes as many."""
    group = isinstance(chat, int) and chat < 0
    return (FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP, 60.0) if group else (_BURST, float(_BURST))
