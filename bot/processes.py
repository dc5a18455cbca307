"""Runs `newsdesk` as a process beside the bot, so that neither slows or ends the other."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    said: str

    @property
    def last_line(self) -> str:
        """Return the last thing that it said of a failure."""
        lines = self.said.strip().splitlines() or ["it ended without a word"]
        return lines[-1].removeprefix("newsdesk: ")


async def run_newsdesk(settings: Settings, *arguments: str, seconds: float) -> Ended:
    """Run a command with the settings in force, without those of Telegram.

    It ends with the task that waits for it.

    Raises:
        TimeoutError: it took longer than some seconds; it was killed.
        OSError: it cannot be started.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM_")
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment | settings.as_environment() | {"PYTHONIOENCODING": "utf-8"},
    )
    try:
        async with asyncio.timeout(seconds):
            out, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    status = await process.wait()
    return Ended(status, out.decode("utf-8", "replace"), said.decode("utf-8", "replace"))
