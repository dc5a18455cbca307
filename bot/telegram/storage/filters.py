"""Stores what people have narrowed their conversations to."""

from __future__ import annotations

import time
from dataclasses import astuple

from bot.telegram.storage.conversations import Place
from bot.telegram.storage.store import Store
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.search.syntax import filters_in, written

_KEPT = 10
"""Filters of a conversation that are kept: questions that still wait were asked under earlier ones.
"""


class ChatFilters:
    """Reads and writes the filters of conversations in the bot's tables, as people type them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, place: Place, message_id: int) -> Filters:
        """Return the filter that stood in a conversation when a message was written."""
        found = self._store.one(
            "SELECT filters FROM filters WHERE chat_id = ? AND thread_id = ? AND user_id = ? "
            "AND message_id < ? ORDER BY message_id DESC LIMIT 1",
            *astuple(place),
            message_id,
        )
        return filters_in(found) if found else EVERYTHING

    def set(self, place: Place, message_id: int, filters: Filters) -> None:
        """Store the filter that a message sets, or ends."""
        with self._store.transaction():
            self._store.write(
                "INSERT INTO filters (chat_id, thread_id, user_id, message_id, filters, at) "
                "VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (chat_id, thread_id, user_id, message_id) "
                "DO UPDATE SET filters = excluded.filters, at = excluded.at",
                *astuple(place),
                message_id,
                written(filters),
                time.time(),
            )
            self._store.write(
                "DELETE FROM filters WHERE chat_id = ? AND thread_id = ? AND user_id = ? AND "
                "message_id NOT IN (SELECT message_id FROM filters WHERE chat_id = ? AND "
                "thread_id = ? AND user_id = ? ORDER BY message_id DESC LIMIT ?)",
                *astuple(place),
                *astuple(place),
                _KEPT,
            )
