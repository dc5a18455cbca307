"""Lets a browser show its token once, and keeps it in a cookie that no script can read."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.serving.drawing import login_page
from bot.serving.gate import LOGIN
from bot.serving.page import HEADERS
from bot.serving.tokens import COOKIE, Tokens

_DAYS = 30
_OURS = re.compile(r"/(?![/\\])[!-~]*")
"""A path of this server: browsers take what begins with two slashes for another one."""


def login_routes(tokens: Tokens) -> APIRouter:
    """Return the routes that ask for a token, take it, and forget it again."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    def form(next: str = "") -> HTMLResponse:
        """Ask for the token; `next` is the page to go on to."""
        return HTMLResponse(login_page(next), headers=HEADERS)

    @router.post(LOGIN)
    async def login(
        request: Request,
        token: Annotated[str, Form(max_length=200)] = "",
        next: Annotated[str, Form()] = "",
    ) -> Response:
        """Go on to the page that was asked for with the token kept, or ask again."""
        if tokens and tokens.owner(token.strip()) is None:
            return HTMLResponse(login_page(next, "That is none of the tokens."), 401, HEADERS)
        response = RedirectResponse(next if _OURS.fullmatch(next) else "/", 303)
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
