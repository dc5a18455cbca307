"""The application that serves one archive: built here, from the parts that have routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from bot.local import OWN_HOSTS, is_loopback
from bot.serving import archive_api, mcp, openai_api, page, responses_api
from bot.serving.conversation import Memory
from bot.serving.errors import add_handlers
from bot.serving.gate import Gate
from bot.serving.login import login_routes
from bot.serving.monitoring import monitor_of, monitor_routes
from bot.serving.shell import Shell
from bot.serving.tokens import Tokens
from bot.serving.turns import Load, Turns
from bot.version import installed_version
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from bot.wiring import Desk

RESPONSES = ("newsdesk_http_responses", "Responses by their status.", "status")
_BESIDE_THE_MODEL = 60
"""Seconds that a request may take beside the time that a model has for an answer."""


def build_app(desk: Desk, host: str = "127.0.0.1") -> FastAPI:
    """Return the application of an archive. It opens the assistant as it starts, and closes it.

    `host` is where it will be listened for: elsewhere than on this machine, only with tokens.

    Raises:
        SettingsError: there are none.
    """
    settings = desk.settings
    tokens = Tokens(settings.api_tokens)
    if not tokens and not is_loopback(host):
        raise SettingsError(
            f"Whoever reaches {host} could use the archive and its model: set NEWSDESK_API_TOKENS "
            "to name:token, or serve 127.0.0.1 alone."
        )
    tools = mcp.streamable(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, desk.close)
            await asyncio.to_thread(lambda: desk.assistant)
            if settings.otel_endpoint:
                from bot.monitoring.tracing import traced

                await stack.enter_async_context(traced(desk))
            await stack.enter_async_context(tools.router.lifespan_context(tools))
            yield

    app = FastAPI(
        title="Newsdesk",
        version=installed_version(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    add_handlers(app)
    app.include_router(login_routes(tokens))
    memory = Memory()
    app.include_router(openai_api.routes(desk, memory))
    app.include_router(responses_api.routes(desk, memory))
    app.include_router(archive_api.routes(desk))
    app.include_router(page.routes(desk))
    app.router.routes.extend(tools.routes)
    load = Load()
    monitor = monitor_of(desk, tokens, load)
    app.include_router(monitor_routes(monitor))
    called = OWN_HOSTS | {host, f"[{host}]"} | settings.api_hosts
    app.add_middleware(Turns, seconds=settings.timeout + _BESIDE_THE_MODEL, load=load)
    app.add_middleware(
        Gate,
        tokens=tokens,
        hosts=called if is_loopback(host) or settings.api_hosts else None,
        allowance=desk.stores.allowance,
        daily_usd=settings.api_daily_usd,
    )
    app.add_middleware(Shell, count=monitor.metrics.count(*RESPONSES))
    return app
