"""A SOCKS5 proxy on loopback (RFC 1928), which takes every name for 127.0.0.1."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class Socks:
    """`asked` are the hosts that connections were asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxying() -> Iterator[Socks]:
    """Run a proxy on a free port."""
    socks = Socks()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            _, methods = self.rfile.read(2)
            self.rfile.read(methods)
            self.wfile.write(b"\x05\x00")  # no authentication
            _, _, _, kind = self.rfile.read(4)
            length = {1: 4, 4: 16}.get(kind) or self.rfile.read(1)[0]
            host = self.rfile.read(length)
            socks.asked.append(host.decode() if kind == 3 else socket.inet_ntoa(host))
            port = int.from_bytes(self.rfile.read(2), "big")
            with socket.create_connection(("127.0.0.1", port)) as onward:
                self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
                back = Thread(target=_copy, args=(onward, self.connection), daemon=True)
                back.start()
                _copy(self.connection, onward)
                back.join()

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    socks.url = f"socks5://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield socks
    finally:
        server.shutdown()
        server.server_close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
