"""The queue of updates, and the forms of what people do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from aiogram.types import Update

from tests.telegram.botapi.judge import units

_BY_DEFAULT_WITHHELD = {"chat_member", "message_reaction", "message_reaction_count"}
_MARKED = re.compile(
    r"(?P<bot_command>(?<!\S)/\w+(?:@\w+)?)|(?P<mention>(?<!\w)@\w{3,})|(?P<url>https?://\S+)"
)


class Queue:
    """Updates that the bot has not confirmed yet. Used in the server's thread or under its lock."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.once_more: list[dict[str, Any]] = []
        self.allowed: list[str] = []
        self.last_id = 700_000_000
        self.fresh = asyncio.Event()

    def add(self, kind: str, content: Mapping[str, Any]) -> int:
        """Queue an update of a kind that the bot asked for; returns its number."""
        self.last_id += 1
        update = {"update_id": self.last_id, kind: dict(content)}
        checked = Update.model_validate(update)
        assert not checked.model_extra, f"an update that Telegram does not send: {update}"
        assert checked.event_type == kind
        wanted = kind in self.allowed if self.allowed else kind not in _BY_DEFAULT_WITHHELD
        if wanted:
            self.pending.append(update)
        return self.last_id

    def add_broken(self) -> int:
        """Queue an update that no library can parse."""
        self.last_id += 1
        self.pending.append({"update_id": self.last_id, "message": {"message_id": "x", "date": []}})
        return self.last_id

    def confirm(self, offset: int) -> None:
        """Forget the updates before an offset; a negative one counts from the end."""
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    def take(self, limit: int) -> list[dict[str, Any]]:
        """What a poll gets; it stays until it is confirmed."""
        again, self.once_more = self.once_more, []
        return (again + self.pending)[:limit]


def marked(text: str) -> list[dict[str, Any]]:
    """The entities that Telegram finds in what a user types: commands, mentions, addresses."""
    return [
        {
            "type": str(found.lastgroup),
            "offset": units(text[: found.start()]),
            "length": units(found.group()),
        }
        for found in _MARKED.finditer(text)
    ]
