"""Times the stages of an answer."""

from __future__ import annotations

import time


class Stopwatch:
    """Measures milliseconds by stage and in total, from the moment it is made."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage. It began when the one before it ended, or with the stopwatch."""
        now = time.perf_counter()
        self._laps[stage] = round((now - self._last) * 1000, 1)
        self._last = now

    def mark(self, moment: str) -> None:
        """Note how long it is from the beginning to now, if that was not noted before."""
        self._laps.setdefault(moment, self._since_start())

    def laps(self) -> dict[str, float]:
        """Return the milliseconds of each finished stage, to each moment, and `total` until now."""
        return self._laps | {"total": self._since_start()}

    def _since_start(self) -> float:
        return round((time.perf_counter() - self._start) * 1000, 1)
