"""The bot's waiting times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The bot's waiting times; a test passes shorter ones.

    Attributes:
        grace: seconds that running answers get to finish after the bot was told to stop. Those
            that take longer are begun anew at the next start.
        poll: seconds that Telegram waits for updates (`timeout` of `getUpdates`).
        prune: seconds between two prunings of what is stored.
        thinking: seconds without a first sentence after which a draft shows "Thinking…".
        beat: seconds between two signs of life of one process among several; never shortened.
        news: seconds between two looks at what is new in the archive.
        now: tells the time, in seconds since 1970.
        sleep: waits a number of seconds between attempts, previews and checks.
    """

    grace: float = 8.0
    poll: int = 10
    prune: float = 86_400.0
    thinking: float = 0.5
    news: float = 15.0
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    beat: float = 0.5
