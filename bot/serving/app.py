"""The application that serves one archive: built here, from the parts that have routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from bot.serving import archive_api, mcp, openai_api, page, responses_api
from bot.serving.conversation import Memory
from bot.serving.errors import add_handlers
from bot.serving.gate import HEALTH, OWN_HOSTS, Gate, is_loopback
from bot.serving.login import login_routes
from bot.serving.shell import Shell
from bot.serving.tokens import Tokens
from bot.serving.turns import Turns
from bot.version import installed_version
from retrieval.errors import NewsdeskError, SettingsError

if TYPE_CHECKING:
    from bot.wiring import Desk

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
    _add_health(app, desk)
    called = OWN_HOSTS | {host, f"[{host}]"} | settings.api_hosts
    app.add_middleware(Turns, seconds=settings.timeout + _BESIDE_THE_MODEL)
    app.add_middleware(
        Gate,
        tokens=tokens,
        hosts=called if is_loopback(host) or settings.api_hosts else None,
        allowance=desk.allowance,
        daily_usd=settings.api_daily_usd,
    )
    app.add_middleware(Shell)
    return app


def _add_health(app: FastAPI, desk: Desk) -> None:
    @app.get(HEALTH, include_in_schema=False)
    def health() -> JSONResponse:
        """Say whether the archive can be read, for a supervisor: 200, or 503."""
        try:
            articles = desk.catalog.summary().articles
        except NewsdeskError as error:
            return JSONResponse({"status": "failing", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ok", "articles": articles, "engine": desk.engine})
