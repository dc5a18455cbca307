"""The routes that show whether the server is well, and what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from bot.monitoring.access import Caller, Readers
from bot.monitoring.monitor import PATHS, Monitor
from bot.monitoring.readiness import Readiness
from bot.monitoring.watching import watch
from bot.serving.tokens import Tokens
from bot.serving.turns import Load

if TYPE_CHECKING:
    from bot.wiring import Desk


def monitor_of(desk: Desk, tokens: Tokens, load: Load) -> Monitor:
    """Return what shows the state of a server; a token that opens the server shows figures too."""
    metrics = watch(desk, "serve")
    metrics.gauge(
        "newsdesk_queue_depth", "What is worked on or waits.", lambda: load.requests, queue="http"
    )
    known = (lambda token: tokens.owner(token) is not None) if tokens else None
    return Monitor(metrics, Readiness(desk), Readers(desk.settings.metrics_token, known))


def monitor_routes(monitor: Monitor) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)

    async def show(request: Request) -> Response:
        address = request.client.host if request.client else ""
        reply = await monitor.reply(request.url.path, Caller(address, request.headers))
        headers = {"Content-Type": reply.content_type, **reply.headers}
        return Response(reply.body, reply.status, headers)

    for path in PATHS:
        router.add_api_route(path, show, methods=["GET"])
    return router
