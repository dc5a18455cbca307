"""A model's replies in a file, and a server that gives them again. Pure but for file and socket.

The first line of a file says which model it was: see `Model`. Each further line is a reply, with
the key of the request that it answers, in the pieces in which it was streamed. Of what a server
sends nothing else is kept: no host, no key, no id, no time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.openai_server.server import Exchange, serving

_TRANSPORT = {"stream", "stream_options", "path"}
"""Of a request, what changes how the reply is sent, and not the reply."""

Body = Mapping[str, Any]


class NotRecorded(Exception):
    """A request was made to which there is no reply in the file; one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """What replied: `name` as requests have it, and what is known of it.

    `parameters` is their number, `file_bytes` the size of its file (0 where not known);
    `versions` are those of what ran it; `recorded` is a date.
    """

    name: str
    title: str
    recorded: str
    parameters: int = 0
    quantisation: str = ""
    file: str = ""
    file_bytes: int = 0
    versions: dict[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, str]:
        """What a baseline says of it."""
        return {
            "model": self.title,
            "model.parameters": f"{self.parameters:,}" if self.parameters else "unknown",
            "model.quantisation": self.quantisation or "unknown",
            "model.bytes": f"{self.file_bytes:,}" if self.file_bytes else "unknown",
            "model.recorded": self.recorded,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """A streamed reply: to which question's request, its pieces, why it ended, and its tokens."""

    key: str
    question: str
    pieces: tuple[str, ...]
    finish: str
    usage: dict[str, int]


def key_of(body: Body) -> str:
    """The hash of a request's model, messages and parameters: 16 hexadecimal digits."""
    asked = {name: value for name, value in body.items() if name not in _TRANSPORT}
    text = json.dumps(asked, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_replies(path: Path) -> tuple[Model, dict[str, Reply]]:
    """The model and, by key, the replies that a file holds."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    replies = [Reply(**(fields | {"pieces": tuple(fields["pieces"])}))
               for fields in map(json.loads, lines)]  # fmt: skip
    return Model(**json.loads(head)), {reply.key: reply for reply in replies}


def write_replies(path: Path, model: Model, replies: Mapping[str, Reply]) -> None:
    """Put a model's replies into a file, in their order."""
    written: list[Model | Reply] = [model, *replies.values()]
    lines = [json.dumps(asdict(it), ensure_ascii=False) for it in written]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class Replayer:
    """A server's only act: gives the reply that is kept, or gets it and keeps it.

    `used` holds the keys of the requests that were made. A request that cannot be answered is
    refused, and `problem` says why from then on.
    """

    replies: dict[str, Reply]
    fetch: Callable[[Body], Reply] | None = None
    used: dict[str, None] = field(default_factory=dict)
    problem: str = ""

    def __call__(self, exchange: Exchange) -> None:
        """Answer a request."""
        key = key_of(exchange.body)
        try:
            reply = self.replies.get(key) or self._fetched(exchange.body)
        except NotRecorded as error:
            self.problem = str(error)
            exchange.send_json(400, {"error": {"message": self.problem, "type": "replay"}})
            return
        self.used[key] = None
        exchange.begin_stream()
        exchange.event({"role": "assistant", "content": ""})
        for piece in reply.pieces:
            exchange.event({"content": piece})
        exchange.event({}, reply.finish)
        exchange.chunk(choices=[], usage=reply.usage)
        exchange.end_stream()

    def _fetched(self, body: Body) -> Reply:
        if self.fetch is None:
            raise NotRecorded(
                "There is no reply to this request: its prompt, its passages or a parameter is "
                "not as it was recorded. If that is meant to be, re-record with `make record`."
            )
        reply = self.fetch(body)
        self.replies[reply.key] = reply
        return reply

    @contextmanager
    def listening(self) -> Iterator[str]:
        """A server on a free port of 127.0.0.1; gives its address."""
        with serving() as service:
            service.script = [self]
            yield service.url
