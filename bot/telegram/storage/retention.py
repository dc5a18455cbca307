"""Deletes what is stored of people: when it is old, and at once for a person who asks for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bot.telegram.storage.quotas import Quotas
from bot.telegram.storage.store import Store
from retrieval.models.reply_cache import ReplyCache

_DAY = 86_400
_RESENT_DAYS = 8
"""Telegram counts update ids on for a week; see "update_id" under "Update" in the Bot API."""

_KEPT_IDS = 1000
"""Message ids of a chat that are known; a lost message is looked for among the newest."""


class Retention:
    """Deletes rows of the bot's tables, and the replies of models.

    What tells a repeated update from a new one, its id, is kept for 8 days. It names nobody.

    Args:
        store: the bot's tables.
        quotas: the questions of today.
        replies: the replies that models gave to questions. Whose they are is not known.
        days: how long questions, answers and feedback are kept.
    """

    def __init__(self, store: Store, quotas: Quotas, replies: ReplyCache, days: int) -> None:
        self._store = store
        self._quotas = quotas
        self._replies = replies
        self._days = days

    def forget(self, user_id: int) -> None:
        """Delete everything of a person, in every chat, from the disk too.

        All cached replies go with it: one may quote the person's question. An update that is
        still worked on stays until it has its outcome.

        Raises:
            ArchiveUnreadable: the cached replies cannot be deleted.
        """
        write = self._store.write
        self._replies.clear()
        with self._store.transaction():
            self._quotas.forget(user_id, datetime.now(UTC))
            write("DELETE FROM feedback WHERE user_id = ? OR author_id = ?", user_id, user_id)
            for table in ("turns", "answers", "filters", "topics", "news", "wishes"):
                write(f"DELETE FROM {table} WHERE user_id = ?", user_id)
            if self._store.database.engine == "postgres":
                for table in ("typed", "turned_away"):
                    write(f"DELETE FROM {table} WHERE user_id = ?", user_id)
            # A private chat has the person's id.
            write("DELETE FROM presses WHERE key LIKE ?", f"%:{user_id}:%")
            write(
                "DELETE FROM outbox WHERE replace(message, ' ', '') LIKE ? AND update_id IN "
                "(SELECT id FROM updates WHERE outcome IS NOT NULL)",
                f'{{"chat_id":{user_id},%',
            )
        self._store.compact()

    def prune(self) -> None:
        """Delete what has been kept for its time."""
        now, write = time.time(), self._store.write
        old = now - self._days * _DAY
        past = now - _RESENT_DAYS * _DAY
        closed = "SELECT id FROM updates WHERE outcome IS NOT NULL AND received < ?"
        with self._store.transaction():
            for table in ("turns", "answers"):
                write(f"DELETE FROM {table} WHERE at < ?", old)
            write(  # one stands as long as its conversation goes on
                "DELETE FROM filters WHERE at < ? AND (chat_id, thread_id, user_id) NOT IN "
                "(SELECT chat_id, thread_id, user_id FROM turns)",
                old,
            )
            day = datetime.fromtimestamp(old, UTC).isoformat(timespec="seconds")
            write("DELETE FROM feedback WHERE at < ?", day)
            write("DELETE FROM news WHERE update_id IS NOT NULL AND at < ?", max(old, past))
            write("DELETE FROM presses WHERE at < ?", max(old, past))
            write(f"DELETE FROM outbox WHERE update_id IN ({closed})", max(old, past))
            write("DELETE FROM updates WHERE outcome IS NOT NULL AND received < ?", past)
            write(
                "DELETE FROM message_ids WHERE message_id < (SELECT max(message_id) FROM "
                "message_ids AS newer WHERE newer.counter = message_ids.counter) - ?",
                _KEPT_IDS,
            )
            self._quotas.prune(datetime.now(UTC))
            if self._store.database.engine == "postgres":
                for table in ("pauses", "rates"):
                    write(f"DELETE FROM {table} WHERE until < ?", now - _DAY)
        self._store.compact()
        self._replies.prune()
