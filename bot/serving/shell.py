"""The outermost layer: headers that every response has, the log, and errors nobody expected."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.serving.errors import error_response

_log = logging.getLogger("newsdesk.serving")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What a response says unless it says otherwise itself."""


class Shell:
    """Middleware that completes each response, and turns a fault of ours into a plain 500.

    The log has no query, no body and no address that nothing is at: they are people's words.
    `count` is called with the status of each.
    """

    def __init__(self, app: ASGIApp, count: Callable[[str], None]) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        status, began = 0, time.monotonic()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(str(status))
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            elif not message.get("more_body"):
                self._note(scope, status, time.monotonic() - began)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("%s in %s, line %s", type(error).__name__, at.filename, at.lineno)
            if not status:
                unexpected = error_response(500, "Something unexpected went wrong.")
                await unexpected(scope, receive, sending)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        place = getattr(scope.get("route"), "path", "elsewhere")
        caller = scope.get("state", {}).get("caller", "-")
        _log.debug("%s %s %d for %s in %.2f s", scope["method"], place, status, caller, seconds)
