"""Sends one request and receives its reply; whatever fails is told in one sentence."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore2
import httpx2

from corpus.errors import NotFetched
from corpus.web.bodies import ENCODINGS, read_body, too_long
from corpus.web.connecting import Allowance, CheckedBackend
from corpus.web.guard import Guard

_STEP = 15.0
"""Seconds that a server may keep silent."""

_WITH_BODY = (200, 203)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    data: bytes = b""


@dataclass(frozen=True)
class Sender:
    """Asks for addresses, each over a connection of its own, that the guard has checked.

    Nothing is sent but the address, who asks, and what the caller adds: no cookies, no keys.
    Where a proxy is used it connects, and looks the host up itself; what this machine's own
    look-up says of the host is checked before.

    Args:
        guard: says what may be connected to.
        agent: who asks, as servers are told.
        proxy: returns the proxy to use for an address, or an empty text.
        tls: what verifies servers' certificates.
        seconds: how long a request may take in all, once connecting begins.
        clock: tells the time in seconds.
    """

    guard: Guard
    agent: str
    proxy: Callable[[str], str]
    tls: ssl.SSLContext
    seconds: float
    clock: Callable[[], float]

    def ask(
        self, url: httpx2.URL, headers: Mapping[str, str], limit: int, *, cut: bool = False
    ) -> Reply:
        """Return the reply to a GET request, with a body of at most `limit` bytes.

        Raises:
            NotFetched: there is none that can be used.
        """
        sent = [
            ("User-Agent", self.agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", ENCODINGS),
            ("Connection", "close"),
            *headers.items(),
        ]
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), _STEP)
        place = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        with (
            _plain_errors(),
            self._pool(url) as pool,
            pool.stream("GET", place, headers=sent, extensions={"timeout": timeout}) as response,
        ):
            return _received(response, limit, cut=cut)

    def _pool(self, url: httpx2.URL) -> httpcore2.ConnectionPool:
        allowance = Allowance(self.seconds, self.clock)
        proxy = self.proxy(str(url))
        if not proxy:
            backend = CheckedBackend(self.guard.checked, allowance)
            return httpcore2.ConnectionPool(self.tls, network_backend=backend)
        self.guard.check_if_known(url)
        backend = CheckedBackend(lambda host, _: [host], allowance)
        return httpcore2.ConnectionPool(self.tls, _proxy(proxy), network_backend=backend)


def _proxy(address: str) -> httpcore2.Proxy:
    url = httpx2.URL(address)
    place = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/")
    return httpcore2.Proxy(place, (url.username, url.password) if url.userinfo else None)


def _received(response: httpcore2.Response, limit: int, *, cut: bool) -> Reply:
    headers = {name.lower().decode("ascii"): _text(value) for name, value in response.headers}
    if response.status not in _WITH_BODY:
        return Reply(response.status, headers)
    length = headers.get("content-length", "")
    if not cut and length.isdecimal() and int(length[:18]) > limit:
        raise too_long(limit)
    encoding = headers.get("content-encoding", "")
    return Reply(
        response.status, headers, read_body(response.iter_stream(), encoding, limit, cut=cut)
    )


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except httpcore2.TimeoutException:
        raise NotFetched("the server did not answer in time") from None
    except httpcore2.ProxyError:
        raise NotFetched("the proxy could not reach it") from None
    except httpcore2.NetworkError as error:
        raise NotFetched(_network_fault(error)) from None
    except httpcore2.RemoteProtocolError as error:
        raise NotFetched(_protocol_fault(str(error))) from None
    except (httpcore2.LocalProtocolError, httpcore2.UnsupportedProtocol):
        raise NotFetched("it cannot be asked for in HTTP") from None


def _protocol_fault(reason: str) -> str:
    """Tell apart by h11's words what it gives no names to."""
    if "without sending a response" in reason:
        return "the connection ended before the server answered"
    if "complete message body" in reason or "incomplete chunked" in reason:
        return "it is cut short: the connection ended before it did"
    return "the server's answer is not HTTP as it should be"


def _network_fault(error: Exception) -> str:
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the server's certificate cannot be trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "no secure connection can be made to the server (TLS)"
    if isinstance(error, httpcore2.ConnectError):
        return "the server cannot be reached"
    return "the connection broke off"
