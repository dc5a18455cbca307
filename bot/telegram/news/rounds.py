"""Looks for news again and again while the bot runs, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.telegram.news.herald import Herald
from bot.telegram.news.watch import Watch
from bot.telegram.transport.pace import Pace

_log = logging.getLogger("newsdesk.telegram")


@dataclass(frozen=True, slots=True)
class Rounds:
    """Makes a round every few seconds: looks for news, plans messages, has them delivered.

    `deliver` takes the id of an update of the bot's own that has its messages planned.
    """

    watch: Watch
    herald: Herald
    deliver: Callable[[int], None]
    pace: Pace

    async def run(self) -> None:
        """Make rounds until cancelled. An error is logged, and the next round is made."""
        while True:
            for step in (self._look, self._tell):
                try:
                    await step()
                except Exception as error:  # such as a full disk: nobody is there to tell
                    _log.error("news could not be told, trying again later: %s", error)
            await self.pace.sleep(self.pace.news)

    async def _look(self) -> None:
        await self.watch.look(self.pace.now())

    async def _tell(self) -> None:
        for number in self.herald.plan(self.pace.now()):
            self.deliver(number)
