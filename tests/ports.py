"""Ports for servers that the tests start, and the HTTP server of those that play one."""

from __future__ import annotations

import socket
from http.server import ThreadingHTTPServer


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class QuietServer(ThreadingHTTPServer):
    """An HTTP server in a test's process, whose own errors are no part of a command's stderr."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off, or refuses the certificate, is no news."""
