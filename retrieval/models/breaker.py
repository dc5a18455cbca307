"""A circuit breaker: a service that keeps failing is asked seldom, so that nobody waits for it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from retrieval.errors import ServiceError, ServiceTimeout
from retrieval.models.faults import TransientError

_FAILURES = 3
_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 600.0

_log = logging.getLogger("newsdesk.models")


class Breaker:
    """Stops calls of a service after three failures in a row, then lets one through to try it.

    Between tries it pauses for 30 seconds, then twice as long each time, up to 10 minutes; or as
    long as the service itself asks to be left alone. What counts is a call without an answer: a
    refused or broken connection, a timeout, HTTP 408, 409, 429 and 5xx. One that is answered,
    with a refusal too, is none.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._until = 0.0
        self._stops = 0
        self._why = ""

    @property
    def is_open(self) -> bool:
        """Whether the service is left alone, or has not answered since it was."""
        return bool(self._why)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let a call through, and note how it ends. One that is cancelled says nothing.

        Raises:
            ServiceError: the service is left alone now.
        """
        seen = self._admit()
        try:
            yield
        except (TransientError, ServiceTimeout) as error:
            self._failed(error, seen)
            raise
        except ServiceError:
            self._answered()
            raise
        self._answered()

    def _admit(self) -> int:
        with self._lock:
            now = self._clock()
            if now < self._until:
                seconds = math.ceil(self._until - now)
                raise ServiceError(f"{self._why} It is asked again in {seconds} s.")
            if self._failures >= _FAILURES:
                self._until = now + self._pause()  # for the others, while this call tries it
            return self._stops

    def _failed(self, error: ServiceError, seen: int) -> None:
        with self._lock:
            if seen != self._stops:  # it began before the service was left alone
                return
            self._failures += 1
            asked = (error.wait if isinstance(error, TransientError) else None) or 0.0
            pause = max(self._pause(), min(asked, _LONGEST_PAUSE))
            if not pause:
                return
            if not self._why:
                _log.info("%s From now on it is asked seldom, until it answers.", error)
            self._until, self._why = self._clock() + pause, str(error)
            self._stops += 1

    def _answered(self) -> None:
        with self._lock:
            if self._why:
                _log.info("The service answers again.")
            self._failures, self._until, self._why = 0, 0.0, ""

    def _pause(self) -> float:
        more = self._failures - _FAILURES
        return min(_FIRST_PAUSE * 2 ** min(more, 9), _LONGEST_PAUSE) if more >= 0 else 0.0
