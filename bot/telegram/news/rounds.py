"""Looks for news again and again while the bot runs, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.telegram.news.corrections import Corrections
from bot.telegram.news.digests import DailyDigests
from bot.telegram.news.herald import Herald
from bot.telegram.news.watch import Watch
from bot.telegram.storage.wishes import Wish
from bot.telegram.transport.pace import Pace

_log = logging.getLogger("newsdesk.telegram")


@dataclass(frozen=True, slots=True)
class Rounds:
    """Makes a round every few seconds: looks for news, plans messages, has them delivered.

    `deliver` takes the id of an update of the bot's own that has its messages planned.
    """

    watch: Watch
    herald: Herald
    digests: DailyDigests
    corrections: Corrections
    deliver: Callable[[int], None]
    pace: Pace

    async def run(self) -> None:
        """Make rounds until cancelled. An error is logged, and the next round is made."""
        while True:
            for step in (self._look, self._tell, self._correct, self._digests):
                await self._safely(step())
            await self.pace.sleep(self.pace.news)

    async def _safely(self, step: Awaitable[None]) -> None:
        try:
            await step
        except Exception as error:  # such as a full disk: nobody is there to tell
            _log.error("news could not be told, trying again later: %s", error)

    async def _look(self) -> None:
        await self.watch.look(self.pace.now())

    async def _tell(self) -> None:
        for number in self.herald.plan(self.pace.now()):
            self.deliver(number)

    async def _correct(self) -> None:
        for number in await self.corrections.plan(self.pace.now()):
            self.deliver(number)

    async def _digests(self) -> None:
        for wish in self.digests.due():
            await self._safely(self._digest(wish))

    async def _digest(self, wish: Wish) -> None:
        if number := await self.digests.plan(wish):
            self.deliver(number)
