"""Connects to addresses that were checked, and bounds the time of a request in all."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore2

from corpus.errors import NotFetched

_TRIED = 3
"""How many addresses of a host are tried, one after the other."""


class Allowance:
    """The seconds that a request may take from now on, however its bytes trickle in."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self, most: float | None) -> float:
        """Return the seconds left, at most `most`. Raises NotFetched if there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise NotFetched(f"it took longer than {self._seconds:g} seconds")
        return left if most is None else min(left, most)


class CheckedBackend(httpcore2.NetworkBackend):
    """Looks a host up once, and connects to what that gave.

    A second look-up could have another answer than the one that was checked (DNS rebinding). TLS
    still verifies the host's name: the connection above asks for that, not for the address.
    """

    def __init__(
        self, addresses: Callable[[str, int], Sequence[str]], allowance: Allowance
    ) -> None:
        self._addresses = addresses
        self._allowance = allowance
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that takes the connection."""
        *others, last = self._addresses(host, port)[:_TRIED]
        for address in others:
            try:
                return self._connected(address, port, timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connected(last, port, timeout)

    def _connected(self, address: str, port: int, timeout: float | None) -> httpcore2.NetworkStream:
        seconds = self._allowance.left(timeout)
        return _Bounded(self._sockets.connect_tcp(address, port, seconds), self._allowance)


class _Bounded(httpcore2.NetworkStream):
    """A connection of which each step takes no longer than what is left of the allowance."""

    def __init__(self, stream: httpcore2.NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._allowance.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._allowance.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = self._allowance.left(timeout)
        return _Bounded(
            self._stream.start_tls(ssl_context, server_hostname, seconds), self._allowance
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
