"""Receives updates by webhook; each is on disk before it is confirmed to Telegram."""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from retrieval.errors import SettingsError

_log = logging.getLogger("newsdesk.telegram")

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST_BODY = 2 << 20

Receive = Callable[[list[dict[str, Any]]], None]
Health = Callable[[], dict[str, Any]]


class _Updates(RequestHandler):
    """Receives updates that carry the right secret; see `secret_token` of `setWebhook`."""

    def initialize(self, receive: Receive, secret: str) -> None:
        self._receive = receive
        self._secret = secret.encode()

    def post(self) -> None:
        shown = self.request.headers.get(_SECRET_HEADER, "").encode()
        if not hmac.compare_digest(shown, self._secret):
            _log.warning("a delivery without the right secret was turned away")
            self.set_status(403)
            return
        try:
            update = json.loads(self.request.body)
        except ValueError:
            update = None
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            self.set_status(400)
            return
        self._receive([update])

    def data_received(self, chunk: bytes) -> None:
        """Do nothing: tornado calls this for streamed bodies only."""

    def log_exception(self, *error: Any) -> None:
        """Log an error in the bot's own format. Telegram sends the update again."""
        if not isinstance(error[1], HTTPError):
            _log.error("a delivery could not be written down; it comes again", exc_info=error[1])


class _Health(RequestHandler):
    """Reports the bot's health to a supervisor: status 200, or 503 if it is failing."""

    def initialize(self, health: Health) -> None:
        self._health = health

    def get(self) -> None:
        state = self._health()
        self.set_status(200 if state["status"] == "ok" else 503)
        self.set_header("Content-Type", "application/json")
        self.write(state)

    def data_received(self, chunk: bytes) -> None:
        """Do nothing: tornado calls this for streamed bodies only."""


@asynccontextmanager
async def listening(
    listen: str, url: str, secret: str, receive: Receive, health: Health
) -> AsyncIterator[None]:
    """Serve the path of `url` and /healthz inside the context.

    Args:
        listen: host:port to listen at, such as 127.0.0.1:8443.
        url: the webhook's public address.
        secret: what Telegram must send in `X-Telegram-Bot-Api-Secret-Token`.
        receive: stores updates on disk.
        health: returns the object that /healthz shows.

    Raises:
        SettingsError: the server cannot listen at `listen`.
    """
    host, _, port = listen.rpartition(":")
    path = urlsplit(url).path or "/"
    routes: list[Any] = [
        (r"/healthz", _Health, {"health": health}),
        (re.escape(path), _Updates, {"receive": receive, "secret": secret}),
    ]
    server = HTTPServer(
        Application(routes, log_function=lambda _: None), max_buffer_size=_LARGEST_BODY
    )
    try:
        server.listen(int(port), host.strip("[]"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"TELEGRAM_WEBHOOK_LISTEN={listen} cannot be used ({error}): it takes host:port, such "
            "as 127.0.0.1:8443."
        ) from error
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()
