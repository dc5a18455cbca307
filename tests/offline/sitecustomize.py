"""The switch that keeps tests on this machine: Python runs it first in every process they start.

What would leave is refused, and written down in the file that `ATTEMPTS` names, so that the test
fails even if the program under test swallows the error. Looking a name up is the first step of
leaving.
"""

import os
import socket


def _refuse(what: object) -> None:
    if log := os.environ.get("ATTEMPTS"):
        with open(log, "a") as file:
            print(what, file=file)
    raise OSError(f"the network is off: {what}")


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    return host.startswith("127.") or host in ("::1", "localhost", "0.0.0.0", "::", "")


class Watched(socket.socket):
    def connect(self, address):
        return super().connect(address) if _is_here(address) else _refuse(address)

    def connect_ex(self, address):
        return super().connect_ex(address) if _is_here(address) else _refuse(address)

    def sendto(self, data, *rest):
        return super().sendto(data, *rest) if _is_here(rest[-1]) else _refuse(rest[-1])


def _getaddrinfo(host, *rest, _real=socket.getaddrinfo, **named):
    name = host.decode() if isinstance(host, bytes) else host
    return _real(host, *rest, **named) if _is_here((name or "::1",)) else _refuse(name)


def _gethostbyname(host, _real=socket.gethostbyname):
    return _real(host) if _is_here((host,)) else _refuse(host)


if socket.socket.__name__ != "Watched":
    socket.socket = Watched  # type: ignore[misc]
    socket.getaddrinfo = _getaddrinfo
    socket.gethostbyname = _gethostbyname
