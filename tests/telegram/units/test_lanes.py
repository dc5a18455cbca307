from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from bot.telegram.lanes import Lanes

pytestmark = pytest.mark.asyncio


class Work:
    """Takes as long as the item's gate is shut; notes what ended how."""

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Event] = {}
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def __call__(self, item: str) -> None:
        self.begun.append(item)
        try:
            if item in self.gates:
                await self.gates[item].wait()
            self.ended.append(item)
        except asyncio.CancelledError:
            self.ended.append(f"{item} cancelled")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lane_keeps_order_and_others_go_on() -> None:
    work = Work()
    work.gates["a1"] = asyncio.Event()
    lanes = Lanes(work)
    for key, item in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        lanes.put(key, item)
    await settle()
    assert work.ended == ["b1"]
    work.gates["a1"].set()
    await settle()
    assert work.ended == ["b1", "a1", "a2"]
    assert lanes.load == 0


async def test_waiting_items_take_no_slots() -> None:
    work = Work()
    work.gates["a0"] = asyncio.Event()
    lanes = Lanes(work, at_once=2)
    for number in range(50):
        lanes.put("a", f"a{number}")
    lanes.put("b", "b")
    await settle()
    assert work.ended == ["b"]


async def test_a_lane_is_gone_when_it_is_empty() -> None:
    class Key:
        pass

    lanes, key = Lanes(Work()), Key()
    gone = weakref.ref(key)
    lanes.put(key, "a")
    del key
    await settle()
    gc.collect()
    assert gone() is None


async def test_cancel_stops_what_runs_and_drops_what_waits() -> None:
    work = Work()
    work.gates["a1"] = asyncio.Event()
    lanes = Lanes(work)
    for item in ("a1", "a2", "a3"):
        lanes.put("a", item)
    await settle()
    assert await lanes.cancel(lambda item: item in ("a1", "a2")) == ["a2"]
    await settle()
    assert work.ended == ["a1 cancelled", "a3"]


async def test_closing_begins_nothing_and_cancels_what_is_late() -> None:
    work = Work()
    work.gates["a1"] = asyncio.Event()
    lanes = Lanes(work)
    lanes.put("a", "a1")
    lanes.put("a", "a2")
    await settle()
    await lanes.close(0.01)
    assert work.begun == ["a1"]
    assert work.ended == ["a1 cancelled"]
