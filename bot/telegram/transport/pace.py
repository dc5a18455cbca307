"""How long the bot waits for what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The bot's waiting times; a test passes shorter ones.

    Attributes:
        grace: seconds that answers may go on after the bot was told to stop; a person whose
            answer takes longer is told that it was interrupted.
        poll: seconds that Telegram holds a request for updates when there are none.
        sleep: waits that many seconds between attempts, previews and checks.
    """

    grace: float = 8.0
    poll: int = 10
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
