"""How many requests are served at once, and for how long; the application takes its time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.serving import server
from bot.serving.turns import Turns
from tests.serving.conftest import running


class Slow:
    """Serves an application whose one route answers when `go_on` is set, within some bounds."""

    def __init__(self, stack: ExitStack, **bounds: Any) -> None:
        self.entered, self.go_on, self.stopped = Event(), Event(), Event()
        app = FastAPI()
        app.get("/")(self._wait)
        app.post("/")(self._wait)
        app.add_middleware(Turns, **({"seconds": 60} | bounds))
        stack.callback(self.go_on.set)
        self.url = stack.enter_context(running(app))

    async def _wait(self) -> str:
        self.entered.set()
        try:
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        return "served"

    def get(self) -> httpx.Response:
        return httpx.get(self.url, trust_env=False, timeout=30)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_whoever_finds_no_room_is_told_to_come_back(stack: ExitStack) -> None:
    slow = Slow(stack, at_once=1, waiting=0)
    beside = stack.enter_context(ThreadPoolExecutor(1))
    first = beside.submit(slow.get)
    assert slow.entered.wait(20)
    refused = slow.get()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    slow.go_on.set()
    assert first.result().json() == slow.get().json() == "served"


def test_the_others_wait_for_their_turn(stack: ExitStack) -> None:
    slow = Slow(stack, at_once=1, waiting=9)
    beside = stack.enter_context(ThreadPoolExecutor(10))
    asked = [beside.submit(slow.get) for _ in range(10)]
    assert slow.entered.wait(20)
    slow.go_on.set()
    assert [one.result().status_code for one in asked] == [200] * 10


def test_what_takes_too_long_is_stopped(stack: ExitStack) -> None:
    slow = Slow(stack, seconds=0.3)
    late = slow.get()
    assert (late.status_code, late.json()["error"]["message"]) == (504, "That took too long.")
    assert slow.stopped.wait(20)


def test_what_still_runs_when_the_server_ends_is_told_so(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "GRACE", 0)
    beside = stack.enter_context(ThreadPoolExecutor(1))
    with ExitStack() as serving:
        slow = Slow(serving)
        asked = beside.submit(slow.get)
        assert slow.entered.wait(20)
    told = asked.result()
    said = "The server is being stopped: ask again later."
    assert (told.status_code, told.json()["error"]["message"]) == (503, said)
    assert slow.stopped.is_set()
    assert not any(record.exc_info for record in caplog.records)


def test_a_body_that_does_not_arrive_is_not_waited_for(stack: ExitStack) -> None:
    slow = Slow(stack, patience=0.3, at_once=1, waiting=0)
    url = httpx.URL(slow.url)
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        said = b"".join(iter(lambda: connection.recv(4096), b""))
    assert said.startswith(b"HTTP/1.1 408 ")
    slow.go_on.set()
    assert slow.get().json() == "served"
