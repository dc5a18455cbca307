"""Lets a browser show its token once, and keeps it in a cookie that no script can read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from bot.serving.gate import LOGIN
from bot.serving.tokens import COOKIE, Tokens

_DAYS = 30


def login_routes(tokens: Tokens) -> APIRouter:
    """Return the routes that take a token from a form, and that forget it again."""
    router = APIRouter(include_in_schema=False)

    @router.post(LOGIN)
    async def login(
        request: Request, token: Annotated[str, Form(max_length=200)] = ""
    ) -> RedirectResponse:
        """Go to the page with the token kept, or back to the form."""
        if tokens and tokens.owner(token.strip()) is None:
            return RedirectResponse(f"{LOGIN}?failed=1", 303)
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
