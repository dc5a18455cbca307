"""The application that serves one archive: built here, from the parts that have routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from bot.version import installed_version
from retrieval.errors import NewsdeskError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from bot.wiring import Desk

_ROUTERS = ("bot.serving.page",)
"""Modules whose `routes(desk)` returns an APIRouter."""

_APPLICATIONS = ("bot.serving.mcp",)
"""Modules whose `streamable(desk)` returns a Starlette application with paths of its own."""


def build_app(desk: Desk) -> FastAPI:
    """Return the application of an archive. It opens the assistant as it starts, and closes it."""
    guests: list[Starlette] = [
        import_module(name).streamable(desk) for name in _APPLICATIONS if find_spec(name)
    ]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, desk.close)
            await asyncio.to_thread(lambda: desk.assistant)
            for guest in guests:
                await stack.enter_async_context(guest.router.lifespan_context(guest))
            yield

    app = FastAPI(
        title="Newsdesk",
        version=installed_version(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_api_route("/healthz", _health(desk), methods=["GET"], include_in_schema=False)
    for name in _ROUTERS:
        if find_spec(name):
            app.include_router(import_module(name).routes(desk))
    for guest in guests:
        app.router.routes.extend(guest.routes)
    return app


def _health(desk: Desk):  # type: ignore[no-untyped-def]
    def health() -> JSONResponse:
        """Say whether the archive can be read, for a supervisor: 200, or 503."""
        try:
            articles = desk.catalog.summary().articles
        except NewsdeskError as error:
            return JSONResponse({"status": "failing", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ok", "articles": articles, "engine": desk.engine})

    return health
