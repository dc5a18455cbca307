"""Shows how the bot is, beside its webhook or at a port of its own."""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler, stream_request_body

from bot.monitoring.access import Caller
from bot.monitoring.monitor import PATHS, Monitor


@stream_request_body
class _Shown(RequestHandler):
    """Passes a request on to the monitor."""

    def initialize(self, monitor: Monitor) -> None:
        self._monitor = monitor

    async def get(self) -> None:
        request = self.request
        headers = {name.lower(): value for name, value in request.headers.items()}
        caller = Caller(request.remote_ip or "", headers)
        reply = await self._monitor.reply(request.path, caller)
        self.set_status(reply.status)
        self.set_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.set_header(name, value)
        self.write(reply.body)

    def data_received(self, chunk: bytes) -> None:
        """Drop it: no such request has a body."""


def monitor_routes(monitor: Monitor) -> list[Any]:
    """Return the routes of a server."""
    return [(path, _Shown, {"monitor": monitor}) for path in PATHS]
