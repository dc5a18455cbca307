"""Decides by its head alone whether a request is let in: by host, origin, token and allowance."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.monitoring.monitor import PATHS
from bot.serving.allowance import Allowance
from bot.serving.errors import error_response, response_to
from bot.serving.tokens import Tokens, shown_in
from retrieval.errors import NewsdeskError
from retrieval.models.accounts import Account, paying

LOGIN = "/login"
STATIC = "/static/"
"""Below it lies what the page of the login needs too, and nothing of the archive."""

_ASKS = re.compile(rb"(?:^|&)q=")
"""What a query has that asks something."""


class Gate:
    """Middleware that lets requests in which may be served.

    Args:
        app: what serves them.
        tokens: who may ask; without any, everybody who gets here.
        hosts: the names, without ports, by which the server may be called; None for any. A site
            whose name was pointed to this machine to get at the archive (DNS rebinding) calls it
            by another.
        allowance: how much each may ask.
        daily_usd: what the model may cost each in a day (UTC); None is without limit.
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: Tokens,
        hosts: Collection[str] | None,
        allowance: Allowance,
        daily_usd: float | None = None,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._hosts = hosts
        self._allowance = allowance
        self._daily_usd = daily_usd

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say why it is not served."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        refusal = self._of_elsewhere(request) or await self._of_nobody(request)
        owner = scope.get("state", {}).get("caller")
        budget = self._daily_usd
        account = Account(owner, budget) if owner and budget is not None else None
        token = paying.set(account)
        try:
            await (refusal or self._app)(scope, receive, send)
        finally:
            paying.reset(token)

    def _of_elsewhere(self, request: HTTPConnection) -> Response | None:
        """Refuse what a page of another site sends through the browser of somebody here."""
        host = request.headers.get("host", "")
        if self._hosts is not None and _without_port(host) not in self._hosts:
            return error_response(
                421, "This server is not called so: NEWSDESK_API_HOSTS has its other names."
            )
        site = request.headers.get("sec-fetch-site", "none")
        method = request.scope["method"]
        if site not in ("same-origin", "none"):
            followed = request.headers.get("sec-fetch-mode") == "navigate" and method == "GET"
            framed = request.headers.get("sec-fetch-dest", "document") != "document"
            return None if followed and not framed else _from_elsewhere()
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return _from_elsewhere()
        return None

    async def _of_nobody(self, request: HTTPConnection) -> Response | None:
        """Refuse what needs a token and shows none, or one that has asked too much."""
        path, method = request.scope["path"], request.scope["method"]
        if not self._tokens or path in (*PATHS, LOGIN) or path.startswith(STATIC):
            return None
        owner = self._tokens.owner(shown_in(request))
        if owner is None:
            if method == "GET" and "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(_login_before(request), 303)
            return error_response(
                401,
                "A token is needed: send it as `Authorization: Bearer …`.",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
        request.scope.setdefault("state", {})["caller"] = owner
        if method == "POST" or _ASKS.search(request.scope["query_string"]):
            try:
                await self._allowance.take(owner)
            except NewsdeskError as error:
                return response_to(error)
        return None


def _login_before(request: HTTPConnection) -> str:
    """Return the address of the login that goes on to what was asked for."""
    path, query = request.url.path, request.url.query
    wanted = f"{path}?{query}" if query else path
    return LOGIN if wanted == "/" else f"{LOGIN}?{urlencode({'next': wanted})}"


def _from_elsewhere() -> Response:
    return error_response(403, "Pages of other sites are not served.")


def _without_port(host: str) -> str:
    return re.sub(r":\d*$", "", host).lower().rstrip(".")
