"""Tells who may read a process's figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest

from pydantic import SecretStr

from bot.local import OWN_HOSTS, is_loopback

_BY_A_PROXY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers that say that a request came by way of a proxy."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: the address of the connection, and the headers, by names of any case."""

    address: str
    headers: Mapping[str, str]

    @property
    def token(self) -> str:
        """The token that is shown as a bearer's, or ""."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def is_here(self) -> bool:
        """Whether the request was made on this machine and to it, as far as can be seen.

        A proxy on this machine makes its requests here too: some say so, and most pass on the name
        that they were called by.
        """
        if any(name in self.headers for name in _BY_A_PROXY):
            return False
        called = re.sub(r":\d*$", "", self.headers.get("host", "")).lower()
        return called in OWN_HOSTS and is_loopback(self.address)


@dataclass(frozen=True, slots=True)
class Readers:
    """Those who may read: with a token if there is any, else whoever is on this machine.

    Args:
        token: the readers' own token.
        known: tells whether a token is one that opens everything; None if there are none.
    """

    token: SecretStr | None = None
    known: Callable[[str], bool] | None = None

    def allow(self, caller: Caller) -> bool:
        """Return whether a caller may read."""
        if self.token is None and self.known is None:
            return caller.is_here
        own = self.token.get_secret_value() if self.token else ""
        shown = caller.token.encode("utf-8", "surrogatepass")
        if own and compare_digest(own.encode(), shown):
            return True
        return self.known is not None and self.known(caller.token)
