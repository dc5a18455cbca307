"""Tells whose token was shown, and where in a request a token is."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

from pydantic import SecretStr
from starlette.requests import HTTPConnection

COOKIE = "newsdesk_token"


class Tokens:
    """The tokens that open the API, by the names of those who have them."""

    def __init__(self, named: Mapping[str, SecretStr]) -> None:
        self._digests = {name: _digest(token.get_secret_value()) for name, token in named.items()}

    def __bool__(self) -> bool:
        """Return whether a token is asked for at all."""
        return bool(self._digests)

    def owner(self, shown: str) -> str | None:
        """Return the name of whoever has a token, in a time that says nothing of the tokens."""
        digest, owner = _digest(shown), None
        for name, known in self._digests.items():
            if compare_digest(digest, known):
                owner = name
        return owner


def shown_in(request: HTTPConnection) -> str:
    """Return the token that a request shows: as a bearer's, or in the cookie of the page."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
