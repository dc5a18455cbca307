"""A site on loopback that behaves as told, and names that lead to it and elsewhere."""

from __future__ import annotations

import gzip
import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from typing import Any, Self

from corpus.web.fetching import Fetcher
from tests.ports import QuietServer

NAME = "news.test"
Act = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Asked:
    """A request as it came. The names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Exchange:
    """One request, and ways to answer it."""

    asked: Asked
    handler: BaseHTTPRequestHandler
    leave: Event

    def begin(self, status: int = 200, **headers: str) -> None:
        """Send the head; `content_type` is Content-Type."""
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.begin(status, **{"content_length": str(len(data)), **headers})
        self.write(data)

    def write(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


class Site:
    """A site in threads: `with Site() as site: site.page("/a", "<p>words</p>")`.

    `requests` are those that came, `paths` their paths without those of robots.txt. What it has
    no page for is not found. `names` are the addresses that `resolve` gives for a name: a list, or
    lists to give one after the other, the last for all that follow.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Asked] = []
        self.names: dict[str, Any] = {
            NAME: ["127.0.0.1"],
            "other.test": ["127.0.0.1"],
            "evil.test": ["169.254.169.254"],
        }
        self.looked_up: list[str] = []
        self._acts: dict[str, Act] = {}
        self._leave = Event()
        self._scheme = "https" if tls else "http"
        self._server = QuietServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def __enter__(self) -> Self:
        Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.requests if asked.path != "/robots.txt"]

    def at(self, path: str, host: str = NAME) -> str:
        """The address of a path."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def page(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Have a page at a path, whose address is returned."""
        headers = {"content_type": "text/html; charset=utf-8", **headers}
        return self.act(path, lambda exchange: exchange.send(body, status, **headers))

    def act(self, path: str, act: Act) -> str:
        """Have requests for a path answered by an act; return its address."""
        self._acts[path] = act
        return self.at(path)

    def redirect(self, path: str, to: str, status: int = 301) -> str:
        """Have a path lead to another address, or path."""
        return self.act(path, lambda exchange: exchange.send(b"", status, location=to))

    def robots(self, *lines: str) -> None:
        """Have a robots.txt."""
        self.page("/robots.txt", "\n".join(lines), content_type="text/plain")

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        known = self.names.get(host)
        if not known:
            raise OSError(f"no address for {host}")
        if isinstance(known[0], str):
            return known
        return known.pop(0) if len(known) > 1 else known[0]

    def fetcher(self, **options: Any) -> Fetcher:
        """A fetcher that knows the names, may ask the site's two, and waits for nothing."""
        time = Time()
        allowed = {"hosts": [f"{NAME}:{self.port}", f"other.test:{self.port}"]}
        clocks = {"clock": time, "sleep": time.sleep}
        return Fetcher(**{"resolve": self.resolve, **allowed, **clocks, **options})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.path, headers)
                site.requests.append(asked)
                act = site._acts.get(self.path, _nothing)
                with suppress(OSError):  # the client has gone away
                    act(Exchange(asked, self, site._leave))
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@dataclass
class Time:
    """A clock that goes on only while somebody sleeps; `slept` are the seconds."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def tagged(body: str, etag: str = '"1"') -> Act:
    """A page that has not changed for whoever shows its ETag."""

    def act(exchange: Exchange) -> None:
        if exchange.asked.headers.get("if-none-match") == etag:
            exchange.begin(304, etag=etag)
        else:
            exchange.send(body, etag=etag, content_type="text/html")

    return act


def dated(body: str, modified: str) -> Act:
    """A page that has not changed for whoever shows its date."""

    def act(exchange: Exchange) -> None:
        if exchange.asked.headers.get("if-modified-since") == modified:
            exchange.begin(304)
        else:
            exchange.send(body, last_modified=modified, content_type="text/html")

    return act


def silent(exchange: Exchange) -> None:
    """Nothing at all."""
    exchange.leave.wait(60)


def trickling(exchange: Exchange) -> None:
    """A body whose bytes come one by one, for ever."""
    exchange.begin(content_type="text/html")
    while not exchange.leave.wait(0.02):
        exchange.write(b"x")


def trickling_head(exchange: Exchange) -> None:
    """Headers that have no end."""
    exchange.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not exchange.leave.wait(0.02):
        exchange.write(b"x")


def endless(exchange: Exchange) -> None:
    """A body without an end."""
    exchange.begin(content_type="text/html")
    while not exchange.leave.is_set():
        exchange.write(b"words " * 10_000)


def cut_gzip(exchange: Exchange) -> None:
    """A packed body that lacks its end."""
    exchange.send(gzip.compress(b"<p>some words</p>" * 100)[:-12], content_encoding="gzip")


def bomb(exchange: Exchange) -> None:
    """1 MB that unpacks to a gigabyte."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    exchange.begin(content_encoding="gzip", content_type="text/html")
    zeros = bytes(1 << 20)
    for _ in range(1024):
        exchange.write(packer.compress(zeros))
    exchange.write(packer.flush())


def cut_short(exchange: Exchange) -> None:
    """Fewer bytes than were promised."""
    exchange.begin(content_length="1000", content_type="text/html")
    exchange.write(b"<p>the beginning")


def _nothing(exchange: Exchange) -> None:
    exchange.send(b"not found", 404)
