from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.telegram.transport.limits import PREVIEW, ChatLimits

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("ignore:.*attribute `retry_after`"),
]


class Api:
    """Refuses the first requests of a chat."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, **refusals: int) -> None:
        self.clock = clock
        self.refusals = refusals
        self.calls: list[tuple[int, float]] = []

    async def __call__(self, chat: int) -> str:
        self.calls.append((chat, self.clock()))
        if self.refusals.get(f"chat{chat}", 0) > 0:
            self.refusals[f"chat{chat}"] -= 1
            raise RetryAfter(1)
        return "sent"


async def send(
    limits: ChatLimits, api: Api, chat: int, endpoint: str = "sendMessage", **more: Any
) -> Any:
    rate = more.get("rate")
    return await limits.process_request(api, (chat,), {}, endpoint, {"chat_id": chat}, rate)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # others go on meanwhile
        self.now += seconds


async def test_a_429_holds_its_chat_alone_and_as_long_as_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr("bot.telegram.transport.limits.time", clock)
    monkeypatch.setattr("bot.telegram.transport.limits.asyncio", clock)
    limits, api = ChatLimits(), Api(chat1=1, clock=clock.monotonic)
    await asyncio.gather(send(limits, api, 1), send(limits, api, 2))
    (first, again), (other,) = (
        [at for chat, at in api.calls if chat == number] for number in (1, 2)
    )
    assert again >= first + 1.0
    assert other == first


async def test_a_preview_is_not_repeated() -> None:
    limits, api = ChatLimits(), Api(chat1=1)
    with pytest.raises(RetryAfter):
        await send(limits, api, 1, rate=PREVIEW)
    assert len(api.calls) == 1
    assert not limits.may_preview(1)
    assert limits.may_preview(2)


async def test_typing_is_not_counted_against_a_group() -> None:
    limits, api = ChatLimits(), Api()
    async with asyncio.timeout(30):  # were they counted, they would take four minutes
        for _ in range(100):
            await send(limits, api, -1, endpoint="sendChatAction")
        await send(limits, api, -1)
    assert len(api.calls) == 101


async def test_a_group_gets_no_more_than_20_messages_at_once() -> None:
    limits, api = ChatLimits(), Api()
    tasks = [asyncio.create_task(send(limits, api, -1)) for _ in range(25)]
    await asyncio.wait(tasks, timeout=0.5)
    assert len(api.calls) == 20
    for task in tasks:
        task.cancel()


async def test_processes_share_the_rate_of_all_chats() -> None:
    limits = ChatLimits()
    limits.share(3)
    api = Api()
    for chat in range(10):
        await send(limits, api, chat)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(limits, api, 11), 0.02)
    limits.share(1)
    await asyncio.wait_for(send(limits, api, 11), 0.02)


async def test_what_other_processes_sent_to_a_chat_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr("bot.telegram.transport.limits.asyncio", clock)
    limits, api = ChatLimits(), Api(clock=clock.monotonic)
    taken, asked = {5: 5.0, -5: 60.0}, []

    async def reserve(chat: int, seconds: float) -> float:
        asked.append((chat, seconds))
        return taken[chat]

    limits.reserve = reserve
    for chat in taken:
        await send(limits, api, chat)
    assert asked == [(5, 1.0), (-5, 3.0)]
    assert clock.now == 0.0
    taken[5] += 2.5
    await send(limits, api, 5)
    assert clock.now == 2.5


async def test_what_telegram_wants_of_a_chat_is_told_and_heard() -> None:
    told: list[tuple[int, float]] = []
    limits, other = ChatLimits(), ChatLimits()
    limits.on_pause = lambda chat, wait: told.append((chat, wait))
    with pytest.raises(RetryAfter):
        await send(limits, Api(chat1=1), 1, rate=PREVIEW)
    [(chat, wait)] = told
    assert (chat, wait) == (1, 1.1)
    other.pause(chat, wait)
    assert not other.may_preview(1)
    assert other.may_preview(2)
    other.pause(chat, 0.0)
    assert not other.may_preview(1)
