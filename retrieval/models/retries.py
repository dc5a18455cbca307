"""Tells when a request that failed is tried again, and when no more."""

from __future__ import annotations

import asyncio

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.stop import stop_base
from tenacity.wait import wait_random_exponential

from retrieval.models.faults import TransientError

_ATTEMPTS = 5
_JITTER = wait_random_exponential(multiplier=0.5, max=8)


def retrying(deadline: float) -> AsyncRetrying:
    """Return the tries of a request until a time of the event loop's clock.

    Only transient faults are tried again; the last one is raised.
    """
    return AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        wait=_wait,
        stop=_StopBefore(deadline) | stop_after_attempt(_ATTEMPTS),
        reraise=True,
    )


class _StopBefore(stop_base):
    """Stop retrying when the next attempt could only begin after the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        return asyncio.get_running_loop().time() + state.upcoming_sleep >= self._deadline


def _wait(state: RetryCallState) -> float:
    """Return the seconds to wait: as the service asks, else a random time that grows."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, TransientError) else None
    return _JITTER(state) if asked is None else asked
