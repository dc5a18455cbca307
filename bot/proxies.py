"""The proxies that the environment names: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.

The HTTP libraries read and follow them by themselves, but fail in ways of their own where one is
malformed, even for an address that NO_PROXY lists.
"""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from corpus.errors import NotFetched
from retrieval.errors import ServiceError

_SCHEMES = ("http", "https", "socks5", "socks5h")


def malformed() -> str:
    """Say which variable names no proxy, and what it takes; empty if there is none."""
    named = getproxies()
    for kind in ("https", "http", "all"):
        if kind in named and not _is_proxy(named[kind]):
            return (
                f"{kind.upper()}_PROXY names no proxy: it takes an address such as "
                "http://127.0.0.1:3128 or socks5://127.0.0.1:1080."
            )
    return ""


def fault(url: str) -> str:
    """Say why no proxy can be used for an address; empty if one can, or none is needed."""
    excepted = proxy_bypass(urlsplit(url).netloc.rpartition("@")[2])
    return "" if excepted else malformed()


def proxy_for(url: str) -> str:
    """Return the address of the proxy for an address, or an empty text if none is needed.

    Raises:
        NotFetched: the environment names one that cannot be used.
    """
    if reason := fault(url):
        raise NotFetched(reason)
    parts = urlsplit(url)
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all", "")
    if not proxy or proxy_bypass(parts.netloc):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def client_options(url: str) -> dict[str, Any]:
    """Return the options an HTTP client for an address needs where a proxy is malformed.

    With them it goes by no proxy if none is needed, or else fails each request with `fault`.
    """
    if not malformed():
        return {}
    reason = fault(url)
    return {"trust_env": False, "transport": _Refusing(reason) if reason else None}


class _Refusing(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    def __init__(self, reason: str) -> None:
        self._reason = reason

    def handle_request(self, request: httpx2.Request) -> NoReturn:  # noqa: ARG002
        raise ServiceError(self._reason)

    async def handle_async_request(self, request: httpx2.Request) -> NoReturn:
        self.handle_request(request)


def _is_proxy(address: str) -> bool:
    """Return whether an address is scheme://host, scheme://host:port or host:port."""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port
    except ValueError:
        return False
    complete = "://" in address or port is not None
    return complete and parts.scheme in _SCHEMES and bool(parts.hostname) and " " not in address
