"""Reads updates as Telegram sent them, and closes those from which nothing follows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update, User
from telegram.ext import ExtBot

from bot.telegram.storage.journal import Journal
from bot.telegram.transport.parsing import Incoming, migration, parse_update
from retrieval.errors import ArchiveUnreadable

_log = logging.getLogger("newsdesk.telegram")

_TOO_LARGE = 2**63


@dataclass(frozen=True, slots=True)
class UpdateReader:
    """Reads the updates of a bot whose own user is `me`."""

    bot: ExtBot[Any]
    me: User
    journal: Journal

    def parse(self, number: int, raw: dict[str, Any]) -> Incoming | None:
        """Parse an update, of the bot's own too; return None if the bot should ignore it."""
        if own := raw.get("own"):
            private = own["chat_id"] == own["user_id"]
            return Incoming(number, "news", **own, private=private)
        return parse_update(Update.de_json(raw, self.bot), self.me)

    def read(self, number: int, raw: dict[str, Any]) -> Incoming | None:
        """Parse an update and store what it tells of its chat; close it if nothing else follows.

        Raises:
            ArchiveUnreadable: the store cannot be used.
        """
        try:
            incoming = self.parse(number, raw)
            message = None if "own" in raw else Update.de_json(raw, self.bot).message
            _require_storable(incoming, message)
            if message is not None:
                self.journal.saw(message.chat.id, message.message_id)
                if moved := migration(message):
                    self.journal.chats.move(*moved)
        except ArchiveUnreadable:
            raise
        except Exception as error:  # a malformed update must not keep the next one waiting
            _log.warning("update %d cannot be read (%s)", number, type(error).__name__)
            self.journal.finish(number, "unreadable")
            return None
        if incoming is None:
            self.journal.finish(number, "ignored")
        return incoming

    def chat(self, incoming: Incoming) -> str:
        """Return the key of what one process at a time works on: a chat, or who types inline."""
        if incoming.chat_id is None:
            return f"inline {incoming.user_id}"
        return str(self.journal.chats.first(incoming.chat_id))


def _require_storable(incoming: Incoming | None, message: Message | None) -> None:
    """Check that the numbers of an update fit into the tables.

    Raises:
        OverflowError: one does not.
    """
    numbers: list[int | None] = []
    if incoming:
        numbers += [incoming.user_id, incoming.chat_id, incoming.thread_id, incoming.message_id]
    if message:
        numbers += [message.chat.id, message.message_id]
    if any(abs(number or 0) >= _TOO_LARGE for number in numbers):
        raise OverflowError("a number is too large")
