"""Fetches what is followed, now and again, in a process of its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.processes import run_newsdesk
from bot.telegram.transport.pace import Pace
from bot.wiring import Desk
from retrieval.errors import NewsdeskError

_SECONDS = 6 * 3600
"""The longest that a refresh may take: the first of a long sitemap fetches a page a second."""

_log = logging.getLogger("newsdesk.following")


@dataclass(frozen=True, slots=True)
class Refreshing:
    """Refreshes the archive of a desk at the pause that its settings name; nothing ends it."""

    desk: Desk
    pace: Pace

    async def run(self) -> None:
        """Refresh until cancelled; return at once where the settings name no pause."""
        while every := self.desk.settings.refresh:
            try:
                if self.desk.sources.next_due() is not None:
                    await self._refresh()
            except (NewsdeskError, OSError) as error:
                _log.warning("what is followed could not be fetched, trying again later: %s", error)
            await self.pace.sleep(every)

    async def _refresh(self) -> None:
        try:
            ended = await run_newsdesk(self.desk.settings, "refresh", seconds=_SECONDS)
        except TimeoutError:
            _log.warning("a refresh took longer than %d s and was ended", _SECONDS)
            return
        if ended.status:
            _log.warning("a refresh failed: %s", ended.last_line)
        else:
            _log.info("refreshed: %s", ended.out.strip())
