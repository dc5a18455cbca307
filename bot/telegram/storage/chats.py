"""Knows which groups have become supergroups: their ids are others, and their messages' too.

A supergroup counts its messages from 1 again. So the ids of the group's messages are lowered where
they are stored under the supergroup's id: they stay in order, and no message has two meanings. See
"migrate_to_chat_id" under "Message" and "ResponseParameters" in the Bot API.
"""

from __future__ import annotations

import json

from bot.telegram.storage.store import Store

_LOWERED = 2**52
"""More than any message id."""


class Chats:
    """Reads and writes the changed ids of chats in the bot's tables."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def move(self, old: int, new: int) -> None:
        """Store that a group has become a supergroup. Move its conversations and answers there."""
        write = self._store.write
        with self._store.transaction():
            if not write("INSERT INTO moved_chats VALUES (?, ?) ON CONFLICT DO NOTHING", old, new):
                return
            for table in ("turns", "filters"):
                write(
                    f"UPDATE {table} SET chat_id = ?, message_id = message_id - ? "
                    "WHERE chat_id = ?",
                    new,
                    _LOWERED,
                    old,
                )
            for number, messages in self._store.rows(
                "SELECT id, messages FROM answers WHERE chat_id = ?", old
            ):
                write(
                    "UPDATE answers SET chat_id = ?, question_message = question_message - ?, "
                    "messages = ? WHERE id = ?",
                    new,
                    _LOWERED,
                    json.dumps([message - _LOWERED for message in json.loads(messages)]),
                    number,
                )
            write(
                "DELETE FROM wishes WHERE chat_id = ? AND thread_id IN "
                "(SELECT thread_id FROM wishes WHERE chat_id = ?)",
                new,
                old,
            )
            for table in ("topics", "news", "wishes"):
                write(f"UPDATE {table} SET chat_id = ? WHERE chat_id = ?", new, old)

    def now(self, chat_id: int) -> int:
        """Return the id that a chat has now."""
        return int(self._store.one("SELECT new FROM moved_chats WHERE old = ?", chat_id) or chat_id)

    def first(self, chat_id: int) -> int:
        """Return the id that a chat had at first."""
        return int(self._store.one("SELECT old FROM moved_chats WHERE new = ?", chat_id) or chat_id)

    def stored_id(self, chat_id: int, message_id: int) -> int:
        """Return the id under which a message that was received in a chat is stored."""
        return message_id if self.now(chat_id) == chat_id else message_id - _LOWERED
