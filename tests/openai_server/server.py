"""The server: each request is answered by the next act of its script, and written down."""

from __future__ import annotations

import json
import re
import select
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Thread
from typing import Any

from bot.settings import DEFAULT_MODEL
from tests.ports import QuietServer

Act = Callable[["Exchange"], None]


@dataclass
class Service:
    """`script` is played an act a request, its last act for all that follow.

    Whoever asks for the models is told `models`, unless there is an act for it in `listing`.
    `requests` are the bodies received; `left` is set when a client goes away in mid-reply, and
    `go_on` lets acts that wait go on.
    """

    url: str = ""
    script: list[Act] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": DEFAULT_MODEL}])
    listing: Act | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)

    def next_act(self) -> Act:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def asked(self, number: int = -1) -> str:
        """All that a request told and asked the model."""
        request = self.requests[number]
        return "\n".join(str(m["content"]) for m in request.get("messages") or request["input"])


@dataclass
class Exchange:
    """One request, and ways to answer it."""

    service: Service
    body: dict[str, Any]
    handler: BaseHTTPRequestHandler

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"content-type": "application/json"} | named).items():
            self.handler.send_header(name, value)
        self.handler.send_header("content-length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def send_json(self, status: int, value: object, **headers: str) -> None:
        self.send(status, json.dumps(value).encode(), **headers)

    def begin_stream(self) -> None:
        self.handler.send_response(200)
        self.handler.send_header("content-type", "text/event-stream")
        self.handler.send_header("transfer-encoding", "chunked")
        self.handler.end_headers()

    def raw(self, data: bytes) -> None:
        """Bytes of the stream, in a chunk of their own."""
        self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.handler.wfile.flush()

    def event(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.chunk(choices=[choice], **more)

    def chunk(self, **fields: Any) -> None:
        value = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.body["model"],
        }
        self.raw(b"data: " + json.dumps(value | fields).encode() + b"\n\n")

    def end_stream(self) -> None:
        self.raw(b"data: [DONE]\n\n")
        self.handler.wfile.write(b"0\r\n\r\n")

    def hang_up(self) -> None:
        self.handler.close_connection = True
        self.handler.wfile.flush()
        self.handler.connection.shutdown(2)

    def wait(self, seconds: float = 60) -> None:
        """Until the test says so, or the client has gone away."""
        for _ in range(int(seconds * 50)):
            if self.service.go_on.wait(0.02):
                return
            readable, _, _ = select.select([self.handler.connection], [], [], 0)
            if readable and not self.handler.connection.recv(1):
                self.service.left.set()
                raise ConnectionResetError


def lists(exchange: Exchange) -> None:
    """The service's models."""
    models = [
        {"object": "model", "created": 1, "owned_by": "me"} | m for m in exchange.service.models
    ]
    exchange.send_json(200, {"object": "list", "data": models})


USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


def says(text: str, *, size: int = 7, usage: bool = True, finish: str = "stop") -> Act:
    """Stream a text in pieces of some characters."""

    def act(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.event({"role": "assistant", "content": ""})
        for at in range(0, len(text), size):
            exchange.event({"content": text[at : at + size]})
        exchange.event({}, finish)
        if usage:
            exchange.chunk(choices=[], usage=USAGE)
        exchange.end_stream()

    return act


def says_whole(text: str, finish: str = "stop") -> Act:
    """A server that does not know how to stream."""

    def act(exchange: Exchange) -> None:
        message = {"role": "assistant", "content": text}
        exchange.send_json(
            200,
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": exchange.body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                "usage": USAGE,
            },
        )

    return act


def calls(*queries: str, **arguments: str) -> Act:
    """A model that calls the tool `search`, once for each query, with other arguments the same."""

    def act(exchange: Exchange) -> None:
        called = [
            {
                "id": f"call-{number}",
                "type": "function",
                "function": {
                    "name": "search",
                    "arguments": json.dumps({"query": query} | arguments),
                },
            }
            for number, query in enumerate(queries)
        ]
        message = {"role": "assistant", "content": None, "tool_calls": called}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        said = {"id": "x", "object": "chat.completion", "created": 1, "choices": [choice]}
        exchange.send_json(200, said | {"model": exchange.body["model"], "usage": USAGE})

    return act


def fails(status: int, code: str | None = None, message: str = "no", **headers: str) -> Act:
    """An error as OpenAI sends it; it repeats the key, as some servers do."""

    def act(exchange: Exchange) -> None:
        key = exchange.service.keys[-1]
        error = {"message": f"{message} ({key})", "type": "x", "param": None, "code": code}
        exchange.send_json(status, {"error": error}, **headers)

    return act


def after(text: str, then: Act) -> Act:
    """Stream a text, then do something else in the middle of the stream."""

    def act(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.event({"role": "assistant", "content": ""})
        for at in range(0, len(text), 7):
            exchange.event({"content": text[at : at + 7]})
        then(exchange)

    return act


def then_says(text: str) -> Act:
    """In the middle of a stream: wait until the test says so, then stream the rest of a reply."""

    def act(exchange: Exchange) -> None:
        exchange.wait()
        exchange.event({"content": text})
        exchange.event({}, "stop")
        exchange.end_stream()

    return act


def obeys(reply: Callable[[str], str]) -> Act:
    """A model that makes its reply of what it is asked."""

    def act(exchange: Exchange) -> None:
        exchange.service.requests[-1].setdefault("act", "obeys")
        said = "\n".join(str(m["content"]) for m in exchange.body["messages"])
        says(reply(said))(exchange)

    return act


def rules(verdict: Callable[[str], str], told: list[str] | None = None) -> Act:
    """A judge that says of each sentence what `verdict` makes of it."""

    def act(exchange: Exchange) -> None:
        asked = str(exchange.body["messages"][-1]["content"])
        found = re.findall(r"<sentence number=(\d+)>(.*?)</sentence>", asked)
        if told is not None:
            told.extend(sentence for _, sentence in found)
        rulings = [
            {"number": int(n), "problem": "it", "verdict": verdict(sentence)}
            for n, sentence in found
        ]
        says_whole(json.dumps({"rulings": rulings}))(exchange)

    return act


@contextmanager
def serving(certificate: tuple[Path, Path] | None = None) -> Iterator[Service]:
    """A server on a free port of 127.0.0.1; with a certificate and its key it speaks TLS."""
    service = Service(script=[says("The archive does not answer that.")])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.requests.append(body | {"path": self.path})
            self._play(service.next_act(), body)

        def do_GET(self) -> None:
            self._play(service.listing or lists, {})

        def _play(self, act: Act, body: dict[str, Any]) -> None:
            service.keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
            try:
                act(Exchange(service, body, self))
            except (ConnectionError, OSError):
                service.left.set()
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    service.url = f"{scheme}://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.go_on.set()
        server.shutdown()
        server.server_close()
