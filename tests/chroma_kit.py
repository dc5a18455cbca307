"""A real Chroma server, and a gate before it that lets through, refuses or is slow."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Thread

import httpx

from tests.ports import QuietServer, free_port

Reply = tuple[int, str, bytes]
"""Status, content type and body."""


class ServerProcess:
    """`chroma run` over a folder, which can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(Path(sys.executable).with_name("chroma"), "run", "--path", self.folder),
                *("--host", "127.0.0.1", "--port", str(self.port)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "chroma run ended"
            assert time.monotonic() < deadline
            time.sleep(0.02)

    @property
    def process(self) -> int:
        """Return its process id."""
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def chroma_running(folder: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Gate:
    """An HTTP server that passes requests on, unless `answer` has an answer of its own.

    It notes the headers of each request in `seen`. While `held` is set, it does not answer, and
    `breaks` connections are cut without an answer.
    """

    def __init__(self, behind: str, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[dict[str, str]] = []
        self.answer: Callable[[str], Reply | None] = lambda path: None
        self.held = False
        self.breaks = 0
        self._over = Event()
        self._server = QuietServer(("127.0.0.1", 0), self._handler(behind))
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Gate:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, behind: str) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                gate.seen.append({name.lower(): value for name, value in self.headers.items()})
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if gate.held:
                    gate._over.wait()
                    return
                if gate.breaks:
                    gate.breaks -= 1
                    self.close_connection = True
                    return
                status, kind, content = gate.answer(self.path) or self.passed_on(body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def passed_on(self, body: bytes) -> Reply:
                told = httpx.request(
                    self.command,
                    behind + self.path,
                    content=body,
                    headers={"Content-Type": "application/json"},
                    trust_env=False,
                    timeout=30,
                )
                return told.status_code, told.headers.get("content-type", ""), told.content

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler
