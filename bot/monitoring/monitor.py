"""Answers those who watch a process: is it alive, can it answer, what has it done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.monitoring.access import Caller, Readers
from bot.monitoring.metrics import Metrics
from bot.monitoring.readiness import Readiness

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
PATHS = (HEALTH, READY, METRICS)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, body, type, and other headers."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Monitor:
    """What a process shows of itself, whatever server it is shown by."""

    def __init__(self, metrics: Metrics, readiness: Readiness, readers: Readers) -> None:
        self.metrics = metrics
        self._readiness = readiness
        self._readers = readers

    async def reply(self, path: str, caller: Caller) -> Reply:
        """Return the response to a request for one of `PATHS`."""
        if path == HEALTH:
            return _json(200, {"status": "ok"})
        if path == READY:
            return await self._ready()
        if not self._readers.allow(caller):
            said = "The figures are for this machine, or for those who show a token."
            return Reply(
                401, said.encode(), "text/plain; charset=utf-8", {"WWW-Authenticate": "Bearer"}
            )
        accept = caller.headers.get("accept", "")
        return Reply(200, *await asyncio.to_thread(self.metrics.shown, accept))

    async def _ready(self) -> Reply:
        state = await self._readiness.state()
        if state.reasons:
            return _json(503, {"status": "not ready", "reason": " ".join(state.reasons)})
        if state.degraded:
            return _json(200, {"status": "degraded", "reason": " ".join(state.degraded)})
        return _json(200, {"status": "ready"})


def _json(status: int, shown: Mapping[str, str]) -> Reply:
    return Reply(status, json.dumps(shown).encode())
