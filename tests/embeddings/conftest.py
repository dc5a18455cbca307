"""An embeddings service on loopback that speaks OpenAI's protocol, and misbehaves on request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any

import pytest

from tests.ports import QuietServer

DIMENSIONS = 32


@dataclass
class Service:
    """`requests` are the bodies received; `faults` are given out before real answers.

    A request of more than `most` texts is refused with `too_many`, one for base64 if `floats_only`;
    `spoil` changes the vectors of a reply.
    """

    url: str = ""
    most: int = 10_000
    too_many: int = 413
    floats_only: bool = False
    spoil: Callable[[list[list[float]]], list[list[float]]] = list
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def vector(text: str) -> list[float]:
    """Words hashed into buckets: alike texts get alike vectors."""
    counts = [0.01] * DIMENSIONS
    for word in text.lower().split():
        counts[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
    return counts


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body | {"path": self.path})
            status, headers = state.faults.pop(0) if state.faults else (200, {})
            if status == 0:  # hang up without a word
                self.close_connection = True
                return
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            vectors = state.spoil([vector(text) for text in texts])
            answer: dict[str, Any] = {
                "object": "list",
                "model": body["model"],
                "data": [
                    {"object": "embedding", "index": i, "embedding": numbers}
                    for i, numbers in enumerate(vectors)
                ],
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
            said = "no: sk-secret"
            if len(texts) > state.most:
                status, said = state.too_many, f"batch size {len(texts)} > maximum {state.most}"
            elif state.floats_only and body.get("encoding_format") == "base64":
                status, said = 400, "encoding_format base64 is not supported"
            if status != 200:
                answer = {"error": {"message": said, "type": "x", "code": None}}
            payload = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
