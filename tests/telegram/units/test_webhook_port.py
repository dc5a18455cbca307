"""What the webhook's port makes of those who are not Telegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest

from bot.monitoring.access import Readers
from bot.monitoring.metrics import Metrics
from bot.monitoring.monitor import Monitor
from bot.monitoring.readiness import Readiness
from bot.telegram.transport import webhook
from bot.telegram.transport.webhook import listening
from tests.ports import free_port
from tests.telegram.test_webhook import SECRET

pytestmark = pytest.mark.asyncio

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]

TOKEN = f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"


@asynccontextmanager
async def port(received: list[Any] | None = None, patience: float = 60.0) -> AsyncIterator[Connect]:
    number = free_port()
    taken = [] if received is None else received
    monitor = Monitor(Metrics("telegram", "extractive"), cast(Readiness, None), Readers())
    async with listening(
        f"127.0.0.1:{number}", "https://bot.example.org/hook", SECRET, taken.extend,
        monitor, patience=patience,
    ):  # fmt: skip
        yield lambda: asyncio.open_connection("127.0.0.1", number)


def head(*headers: str, path: str = "/hook") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


async def status_of(stream: Stream, request: bytes) -> int:
    """The status of the answer to what was sent, complete or not."""
    reader, writer = stream
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /hook HTTP/1.1\r\nHost: x\r\n", head(TOKEN, "Content-Length: 1000") + b'{"upd',
     head(TOKEN, "Transfer-Encoding: chunked") + b"5\r\n"],
    ids=["nothing", "half the headers", "half the body", "half a chunk"],
)  # fmt: skip
async def test_who_does_not_go_on_is_cut_off(sent: bytes) -> None:
    async def read(reader: asyncio.StreamReader) -> bytes:
        with suppress(ConnectionResetError):  # where something was still on its way
            return await reader.read()
        return b""

    async with port(patience=0.2) as connect:
        streams = [await connect() for _ in range(50)]
        for _, writer in streams:
            writer.write(sent)
        async with asyncio.timeout(20):
            assert [await read(reader) for reader, _ in streams] == [b""] * 50
        for _, writer in streams:
            writer.close()


async def test_so_many_connections_and_no_more() -> None:
    received: list[Any] = []
    body = json.dumps({"update_id": 1}).encode()
    async with port(received) as connect:
        streams = [await connect() for _ in range(3 * webhook._MOST_CONNECTIONS)]
        asked = head(TOKEN, f"Content-Length: {len(body)}") + body
        assert await status_of(await connect(), asked) == 200
        closed = [reader for reader, _ in streams if reader.at_eof()]
        assert len(closed) > 2 * webhook._MOST_CONNECTIONS
        for _, writer in streams:
            writer.close()
    assert received == [{"update_id": 1}]


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [(["Content-Length: 1000000"], "/hook", 403),
     (["X-Telegram-Bot-Api-Secret-Token: no", "Transfer-Encoding: chunked"], "/hook", 403),
     (["Content-Length: 1000000"], "/elsewhere", 404)],
)  # fmt: skip
async def test_it_is_refused_before_its_body_comes(
    headers: list[str], path: str, status: int
) -> None:
    async with port() as connect:
        assert await status_of(await connect(), head(*headers, path=path)) == status


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"update_id": 1, "message": ' + '{"a":' * 990 + "1" + "}" * 991,
     '{"update_id": ' + "9" * 30 + "}", '{"update_id": ' + "9" * 5000 + "}", '{"update_id": true}',
     '{"update_id": -1}', '{"update_id": 1.5}', "\udcff"],
    ids=["deep", "deep objects", "a giant number", "a longer one", "true", "negative", "a fraction",
         "no UTF-8"],
)  # fmt: skip
async def test_what_is_no_update_is_a_bad_request(body: str) -> None:
    received: list[Any] = []
    sent = body.encode(errors="surrogateescape")
    async with port(received) as connect:
        request = head(TOKEN, f"Content-Length: {len(sent)}") + sent
        assert await status_of(await connect(), request) == 400
    assert received == []


async def test_too_much_is_refused() -> None:
    async with port() as connect:
        assert await status_of(await connect(), head(TOKEN, "Content-Length: 9000000")) == 400
