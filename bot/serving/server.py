"""Runs the application in this process until a signal."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bot.serving.patience import ImpatientProtocol
from retrieval.errors import NewsdeskError

GRACE = 10
"""Seconds that running answers get when the server is stopped."""
MOST_CONNECTIONS = 512
"""Connections at once; requests on more are answered with 503."""


class CannotListen(NewsdeskError):
    """The server cannot listen at an address."""


class _Server(uvicorn.Server):
    """A server for which a signal is the ordinary end, not an error of the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM while inside."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; port 0 takes a free one.

    Raises:
        CannotListen: the port is taken, or the address is none of this machine's.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address, family=family, backlog=MOST_CONNECTIONS)
    except (OSError, UnicodeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise CannotListen(
                f"Port {port} of {host} is taken: stop what listens there, or name another with "
                "--port."
            ) from None
        reason = getattr(error, "strerror", None) or error
        raise CannotListen(f"{host}, port {port}, cannot be listened at: {reason}.") from None


def address_of(listener: socket.socket, host: str) -> str:
    """Return the address under which a browser finds what listens."""
    port = listener.getsockname()[1]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; then answers that run may end, and no more are taken."""
    _Server(configured(app)).run(sockets=[listener])


def configured(app: FastAPI) -> uvicorn.Config:
    """Return how an application is served: nothing is logged of requests, connections are few."""
    return uvicorn.Config(
        app,
        lifespan="on",
        http=ImpatientProtocol,
        loop="asyncio",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=MOST_CONNECTIONS,
    )
