"""Fetches updates by long polling; each is on disk before it is confirmed to Telegram.

The library's own polling confirms an update before its handler ends, stops for good at a 401
while the process lives on, and fetches an update that it cannot parse again and again.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from typing import Any

from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.telegram.transport.faults import TOKEN_REJECTED, TokenRejected, TwoPollers, seconds
from bot.telegram.transport.pace import Pace
from bot.telegram.transport.parsing import ALLOWED_UPDATES
from retrieval.errors import NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

_LONGEST_PAUSE = 15.0
_MOST_REJECTIONS = 3
_MOST_CONFLICTS = 6
_CONFLICT_MEMORY = 60.0
"""Seconds without a conflict after which earlier ones no longer count."""
_TWO_POLLERS = (
    "Another process fetches this bot's updates: stop it, or use another token "
    "(Telegram gives them to one at a time)."
)


async def poll(
    bot: ExtBot[Any], receive: Callable[[list[dict[str, Any]]], None], pace: Pace
) -> None:
    """Fetch updates until cancelled, and pass them to `receive`, which stores them on disk.

    The next request confirms them, by its `offset`; see `getUpdates` in the Bot API.

    Raises:
        TokenRejected: Telegram rejects the token.
        TwoPollers: another process keeps fetching the same updates.
    """
    # The library warns that Bot.get_updates exists, but that fails on one update it cannot parse.
    warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'")
    offset: int | None = None
    troubles = _Troubles()
    while True:
        try:
            updates = await _fetch(bot, offset, pace.poll)
        except TelegramError as error:
            await pace.sleep(troubles.pause_after(error))
            continue
        troubles.over()
        if not updates:
            continue
        try:
            receive(updates)
        except Exception as error:
            # They are not confirmed, so Telegram sends them again: the disk may have room then.
            expected = isinstance(error, NewsdeskError)
            _log.error(
                "updates could not be written down (%s); they are fetched again",
                error,
                exc_info=not expected,
            )
            await pace.sleep(2)
            continue
        numbers = [u.get("update_id") for u in updates if isinstance(u, dict)]
        known = [number for number in numbers if isinstance(number, int)]
        if known:
            offset = max(known) + 1
        else:
            await pace.sleep(1)


async def _fetch(bot: ExtBot[Any], offset: int | None, timeout: int) -> list[dict[str, Any]]:
    wanted = {"timeout": timeout, "allowed_updates": list(ALLOWED_UPDATES)}
    if offset is not None:
        wanted["offset"] = offset
    found = await bot.do_api_request("getUpdates", api_kwargs=wanted, read_timeout=timeout + 5)
    return found if isinstance(found, list) else []


class _Troubles:
    """Counts errors; decides how long to wait after one, what to log, and when to give up."""

    def __init__(self) -> None:
        self._failures = 0
        self._rejections = 0
        self._conflicts = 0
        self._last_conflict = 0.0

    def pause_after(self, error: TelegramError) -> float:
        """Return the seconds to wait after an error.

        Raises:
            TokenRejected: Telegram rejected the token several times in a row.
            TwoPollers: another process keeps fetching the same updates.
        """
        if isinstance(error, InvalidToken | EndPointNotFound):
            self._rejections += 1
            if self._rejections >= _MOST_REJECTIONS:
                raise TokenRejected(TOKEN_REJECTED) from None
            return 2.0
        if isinstance(error, Conflict):
            return self._after_conflict()
        if isinstance(error, RetryAfter):
            return seconds(error)
        self._failures += 1
        if self._failures == 1:
            _log.warning("the Bot API cannot be reached, trying on: %s", error)
        return min(0.5 * 2.0 ** min(self._failures, 10), _LONGEST_PAUSE)

    def over(self) -> None:
        """Reset the counts after a request that succeeded."""
        if self._failures:
            _log.info("the Bot API is reached again")
        self._failures = self._rejections = 0
        if time.monotonic() - self._last_conflict > _CONFLICT_MEMORY:
            self._conflicts = 0

    def _after_conflict(self) -> float:
        self._last_conflict = time.monotonic()
        self._conflicts += 1
        if self._conflicts == 1:
            _log.error("%s Trying a few times more.", _TWO_POLLERS)
        if self._conflicts >= _MOST_CONFLICTS:
            raise TwoPollers(_TWO_POLLERS)
        return float(min(2 ** (self._conflicts - 1), 8))
