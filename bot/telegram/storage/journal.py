"""Stores updates and outgoing messages on disk, so that a restart loses and repeats nothing.

An update is stored before Telegram is told that it arrived. If it arrives twice, after a restart
too, its id shows that. All messages in reply to an update are stored before the first is sent. So
a process that was killed at any point knows at its next start what is left to do.

The state of a message in the outbox is `waiting`, `sending` (it may or may not have arrived),
`sent` or `lost`. A message to delete is in state `delete`, then `deleted`. A `preview` shows an
answer that is being written; the answer replaces it. Until its id is known, it may or may not have
arrived.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count, islice
from typing import Any

from bot.telegram.storage.chats import Chats
from bot.telegram.storage.queue import Queue
from bot.telegram.storage.store import Store

_LEAST_GROUP = -1_000_000_000_000
_UNSURE = "state IN ('sending', 'preview') AND message_id IS NULL"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send, or to edit into the message with id `replaces`.

    `entities` and `keyboard` are the Bot API's "MessageEntity" and "InlineKeyboardMarkup" as
    JSON objects. `message_id` is known once the message is sent. `floor` is the largest message
    id known before the first attempt to send it: it arrives under a larger one.
    """

    chat_id: int
    text: str
    entities: tuple[dict[str, Any], ...] = ()
    thread_id: int | None = None
    reply_to: int | None = None
    keyboard: dict[str, Any] | None = None
    replaces: int | None = None
    state: str = "waiting"
    message_id: int | None = None
    floor: int = 0

    def moved(self, chat_id: int) -> Outgoing:
        """Return the message for a supergroup, in which the group's messages do not exist."""
        shown = self.message_id if self.state == "sent" else None
        return replace(
            self, chat_id=chat_id, thread_id=None, reply_to=None, replaces=None, message_id=shown
        )


class Journal:
    """The updates and the outbox of one bot.

    Args:
        store: the bot's tables.
        bot_id: the id of the bot's user. If they hold updates of another bot, they are
            deleted: ids count per bot.
        queue: what deals the updates out, where several processes share them. Then nothing is
            stored of an update that another process has: `begin`, `plan`, `mark`, `drop` and
            `finish` raise ClaimLost.
    """

    def __init__(self, store: Store, bot_id: int, queue: Queue | None = None) -> None:
        self._store = store
        self._queue = queue
        self.chats = Chats(store)
        if store.fact("bot") not in (None, str(bot_id)):
            with store.transaction():
                store.write("DELETE FROM outbox")
                store.write("DELETE FROM updates")
                store.write("DELETE FROM message_ids")
                if queue:
                    queue.clear()
        store.set_fact("bot", str(bot_id))

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context manager that stores everything written inside it, or nothing."""
        return self._store.transaction()

    def add(self, update_id: int, raw: dict[str, Any]) -> bool:
        """Store an update as Telegram sent it. Return False if it was stored before."""
        return bool(
            self._store.write(
                "INSERT INTO updates (id, received, raw) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                update_id,
                time.time(),
                json.dumps(raw),
            )
        )

    def add_all(self, updates: Sequence[tuple[int, dict[str, Any]]]) -> list[int]:
        """Store (id, update) pairs in one transaction. Return the ids that are new."""
        with self._store.transaction():
            return [number for number, raw in updates if self.add(number, raw)]

    def add_own(self, chat_id: int, thread_id: int, user_id: int) -> int:
        """Store an update of the bot's own, which nobody sent: a message of news to a chat.

        Its id is below 0, and is returned.
        """
        with self._store.transaction():
            number = int(self._store.fact("own") or 0) - 1
            self._store.set_fact("own", str(number))
            place = {"chat_id": chat_id, "thread_id": thread_id or None, "user_id": user_id}
            self.add(number, {"own": place})
            if self._queue:
                self._queue.put(number, str(self.chats.first(chat_id)), urgent=False)
        return number

    def require(self, update_id: int) -> None:
        """Check that no other process has an update.

        Raises:
            ClaimLost: one has it, or had it and is done with it.
        """
        if self._queue:
            self._queue.require(update_id)

    @contextmanager
    def _claimed(self, update_id: int) -> Iterator[None]:
        """Store what is written inside, if no other process has the update."""
        if self._queue is None:
            yield
            return
        with self._store.transaction():
            self._queue.require(update_id)
            yield

    def raw(self, update_id: int) -> dict[str, Any]:
        """Return an update as it was stored; nothing is left of one that has its outcome."""
        raw = self._store.one("SELECT raw FROM updates WHERE id = ?", update_id)
        return dict(json.loads(raw or "{}"))

    def open(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the (id, update) pairs without an outcome yet, in order.

        Those come first whose message may have arrived: it must be found before another is sent.
        """
        rows = self._store.rows(
            "SELECT id, raw FROM updates WHERE outcome IS NULL ORDER BY (SELECT min(floor) "
            f"FROM outbox WHERE update_id = id AND {_UNSURE}) NULLS LAST, id"
        )
        return [(number, json.loads(raw)) for number, raw in rows]

    def oldest_open(self) -> float | None:
        """Return when the oldest update arrived that has no outcome yet, or None."""
        oldest = self._store.one("SELECT min(received) FROM updates WHERE outcome IS NULL")
        return None if oldest is None else float(oldest)

    def is_open(self, update_id: int) -> bool:
        """Return whether an update has no outcome yet."""
        return bool(self._store.one("SELECT outcome IS NULL FROM updates WHERE id = ?", update_id))

    def begin(self, update_id: int) -> int:
        """Count one more attempt at an update and return how many there have been."""
        with self._claimed(update_id):
            self._store.write("UPDATE updates SET attempts = attempts + 1 WHERE id = ?", update_id)
            return int(self._store.one("SELECT attempts FROM updates WHERE id = ?", update_id) or 1)

    def finish(
        self,
        update_id: int,
        outcome: str,
        *,
        ms: int | None = None,
        cost_usd: float | None = None,
        cause: str | None = None,
    ) -> None:
        """Store an update's outcome, such as `answered`, and delete its text and its replies'.

        Args:
            update_id: the update.
            outcome: what became of it.
            ms: how long that took.
            cost_usd: what a model cost.
            cause: the kind of error, if there was one.
        """
        with self._store.transaction():
            if self._queue:
                self._queue.close(update_id)
            self._store.write(
                "UPDATE updates SET outcome = ?, ms = ?, cost_usd = ?, cause = ?, raw = '{}' "
                "WHERE id = ?",
                outcome,
                ms,
                cost_usd,
                cause,
                update_id,
            )
            for ordinal, message in self._store.rows(
                "SELECT ordinal, message FROM outbox WHERE update_id = ?", update_id
            ):
                emptied = json.loads(message) | {"text": "", "entities": [], "keyboard": None}
                self._store.write(
                    "UPDATE outbox SET message = ? WHERE update_id = ? AND ordinal = ?",
                    json.dumps(emptied),
                    update_id,
                    ordinal,
                )

    def plan(self, update_id: int, messages: Sequence[Outgoing]) -> int:
        """Append messages to an update's outbox. Return the first one's position."""
        with self._store.transaction(), self._claimed(update_id):
            first = self._store.one(
                "SELECT coalesce(max(ordinal), -1) + 1 FROM outbox WHERE update_id = ?", update_id
            )
            for ordinal, message in enumerate(messages, start=int(first)):
                self._store.write(
                    "INSERT INTO outbox (update_id, ordinal, message, state, message_id, floor) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    update_id,
                    ordinal,
                    json.dumps(asdict(message)),
                    message.state,
                    message.message_id,
                    message.floor,
                )
            return int(first)

    def outbox(self, update_id: int) -> list[Outgoing]:
        """Return the messages of an update's outbox, in order, with the ids of chats today."""
        rows = self._store.rows(
            "SELECT message, state, message_id, floor FROM outbox WHERE update_id = ? "
            "ORDER BY ordinal",
            update_id,
        )
        return [
            self._today(
                replace(
                    Outgoing(**json.loads(message)), state=state, message_id=message_id, floor=floor
                )
            )
            for message, state, message_id, floor in rows
        ]

    def _today(self, message: Outgoing) -> Outgoing:
        chat = self.chats.now(message.chat_id)
        return message if chat == message.chat_id else message.moved(chat)

    def mark(
        self,
        update_id: int,
        ordinal: int,
        state: str,
        message_id: int | None = None,
        floor: int | None = None,
    ) -> None:
        """Store a message's new state, and its id and floor if they are known."""
        with self._claimed(update_id):
            self._store.write(
                "UPDATE outbox SET state = ?, message_id = coalesce(?, message_id), "
                "floor = coalesce(?, floor) WHERE update_id = ? AND ordinal = ?",
                state,
                message_id,
                floor,
                update_id,
                ordinal,
            )

    def drop(self, update_id: int, ordinal: int) -> None:
        """Delete the last message of an update's outbox."""
        with self._claimed(update_id):
            self._store.write(
                "DELETE FROM outbox WHERE update_id = ? AND ordinal = ?", update_id, ordinal
            )

    def saw(self, chat_id: int, message_id: int) -> None:
        """Store the id of a message whose sender is known."""
        self._store.write(
            "INSERT INTO message_ids VALUES (?, ?) ON CONFLICT DO NOTHING",
            _counter(chat_id),
            message_id,
        )

    def newest(self, chat_id: int) -> int:
        """Return the largest id known of the counter that a chat's messages get theirs from."""
        newest = self._store.one(
            "SELECT max(message_id) FROM message_ids WHERE counter = ?", _counter(chat_id)
        )
        return int(newest or 0)

    def unknown_ids(self, chat_id: int, floor: int, most: int) -> list[int]:
        """Return the first ids above `floor` that no known message has: a lost one has one."""
        known = {
            number
            for (number,) in self._store.rows(
                "SELECT message_id FROM message_ids WHERE counter = ? AND message_id > ?",
                _counter(chat_id),
                floor,
            )
        }
        return list(islice((n for n in count(floor + 1) if n not in known), most if floor else 0))

    def once(self, key: str) -> bool:
        """Return True for the first call with a key, and False afterwards, after a restart too."""
        return bool(
            self._store.write(
                "INSERT INTO presses VALUES (?, ?) ON CONFLICT DO NOTHING", key, time.time()
            )
        )


def _counter(chat_id: int) -> int:
    """Return the counter of a chat's message ids: a bot's private chats and groups share one.

    Supergroups and channels have their own; see "Bot API dialog IDs" in Telegram's API.
    """
    return chat_id if chat_id < _LEAST_GROUP else 0
