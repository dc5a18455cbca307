"""Queues by key, called lanes: the items of a lane run one by one, the lanes in parallel.

In the library's own update processor a waiting update occupies a slot, so a chat that asks often
enough delays all others. Here a lane takes one slot, however long its queue is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    waiting: deque[T] = field(default_factory=deque)
    running: T | None = None
    task: asyncio.Task[None] | None = None
    driver: asyncio.Task[None] | None = None


class Lanes(Generic[T]):
    """Runs `work` on each item that is put into a lane.

    Args:
        work: handles an item; it must not raise, and must end soon when cancelled.
        at_once: how many lanes may run at the same time.

    Example:
        lanes = Lanes(answer)
        lanes.put(chat_id, question)
    """

    def __init__(self, work: Callable[[T], Awaitable[None]], at_once: int = 64) -> None:
        self._work = work
        self._at_once = at_once
        self._slots = asyncio.Semaphore(at_once)
        self._lanes: dict[Hashable, _Lane[T]] = {}
        self._closed = False

    def put(self, key: Hashable, item: T) -> None:
        """Add an item to the end of the lane of `key`, unless nothing is begun any more."""
        if self._closed:
            return
        lane = self._lanes.setdefault(key, _Lane())
        lane.waiting.append(item)
        if lane.driver is None:
            lane.driver = asyncio.create_task(self._drive(key, lane))

    async def cancel(self, wanted: Callable[[T], bool], patience: float = 1.5) -> list[T]:
        """Remove the items for which `wanted` returns True. Return those that never started.

        Running ones are cancelled and waited for, `patience` seconds at most.
        """
        dropped: list[T] = []
        ending: list[asyncio.Task[None]] = []
        for lane in self._lanes.values():
            dropped += filter(wanted, lane.waiting)
            lane.waiting = deque(item for item in lane.waiting if not wanted(item))
            if lane.task is not None and lane.running is not None and wanted(lane.running):
                lane.task.cancel()
                ending.append(lane.task)
        if ending:
            await asyncio.wait(ending, timeout=patience)
        return dropped

    def running(self) -> list[T]:
        """Return the items that are running."""
        return [
            lane.running
            for lane in self._lanes.values()
            if lane.running is not None and lane.task is not None and not lane.task.done()
        ]

    def items(self) -> list[T]:
        """Return the items that are running or waiting."""
        waiting = (item for lane in self._lanes.values() for item in lane.waiting)
        return [*self.running(), *waiting]

    @property
    def room(self) -> int:
        """How many more lanes could run at once."""
        return max(0, self._at_once - self.load)

    @property
    def load(self) -> int:
        """How many items are waiting or running."""
        lanes = list(self._lanes.values())  # another thread may ask
        return sum(len(lane.waiting) + (lane.running is not None) for lane in lanes)

    async def close(self, grace: float) -> None:
        """Start no more items. Cancel the running ones that take longer than `grace` seconds."""
        self._closed = True
        for lane in self._lanes.values():
            lane.waiting.clear()
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=5)
        drivers = [lane.driver for lane in self._lanes.values() if lane.driver is not None]
        for driver in drivers:
            driver.cancel()
        if drivers:
            await asyncio.wait(drivers, timeout=1)

    async def _drive(self, key: Hashable, lane: _Lane[T]) -> None:
        while lane.waiting and not self._closed:
            async with self._slots:
                if not lane.waiting or self._closed:
                    break
                lane.running = lane.waiting.popleft()
                lane.task = asyncio.ensure_future(self._run(lane.running))
                await asyncio.wait([lane.task])
                lane.running = lane.task = None
        lane.driver = None
        if not lane.waiting:
            self._lanes.pop(key, None)

    async def _run(self, item: T) -> None:
        await self._work(item)
