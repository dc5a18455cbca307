"""Notes whether the Bot API answers, from the requests that are made anyway."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from telegram.error import NetworkError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest


@dataclass(slots=True)
class Reach:
    """Whether the Bot API answered when it was last asked."""

    is_reached: bool = False


class NotingRequest(HTTPXRequest):
    """Makes requests as the library does, and notes whether there was an answer."""

    def __init__(self, reach: Reach, **options: Any) -> None:
        super().__init__(**options)
        self.reach = reach

    async def do_request(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        """Make a request."""
        try:
            status, body = await super().do_request(*arguments, **options)
        except NetworkError:
            self.reach.is_reached = False
            raise
        self.reach.is_reached = status < 500
        return status, body


class PollingRequest(NotingRequest):
    """Makes one request at a time, and begins anew with its connection when that is cancelled.

    httpcore counts a connection as in use for ever if it is cancelled while it is made: whoever
    has one connection would wait for it at each request to come.
    """

    def __init__(self, reach: Reach, **options: Any) -> None:
        super().__init__(reach, connection_pool_size=1, **options)

    async def do_request(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        """Make a request."""
        try:
            return await super().do_request(*arguments, **options)
        except asyncio.CancelledError:
            await self.shutdown()
            await self.initialize()
            raise


def reach_of(bot: ExtBot[Any]) -> Reach:
    """Return what notes whether a bot's requests are answered."""
    request = bot.request
    return request.reach if isinstance(request, NotingRequest) else Reach(True)
