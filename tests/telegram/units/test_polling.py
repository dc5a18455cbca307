"""Polling: an update is on the disk before Telegram is told that it arrived."""

from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any

import pytest

from bot.telegram.transport.pace import Pace
from bot.telegram.transport.polling import poll
from bot.telegram.transport.reach import PollingRequest, Reach
from retrieval.errors import ArchiveUnreachable
from tests.ports import QuietServer

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


class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


async def test_a_fetch_that_is_cancelled_at_any_moment_keeps_no_other_from_going_out() -> None:
    with QuietServer(("127.0.0.1", 0), Slow) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        for turns in range(25):
            request = PollingRequest(Reach())
            async with request:
                fetching = asyncio.ensure_future(request.do_request(url, "GET"))
                for _ in range(turns):
                    await asyncio.sleep(0)
                fetching.cancel()
                await asyncio.wait([fetching])
                assert await request.do_request(url, "GET") == (200, b"{}")
        server.shutdown()


async def test_a_database_that_is_away_is_told_in_a_line_at_each_fetch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    telegram, away = Updates(last=1), [True]

    def receive(_: list[dict[str, Any]]) -> None:
        if away:
            away.pop()
            raise ArchiveUnreachable("The database db/news cannot be reached.")

    with pytest.raises(asyncio.CancelledError):
        await poll(telegram, receive, Pace(sleep=quickly))  # type: ignore[arg-type]
    [line] = [record for record in caplog.records if "fetched again" in record.message]
    assert "db/news cannot be reached" in line.message
    assert not line.exc_info
