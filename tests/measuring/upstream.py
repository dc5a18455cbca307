"""A model's server, asked for the replies that are recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.measuring.replies import Body, NotRecorded, Reply, key_of

SECONDS = 600
"""Limit for one reply: a small model without a graphics card may take minutes."""


@dataclass
class Upstream:
    """The server whose replies are recorded; `question` is the id of the question being asked."""

    url: str
    key: str = ""
    question: str = ""

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def fetch(self, body: Body) -> Reply:
        """Send a request on and return the reply.

        Raises:
            NotRecorded: the server refuses it, or does not stream.
        """
        pieces: list[str] = []
        finish = ""
        usage: dict[str, Any] = {}
        with httpx2.stream(
            "POST",
            f"{self.url}/chat/completions",
            json=body,
            headers=self._headers,
            timeout=SECONDS,
        ) as response:
            if response.status_code != 200:
                raise NotRecorded(f"The model's server answered HTTP {response.status_code}.")
            for chunk in _events(response.iter_lines()):
                for choice in chunk.get("choices", ()):
                    pieces += filter(None, [choice["delta"].get("content")])
                    finish = choice.get("finish_reason") or finish
                usage = chunk.get("usage") or usage
        if not finish:
            raise NotRecorded("The model's server broke off, or does not stream.")
        counted = {name: usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens")}
        counted["total_tokens"] = sum(counted.values())
        return Reply(key_of(body), self.question, tuple(pieces), finish, counted)


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data != "[DONE]":
            yield json.loads(data)
