"""Receives updates by webhook; each is on disk before it is confirmed to Telegram.

Whoever finds the port may connect. So a request is answered by its headers alone unless they carry
the secret, and neither a connection nor a request may take its time.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

from bot.monitoring.monitor import PATHS, Monitor
from bot.settings import TELEGRAM
from bot.telegram.transport.monitoring import monitor_routes
from retrieval.errors import SettingsError

_log = logging.getLogger("newsdesk.telegram")

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST_BODY = 2 << 20
_LARGEST_HEADERS = 16 << 10
_LARGEST_ID = 2**63 - 1
_MOST_CONNECTIONS = 100
_PORTS = (None, 443, 80, 88, 8443)
_TAKES = "an address such as https://bot.example.org/newsdesk"

Receive = Callable[[list[dict[str, Any]]], None]


@stream_request_body
class _Updates(RequestHandler):
    """Receives updates that carry the right secret; see `secret_token` of `setWebhook`."""

    def initialize(self, receive: Receive, secret: str) -> None:
        self._receive = receive
        self._secret = secret.encode()
        self._body = bytearray()

    def prepare(self) -> None:
        """Turn a delivery without the secret away before its body is read."""
        shown = self.request.headers.get(_SECRET_HEADER, "").encode()
        if not hmac.compare_digest(shown, self._secret):
            _log.warning("a delivery without the right secret was turned away")
            self.set_status(403)
            self.finish()

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._body += chunk

    def post(self) -> None:
        try:
            update = _parse(bytes(self._body))
            self._receive([update])
        except (_NoUpdate, RecursionError):
            self.set_status(400)

    def log_exception(self, *error: Any) -> None:
        """Log an error in the bot's own format. Telegram sends the update again."""
        if not isinstance(error[1], HTTPError):
            _log.error("a delivery could not be written down; it comes again", exc_info=error[1])


class _NoUpdate(Exception):
    """A body is not an update."""


def _parse(body: bytes) -> dict[str, Any]:
    """Return the update in a body.

    Raises:
        _NoUpdate: there is none.
        RecursionError: it is nested too deeply.
    """
    try:
        update = json.loads(body)
    except ValueError:
        raise _NoUpdate from None
    if not isinstance(update, dict):
        raise _NoUpdate
    number = update.get("update_id")
    if type(number) is not int or not 0 <= number <= _LARGEST_ID:
        raise _NoUpdate
    return update


@stream_request_body
class _Nothing(RequestHandler):
    """Refuses requests to other paths before their bodies are read."""

    def prepare(self) -> None:
        self.set_status(404)
        self.finish()

    def data_received(self, chunk: bytes) -> None:
        """Do nothing: the request is answered."""


class _Server(HTTPServer):
    """Keeps a number of connections open; for one more the oldest is closed."""

    _open: dict[IOStream, None]

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Serve a new connection."""
        while len(self._open) >= _MOST_CONNECTIONS:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.close()
        self._open[stream] = None
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        """Note that a connection has ended."""
        self._open.pop(server_conn.stream, None)
        super().on_close(server_conn)


def try_webhook(url: str, listen: str, api: str) -> None:
    """Check the addresses of a webhook, as far as this machine can.

    Telegram's own server delivers by https to four ports; a Bot API server of one's own delivers
    anywhere. A port that is taken counts as good: the bot itself may be listening there.

    Raises:
        SettingsError: an address cannot be used.
    """
    address = urlsplit(url)
    if address.hostname is None or address.path in PATHS:
        raise SettingsError(f"TELEGRAM_WEBHOOK_URL={url} cannot be used: it takes {_TAKES}.")
    if api == TELEGRAM and (address.scheme != "https" or address.port not in _PORTS):
        raise SettingsError(
            f"TELEGRAM_WEBHOOK_URL={url} cannot be used: Telegram delivers to {_TAKES}, with port "
            "443, 80, 88 or 8443."
        )
    try:
        for opened in bind_sockets(*_address(listen)):
            opened.close()
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) != errno.EADDRINUSE:
            raise _unusable("TELEGRAM_WEBHOOK_LISTEN", listen, error) from error


def _address(listen: str) -> tuple[int, str]:
    host, _, port = listen.rpartition(":")
    return int(port), host.strip("[]")


def _unusable(setting: str, listen: str, error: Exception) -> SettingsError:
    return SettingsError(
        f"{setting}={listen} cannot be used ({error}): it takes host:port of this "
        "machine, such as 127.0.0.1:8443."
    )


def secret_for(token: str) -> str:
    """Return what Telegram is to show where no secret is set: the same in all processes of a bot.

    It cannot be turned back into the token.
    """
    return hmac.new(token.encode(), b"newsdesk webhook", hashlib.sha256).hexdigest()


@asynccontextmanager
async def listening(
    listen: str,
    url: str,
    secret: str,
    receive: Receive,
    monitor: Monitor,
    *,
    patience: float = 15.0,
) -> AsyncIterator[None]:
    """Serve the path of `url`, and what a monitor shows, inside the context.

    Args:
        listen: host:port to listen at, such as 127.0.0.1:8443.
        url: the webhook's public address.
        secret: what Telegram must send in `X-Telegram-Bot-Api-Secret-Token`.
        receive: stores updates on disk.
        monitor: shows whether the bot is well.
        patience: seconds that a request's headers, and then its body, may take.

    Raises:
        SettingsError: the server cannot listen at `listen`.
    """
    path = urlsplit(url).path or "/"
    updates = (re.escape(path), _Updates, {"receive": receive, "secret": secret})
    routes = [*monitor_routes(monitor), updates]
    async with _serving("TELEGRAM_WEBHOOK_LISTEN", listen, routes, patience):
        yield


@asynccontextmanager
async def showing(listen: str, monitor: Monitor, *, patience: float = 15.0) -> AsyncIterator[None]:
    """Serve what a monitor shows at host:port inside the context.

    Raises:
        SettingsError: the server cannot listen there.
    """
    async with _serving("TELEGRAM_HEALTH_LISTEN", listen, monitor_routes(monitor), patience):
        yield


@asynccontextmanager
async def _serving(
    setting: str, listen: str, routes: list[Any], patience: float
) -> AsyncIterator[None]:
    server = _Server(
        Application(routes, default_handler_class=_Nothing, log_function=lambda _: None),
        max_buffer_size=_LARGEST_BODY,
        max_header_size=_LARGEST_HEADERS,
        idle_connection_timeout=patience,
        body_timeout=patience,
    )
    server._open = {}
    try:
        server.listen(*_address(listen))
    except (OSError, ValueError) as error:
        raise _unusable(setting, listen, error) from error
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()
