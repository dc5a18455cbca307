"""Asks a server again without what it refused in a request, and remembers it.

Servers that speak OpenAI's protocol know different parts of it. One that refuses a parameter or a
role says so with a status of 400, 422, 500 or 501 and names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Set
from contextlib import aclosing
from typing import Any, cast

import httpx2
import openai

_LIMIT, _OLD_LIMIT = "max_completion_tokens", "max_tokens"
_SYSTEM = "system"
_PARAMETERS = (_LIMIT, "stream_options", "temperature", "seed", "reasoning_effort", "reasoning")
_REFUSALS = frozenset({400, 422, 500, 501})
_NO_SYSTEM = re.compile(
    r"(?:system|developer) (?:role|message|prompt|instruction)s?\b.{0,30}\bnot\b"
    r"|not support.{0,30}\bsystem\b|only user(?: and|,) assistant|roles must alternate"
    r"|(?:unsupported|unexpected|unknown|invalid) role"
    r"|should be .{0,3}user.{0,5} or .{0,3}assistant",
    re.I | re.S,
)


_END = re.compile(
    rb'data: ?\[DONE\]|"finish_reason" ?: ?"|"type" ?: ?"response\.(?:completed|incomplete|failed)"'
)
_LONGEST_END = 32


class AdaptingClient(openai.DefaultAsyncHttpxClient):
    """An HTTP client that learns what one server refuses; it takes what httpx's client takes.

    A stream of events that ends without saying so is an error.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._refused: frozenset[str] = frozenset()

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request, and again where the reply names what the server refuses."""
        body = _body(request)
        while True:
            sent = _rebuilt(request, without(body, self._refused)) if self._refused else request
            response = await super().send(sent, **options)
            if response.status_code not in _REFUSALS:
                return _watched(response)
            await response.aread()
            found = refusals(without(body, self._refused), response.text)
            if not found:
                return response
            self._refused |= found


class _UntilItsEnd(httpx2.AsyncByteStream):
    """A stream of events that is broken off unless its end was sent: `[DONE]`, why it stopped, or
    the response as it ended.

    Without this, what a gateway passes on of a reply that broke off looks like a whole one.
    """

    def __init__(self, response: httpx2.Response) -> None:
        self._stream = cast(httpx2.AsyncByteStream, response.stream)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        last, ended = b"", False
        async with aclosing(cast(AsyncGenerator[bytes, None], aiter(self._stream))) as pieces:
            async for piece in pieces:
                ended = ended or bool(_END.search(last + piece))
                last = (last + piece)[-_LONGEST_END:]
                yield piece
        if not ended:
            raise httpx2.RemoteProtocolError("The stream ended before its last event.")

    async def aclose(self) -> None:
        await self._stream.aclose()


def _watched(response: httpx2.Response) -> httpx2.Response:
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/event-stream") and "content-encoding" not in response.headers:
        response.stream = _UntilItsEnd(response)
    return response


def refusals(body: dict[str, Any], reply: str) -> frozenset[str]:
    """Return what of a chat request a server's error says that it does not take."""
    named = {name for name in _PARAMETERS if name in body and name in reply}
    asked = {message.get("role") for message in body.get("messages", ())}
    if asked & {_SYSTEM, "developer"} and _NO_SYSTEM.search(reply):
        named.add(_SYSTEM)
    return frozenset(named)


def without(body: dict[str, Any], refused: Set[str]) -> dict[str, Any]:
    """Return a chat request without what a server refuses, so that it asks for the same.

    The limit of tokens gets its older name; what the system's role says comes before the first
    question.
    """
    kept = {name: value for name, value in body.items() if name not in refused}
    if _LIMIT in refused and _LIMIT in body:
        kept[_OLD_LIMIT] = body[_LIMIT]
    if _SYSTEM in refused and "messages" in body:
        kept["messages"] = _told_by_the_user(body["messages"])
    return kept


def _told_by_the_user(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = [str(m["content"]) for m in messages if m["role"] in (_SYSTEM, "developer")]
    rest = [m for m in messages if m["role"] not in (_SYSTEM, "developer")]
    if not told or not rest:
        return messages
    first = rest[0] | {"content": "\n\n".join([*told, str(rest[0]["content"])])}
    return [first, *rest[1:]]


def _body(request: httpx2.Request) -> dict[str, Any]:
    try:
        body = json.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return {}
    return body if isinstance(body, dict) else {}


def _rebuilt(request: httpx2.Request, body: dict[str, Any]) -> httpx2.Request:
    """Return a request with another body; its headers stay, but for those of the body's size."""
    headers = [
        (name, value)
        for name, value in request.headers.multi_items()
        if name.lower() not in ("content-length", "transfer-encoding")
    ]
    return httpx2.Request(
        request.method, request.url, headers=headers, json=body, extensions=request.extensions
    )
