"""What the bot requested, and what its users see."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.botapi.judge import cut


@dataclass(frozen=True)
class Request:
    """One request of the bot. `status` is what was answered; 0 if the connection was dropped."""

    method: str
    params: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    status: int = 200
    injected: bool = False

    @property
    def chat(self) -> Any:
        return self.params.get("chat_id")


@dataclass(frozen=True)
class Version:
    """A message's text from some time on."""

    at: float
    text: str


@dataclass(frozen=True)
class Draft:
    """A preview of a message in the making."""

    at: float
    draft_id: int
    text: str
    raw: dict[str, Any]


class Shown:
    """A message as its chat shows it: `raw` is today's, in the Bot API's form."""

    def __init__(self, raw: dict[str, Any], *, by_bot: bool) -> None:
        self.raw = raw
        self.by_bot = by_bot
        self.versions = [Version(time.monotonic(), self.text)]
        self.deleted_at: float | None = None
        self.reactions: list[str] = []
        self.update_id = 0

    @property
    def id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        return int(self.raw["chat"]["id"])

    @property
    def at(self) -> float:
        """When it appeared."""
        return self.versions[0].at

    @property
    def text(self) -> str:
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def visible(self) -> bool:
        return self.deleted_at is None

    @property
    def reply_to(self) -> int | None:
        replied = self.raw.get("reply_to_message")
        return int(replied["message_id"]) if replied else None

    @property
    def thread(self) -> int | None:
        return self.raw.get("message_thread_id")

    @property
    def entities(self) -> list[dict[str, Any]]:
        return list(self.raw.get("entities", ()))

    def spans(self, kind: str) -> list[str]:
        """The stretches of text that have an entity of a kind."""
        return [
            cut(self.text, e["offset"], e["length"]) for e in self.entities if e["type"] == kind
        ]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Linked text and where it leads."""
        return [
            (cut(self.text, e["offset"], e["length"]), e["url"])
            for e in self.entities
            if e["type"] == "text_link"
        ]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons under it, row by row."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", ())
        return [button for row in rows for button in row]

    def button(self, *words: str) -> dict[str, Any]:
        """The first button with one of the words in its text."""
        for button in self.buttons:
            if any(word.casefold() in button["text"].casefold() for word in words):
                return button
        raise AssertionError(f"no button {words} among {[b['text'] for b in self.buttons]}")

    def change(self, raw: dict[str, Any]) -> None:
        """It is edited."""
        before = self.text
        self.raw = raw
        if self.text != before:
            self.versions.append(Version(time.monotonic(), self.text))

    def __repr__(self) -> str:
        gone = "" if self.visible else " (deleted)"
        return f"<{'bot' if self.by_bot else 'user'} {self.chat_id}/{self.id}{gone}: {self.text!r}>"
