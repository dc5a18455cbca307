"""Takes a process's share of the updates that all processes of one bot have stored."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from bot.telegram.storage.queue import LEASE, Claim, ClaimLost, Held, Queue
from bot.telegram.transport.limits import ChatLimits
from bot.telegram.transport.pace import Pace
from retrieval.errors import NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

T = TypeVar("T")

_STOPPING = 3.0
"""Seconds to wait until other processes have stopped their answers."""

_MARGIN = 1.0
"""Seconds that a message takes on its way: so long before its lease ends, a process sends none."""

_STUCK = 30.0
"""Seconds in which the event loop does nothing, after which the others may replace the process."""

Role = Literal["alone", "leader", "standby"]


class Work(Protocol):
    """What a process works on: the service."""

    def at_work(self) -> set[int]:
        """Return the updates that are handled, or wait for their turn, in this process."""
        ...

    def room(self, *, urgent: bool) -> int:
        """Return how many more updates can be handled at once."""
        ...

    def admit(self, claim: Claim) -> None:
        """Handle an update when its turn comes."""
        ...

    def abandon(self, updates: Collection[int]) -> None:
        """Stop handling updates that another process has taken over."""
        ...

    def stop_some(self, updates: Mapping[int, bool]) -> None:
        """Stop answers; the values tell whether what was said is kept."""
        ...


class Sharing:
    """Shows that this process lives, claims updates for it, and knows whether it leads.

    The oldest process leads: it does what one process does for all. That it lives is shown by a
    thread of its own, so that a process with much to do is not taken for one that has ended.
    """

    def __init__(self, queue: Queue, limits: ChatLimits, pace: Pace) -> None:
        self._queue = queue
        self._limits = limits
        self._pace = pace
        self._news = asyncio.Event()
        self._leads, self._follows = asyncio.Event(), asyncio.Event()
        self._seen: float | None = None
        self._away = -LEASE
        self._alive: list[int] = []
        self._looked = self._turned = 0.0
        self._idle: set[int] = set()
        self._leaving = self._ended = self._in_trouble = False
        self._over = threading.Event()
        self._thread = ThreadPoolExecutor(2, "sharing")
        limits.on_pause = self._tell_pause
        limits.may_send, limits.reserve = self.require_seen, self._reserve
        queue.join()

    @property
    def role(self) -> Role:
        """What this process is among those of the bot."""
        return "leader" if self._leads.is_set() else "standby"

    def look(self) -> None:
        """Look for updates at once, since some were stored or closed."""
        self._news.set()

    async def run(self, work: Work) -> None:
        """Take part until cancelled, whatever happens to the database."""
        self._turned = time.monotonic()
        await self._beside(self._beat)
        self._thread.submit(self._show_life)
        try:
            await self._take_part(work)
        finally:
            self._over.set()
            self._thread.shutdown(wait=False)

    async def _take_part(self, work: Work) -> None:
        while not self._ended:
            self._news.clear()
            self._turned = time.monotonic()
            try:
                if self._turned - self._looked >= self._pace.beat:
                    await self._look_around(work)
                await self._claim(work)
                self._in_trouble = False
            except Exception as error:
                self._trouble(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.beat):
                    await self._news.wait()

    def _show_life(self) -> None:
        """Show again and again that this process lives, as long as its event loop does."""
        while not self._over.wait(self._pace.beat):
            if time.monotonic() - self._turned < _STUCK:
                self._beat()

    def _beat(self) -> None:
        begun = time.monotonic()
        with suppress(NewsdeskError):  # the event loop meets the same trouble, and tells it
            self._alive = self._queue.beat()
            if self._seen is not None and begun - self._seen > LEASE / 2:
                # The others may have been as long away: they get time to come back.
                self._away = time.monotonic()
            self._seen = begun

    def require_seen(self) -> None:
        """Check that the other processes cannot have replaced this one yet.

        Raises:
            ClaimLost: they can.
        """
        if self._seen is None or time.monotonic() - self._seen > LEASE - _MARGIN:
            raise ClaimLost("the database was not reached for a while: nothing is sent")

    async def while_leading(self, duty: Callable[[], Awaitable[None]]) -> None:
        """Do what one process does for all whenever this one leads; it is cancelled otherwise."""
        while True:
            await self._leads.wait()
            task = asyncio.ensure_future(duty())
            follows = asyncio.ensure_future(self._follows.wait())
            try:
                await asyncio.wait([task, follows], return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    task.result()
                    await follows
            finally:
                for one in (task, follows):
                    one.cancel()
                await asyncio.wait([task, follows])

    def leave(self, work: Work) -> None:
        """Lead no more, and give back what is not begun; or everything, if nothing is running."""
        running = work.at_work()
        self._leaving, self._ended = True, not running
        self._follow()
        self._queue.give_back(_mine(self._queue.held(())) - running)
        self._queue.leave(running=bool(running))

    async def stop(
        self,
        wanted: Callable[[int, dict[str, Any]], bool],
        close: Callable[[int], None],
        *,
        keep: bool,
    ) -> bool:
        """Have other processes stop their answers, and close what none of them has begun.

        Args:
            wanted: tells by an update's id and content whether it is to be stopped.
            close: stores the outcome of an update.
            keep: whether what was said stays as a message.

        Returns:
            False if there are none.
        """
        queue = self._queue
        found = [number for number, raw in queue.elsewhere() if wanted(number, raw)]
        for number in queue.waiting(found):
            with suppress(ClaimLost):  # it is just being begun
                close(number)
        queue.stop(found, keep=keep)
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOPPING):
                while queue.open(found):
                    await asyncio.sleep(0.1)
        return bool(found)

    async def _look_around(self, work: Work) -> None:
        before = work.at_work()
        alive = self._alive
        self._lead(leads=alive[:1] == [self._queue.me], processes=len(alive))
        for chat, seconds in (await self._beside(self._queue.pauses)).items():
            self._limits.pause(chat, seconds)
        self._follow_up(work, before, await self._beside(self._queue.held, before))
        self._looked = self._turned

    def _follow_up(self, work: Work, before: set[int], held: dict[int, Held]) -> None:
        """Do what other processes want of the updates, or have done with them."""
        work.abandon([number for number, one in held.items() if not one.mine])
        work.stop_some({n: one.stop for n, one in held.items() if one.stop is not None})
        # What nobody here works on, an error has left open. It is seen twice: it may just begin.
        idle = _mine(held) - before - work.at_work()
        if again := idle & self._idle:
            self._queue.give_back(again)
        self._idle = idle - again

    async def _claim(self, work: Work) -> None:
        """Take questions before commands, so that a `/cancel` finds what it is to stop."""
        if self._in_trouble:
            # Claims may have been stored and not admitted; what is taken next must not overtake.
            held = await self._beside(self._queue.held, ())
            if left := _mine(held) - work.at_work():
                await self._beside(self._queue.give_back, left)
        for urgent in (False, True):
            most = 0 if self._leaving else work.room(urgent=urgent)
            from_ended = time.monotonic() - self._away > LEASE
            claim = partial(self._queue.claim, most, urgent=urgent, from_ended=from_ended)
            self._admit(work, await self._beside(claim))

    def _admit(self, work: Work, claims: Iterable[Claim]) -> None:
        """Admit claims; one that fails keeps none of the others waiting."""
        failed = None
        for one in claims:
            try:
                work.admit(one)
            except Exception as error:
                failed = error
        if failed:
            raise failed

    async def _beside(self, ask: Callable[..., T], *values: object) -> T:
        """Ask the database in a thread that does nothing else, however much there is to do."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask, *values)

    def _lead(self, *, leads: bool, processes: int) -> None:
        self._limits.share(processes)
        if not leads or self._leaving:
            self._follow()
        elif not self._leads.is_set():
            _log.info("this process leads")
            self._follows.clear()
            self._leads.set()

    def _follow(self) -> None:
        if self._leads.is_set() or not self._follows.is_set():
            _log.info("this process stands by")
        self._leads.clear()
        self._follows.set()

    def _trouble(self, error: Exception) -> None:
        if not self._in_trouble:
            _log.error("no updates can be taken, trying on: %s", error)
        self._in_trouble = True
        if self._seen is None or time.monotonic() - self._seen > LEASE:
            self._follow()

    async def _reserve(self, chat: int, seconds: float) -> float:
        try:
            return await self._beside(self._queue.reserve, chat, seconds)
        except NewsdeskError:  # whoever sends meets the trouble
            return 0.0

    def _tell_pause(self, chat: Any, seconds: float) -> None:
        with suppress(NewsdeskError):
            if isinstance(chat, int):
                self._queue.pause(chat, seconds)


def _mine(held: Mapping[int, Held]) -> set[int]:
    return {number for number, one in held.items() if one.mine}
