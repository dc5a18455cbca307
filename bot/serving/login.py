"""Lets a browser show its token once, and keeps it in a cookie that no script can read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.serving.drawing import login_page
from bot.serving.gate import LOGIN
from bot.serving.page import HEADERS
from bot.serving.tokens import COOKIE, Tokens

_DAYS = 30


def login_routes(tokens: Tokens) -> APIRouter:
    """Return the routes that ask for a token, take it, and forget it again."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    def form() -> HTMLResponse:
        """Ask for the token."""
        return HTMLResponse(login_page(), headers=HEADERS)

    @router.post(LOGIN)
    async def login(request: Request, token: Annotated[str, Form(max_length=200)] = "") -> Response:
        """Go to the page with the token kept, or ask again."""
        if tokens and tokens.owner(token.strip()) is None:
            return HTMLResponse(login_page("That is none of the tokens."), 401, HEADERS)
        response = RedirectResponse("/", 303)
        proxied = request.headers.get("x-forwarded-proto", "")
        response.set_cookie(
            COOKIE,
            token.strip(),
            max_age=_DAYS * 86400,
            secure="https" in (request.url.scheme, proxied),
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post("/logout")
    async def logout() -> RedirectResponse:
        """Forget the token."""
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return router
