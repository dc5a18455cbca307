"""Asks each host one thing at a time, with a pause between, and leaves it alone when told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from corpus.errors import NotFetched
from corpus.web.few import Few


@dataclass
class _Lane:
    lock: Lock = field(default_factory=Lock)
    last_end: float = float("-inf")
    shut_until: float = float("-inf")


class Pace:
    """The pauses between requests to a host.

    Args:
        delay: seconds from the end of one request to the beginning of the next.
        clock: tells the time in seconds.
        sleep: waits for some seconds.
    """

    def __init__(
        self, delay: float, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._delay = delay
        self._clock = clock
        self._sleep = sleep
        self._lanes: Few[_Lane] = Few(_Lane)

    @contextmanager
    def turn(self, host: str, delay: float = 0.0) -> Iterator[None]:
        """Wait until a host may be asked, and keep others from asking it meanwhile.

        `delay` is how long the host wants to be left between two requests, if longer.

        Raises:
            NotFetched: it wants to be left alone for longer.
        """
        lane = self._lanes.of(host)
        with lane.lock:
            if (left := lane.shut_until - self._clock()) > 0:
                raise NotFetched(f"{host} wants to be left alone for {left:.0f} s", "busy", left)
            pause = lane.last_end + max(self._delay, delay) - self._clock()
            if pause > 0:
                self._sleep(pause)
            try:
                yield
            finally:
                lane.last_end = self._clock()

    def leave(self, host: str, seconds: float) -> None:
        """Have a host left alone for some seconds."""
        self._lanes.of(host).shut_until = self._clock() + seconds
