"""Times the stages of an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A stage of an answer, or a part of one, in nanoseconds since 1970."""

    stage: str
    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) / 1e9


class Stopwatch:
    """Measures milliseconds by stage and in total, from the moment it is made.

    Parts of a stage may be measured inside it; several threads may do so.
    """

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._began = time.time_ns()
        self._laps: dict[str, float] = {}
        self._intervals: list[Interval] = []

    def lap(self, stage: str) -> None:
        """End a stage. It began when the one before it ended, or with the stopwatch."""
        now = time.perf_counter()
        self._laps[stage] = round((now - self._last) * 1000, 1)
        self._note(stage, self._last, now)
        self._last = now

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure what is done inside, however it ends."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._note(name, began, time.perf_counter())

    def mark(self, moment: str) -> None:
        """Note how long it is from the beginning to now, if that was not noted before."""
        self._laps.setdefault(moment, self._since_start())

    def laps(self) -> dict[str, float]:
        """Return the milliseconds of each finished stage, to each moment, and `total` until now."""
        return self._laps | {"total": self._since_start()}

    def intervals(self) -> tuple[Interval, ...]:
        """Return when each finished stage began and ended, and each part, in order of their end."""
        return tuple(self._intervals)

    def whole(self, name: str) -> Interval:
        """Return the time from the beginning to now as one interval."""
        return self._interval(name, self._start, time.perf_counter())

    def _note(self, stage: str, start: float, end: float) -> None:
        self._intervals.append(self._interval(stage, start, end))

    def _interval(self, stage: str, start: float, end: float) -> Interval:
        began, ended = (self._began + round((at - self._start) * 1e9) for at in (start, end))
        return Interval(stage, began, ended)

    def _since_start(self) -> float:
        return round((time.perf_counter() - self._start) * 1000, 1)
