"""Polling: an update is on the disk before Telegram is told that it arrived."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.telegram.transport.pace import Pace
from bot.telegram.transport.polling import poll

pytestmark = pytest.mark.asyncio


class Updates:
    """Gives the updates from an offset on, and notes what happens in which order."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.events: list[str] = []

    async def do_api_request(self, _: str, api_kwargs: dict[str, Any], **__: Any) -> list[Any]:
        offset = api_kwargs.get("offset", 1)
        self.events.append(f"asked from {offset}")
        if offset > self.last:
            raise asyncio.CancelledError
        return [{"update_id": number} for number in range(offset, self.last + 1)]


async def quickly(_: float) -> None:
    """Sleep for no time."""


async def test_an_update_is_confirmed_after_it_was_written_down() -> None:
    telegram = Updates(last=2)

    def receive(updates: list[dict[str, Any]]) -> None:
        telegram.events.append(f"wrote {[update['update_id'] for update in updates]}")

    with pytest.raises(asyncio.CancelledError):
        await poll(telegram, receive, Pace(sleep=quickly))  # type: ignore[arg-type]
    assert telegram.events == ["asked from 1", "wrote [1, 2]", "asked from 3"]


async def test_what_could_not_be_written_down_is_fetched_again() -> None:
    telegram, full = Updates(last=1), [True]

    def receive(_: list[dict[str, Any]]) -> None:
        if full:
            full.pop()
            raise OSError(28, "No space left on device")
        telegram.events.append("wrote")

    with pytest.raises(asyncio.CancelledError):
        await poll(telegram, receive, Pace(sleep=quickly))  # type: ignore[arg-type]
    assert telegram.events == ["asked from 1", "asked from 1", "wrote", "asked from 2"]
