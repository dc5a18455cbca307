"""Serves a number of requests at once, each within its time; the others wait for their turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.monitoring.monitor import PATHS
from bot.serving.errors import error_response

LARGEST_BODY = 1 << 20
"""Bytes of a request's body."""
_ENDS = "The server is being stopped: ask again later."


@dataclass(slots=True)
class Load:
    """How many requests are served or wait."""

    requests: int = 0


class Turns:
    """Middleware that bounds what requests take. What a client no longer waits for is stopped.

    Args:
        app: what serves them.
        seconds: how long serving one may take, and waiting for it.
        at_once: how many are served at once.
        waiting: how many may wait; more are told to come back.
        patience: the seconds in which a body has to arrive.
        load: shows how many are served or wait.
    """

    def __init__(
        self,
        app: ASGIApp,
        seconds: float,
        at_once: int = 16,
        waiting: int = 256,
        patience: float = 15.0,
        load: Load | None = None,
    ) -> None:
        self._app = app
        self._seconds = seconds
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._load = load or Load()
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request when it is its turn."""
        if scope["type"] != "http" or _may_stay(scope):
            await self._app(scope, receive, send)
            return
        body, refused = await self._body(scope, receive)
        if refused:
            await refused(scope, receive, send)
        elif body is None:
            return
        elif self._load.requests >= self._room:
            busy = error_response(
                503, "Too many are asking: try again in a moment.", headers={"Retry-After": "5"}
            )
            await busy(scope, receive, send)
        else:
            self._load.requests += 1
            try:
                await self._served(scope, _Replayed(body), receive, send)
            finally:
                self._load.requests -= 1

    async def _served(
        self, scope: Scope, replayed: _Replayed, receive: Receive, send: Send
    ) -> None:
        """Serve a request until it is done, its client or the server ends, or its time is over."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        async def work() -> None:
            async with self._slots:
                await self._app(scope, replayed, sending)

        async def leave() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        serving, leaving = asyncio.ensure_future(work()), asyncio.ensure_future(leave())
        first = asyncio.FIRST_COMPLETED
        try:
            ended, _ = await asyncio.wait(
                {serving, leaving}, timeout=self._seconds, return_when=first
            )
        except asyncio.CancelledError:  # the server ends, and waits no longer
            serving.cancel()
            leaving.cancel()
            if not begun:
                await error_response(503, _ENDS)(scope, receive, send)
            return
        serving.cancel()
        leaving.cancel()
        await asyncio.wait({serving, leaving})
        if serving in ended:
            serving.result()
        elif not ended and not begun:
            await error_response(504, "That took too long.")(scope, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> tuple[bytes | None, ASGIApp | None]:
        """Return the body of a request, or None if the client is gone; or why it is refused."""
        close = {"Connection": "close"}
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        body = bytearray()
        too_large = declared.isdigit() and int(declared) > LARGEST_BODY
        try:
            async with asyncio.timeout(self._patience):
                more = not too_large
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None, None
                    body += message.get("body", b"")
                    too_large = len(body) > LARGEST_BODY
                    more = message.get("more_body", False) and not too_large
        except TimeoutError:
            return None, error_response(408, "The body did not arrive in time.", headers=close)
        if too_large:
            said = f"The body is larger than {LARGEST_BODY >> 20} MB."
            return None, error_response(413, said, headers=close)
        return bytes(body), None


class _Replayed:
    """What an application receives of a request whose body has been read."""

    def __init__(self, body: bytes) -> None:
        self._messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def __call__(self) -> Message:
        """Return the body, then wait: whoever waits is stopped when the client is gone."""
        if self._messages:
            return self._messages.pop()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


def _may_stay(scope: Scope) -> bool:
    """Return whether a request takes no turn: it watches the process, or listens for long."""
    listens = scope["path"] == "/mcp" and scope["method"] == "GET"
    return bool(scope["path"] in PATHS or listens)
