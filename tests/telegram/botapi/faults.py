"""Faults on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.telegram.botapi.judge import Refused

Kind = Literal["error", "page", "drop", "drop_after", "hang", "hang_after", "slow"]


@dataclass
class Fault:
    """What befalls the next `times` requests of a method that `concerns` lets through.

    error         an answer of the API, with `code`, `description` and perhaps `retry_after`
    page          an answer that is not the API's: a proxy's HTML, with `code`
    drop          the connection is dropped, nothing is done
    drop_after    it is done, and the connection is dropped
    hang          nothing is done or answered for `seconds`, then the connection is dropped
    hang_after    it is done, not answered for `seconds`, and the connection is dropped
    slow          it is done `seconds` late
    """

    kind: Kind
    method: str
    times: int = 1
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0
    concerns: Callable[[Mapping[str, Any]], bool] = lambda params: True
    met: list[float] = field(default_factory=list)

    def meets(self, method: str, params: Mapping[str, Any]) -> bool:
        """Whether it befalls a request; counted."""
        wanted = self.method.lower() in ("*", method)
        if not wanted or len(self.met) >= self.times or not self.concerns(params):
            return False
        self.met.append(time.monotonic())
        return True


@dataclass
class Flood:
    """From the first message on, a chat takes no message for `seconds`."""

    chat_id: int
    seconds: int
    until: float | None = None
    refused: list[float] = field(default_factory=list)

    def wait(self) -> int:
        """Seconds that a message has to wait, rounded up; 0 when the flood is over."""
        now = time.monotonic()
        if self.until is None:
            self.until = now + self.seconds
        left = self.until - now
        if left <= 0:
            return 0
        self.refused.append(now)
        return int(left) + 1 if left > int(left) else int(left)


def refusal_response(refused: Refused) -> web.Response:
    """How the API says no."""
    body: dict[str, Any] = {
        "ok": False,
        "error_code": refused.code,
        "description": refused.description,
    }
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)


def dropped(request: web.Request) -> web.Response:
    """No answer at all: the connection is gone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
