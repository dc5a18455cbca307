"""What has arrived and what has gone out, on disk before either is believed.

An update is written down before Telegram is told that it arrived; its number makes a second
arrival void, after a restart too. What is to be sent for it is written down, whole, before the
first message is sent. So a process killed at any point knows at its next start what is left.

A message in the outbox is `waiting`, `sending` (it may or may not have arrived), `sent` or `lost`;
one that is to be taken away is in state `delete`, and `deleted` then. A `preview` shows an answer
in the making, which the answer will replace.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.telegram.storage.store import Store

_KEPT_SECONDS = 8 * 86_400
"""Longer than the week for which Telegram counts updates on."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send, or to put in the place of message `replaces`.

    `entities` and `keyboard` are the Bot API's own objects; `message_id` is known once sent;
    `floor` is the newest message known in the chat when it was first tried.
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


class Journal:
    """The updates and the outbox of one bot.

    Args:
        store: the file.
        bot_id: whose updates they are; those of another bot, whose numbers mean nothing here,
            are dropped.
    """

    def __init__(self, store: Store, bot_id: int) -> None:
        self._store = store
        if store.fact("bot") not in (None, str(bot_id)):
            with store.transaction():
                store.write("DELETE FROM outbox")
                store.write("DELETE FROM updates")
                store.write("DELETE FROM seen_messages")
        store.set_fact("bot", str(bot_id))

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written down inside, or nothing of it."""
        return self._store.transaction()

    def add(self, update_id: int, raw: dict[str, Any]) -> bool:
        """Write an update down; False if it has been here before."""
        return bool(
            self._store.write(
                "INSERT OR IGNORE INTO updates (id, received, raw) VALUES (?, ?, ?)",
                update_id,
                time.time(),
                json.dumps(raw),
            )
        )

    def add_all(self, updates: Sequence[tuple[int, dict[str, Any]]]) -> list[int]:
        """Write updates down at once; returns the numbers of those that are new."""
        with self._store.transaction():
            return [number for number, raw in updates if self.add(number, raw)]

    def open(self) -> list[tuple[int, dict[str, Any]]]:
        """The updates that have not had their effect, in order."""
        rows = self._store.rows("SELECT id, raw FROM updates WHERE outcome IS NULL ORDER BY id")
        return [(number, json.loads(raw)) for number, raw in rows]

    def begin(self, update_id: int, user_id: int | None) -> int:
        """Note that work on an update begins; returns the how-manieth time this is."""
        self._store.write(
            "UPDATE updates SET attempts = attempts + 1, user_id = ? WHERE id = ?",
            user_id,
            update_id,
        )
        return int(self._store.one("SELECT attempts FROM updates WHERE id = ?", update_id) or 1)

    def finish(self, update_id: int, outcome: str) -> None:
        """Note that an update has had its effect; its text is not kept."""
        with self._store.transaction():
            self._store.write(
                "UPDATE updates SET outcome = ?, raw = '{}' WHERE id = ?", outcome, update_id
            )
            self._store.write(
                "UPDATE outbox SET message = json_set(message, '$.text', '', '$.entities', "
                "json('[]'), '$.keyboard', NULL) WHERE update_id = ?",
                update_id,
            )

    def prune(self) -> None:
        """Drop what is too old to arrive again."""
        past = time.time() - _KEPT_SECONDS
        old = "SELECT id FROM updates WHERE outcome IS NOT NULL AND received < ?"
        with self._store.transaction():
            self._store.write(f"DELETE FROM outbox WHERE update_id IN ({old})", past)
            self._store.write(f"DELETE FROM updates WHERE id IN ({old})", past)
            self._store.write("DELETE FROM presses WHERE at < ?", past)

    def plan(self, update_id: int, messages: Sequence[Outgoing]) -> None:
        """Write down what is to be sent for an update, in order, behind what is there."""
        with self._store.transaction():
            first = self._store.one(
                "SELECT coalesce(max(ordinal), -1) + 1 FROM outbox WHERE update_id = ?", update_id
            )
            for ordinal, message in enumerate(messages, start=int(first)):
                self._store.write(
                    "INSERT INTO outbox (update_id, ordinal, message, state, message_id) "
                    "VALUES (?, ?, ?, ?, ?)",
                    update_id,
                    ordinal,
                    json.dumps(asdict(message)),
                    message.state,
                    message.message_id,
                )

    def outbox(self, update_id: int) -> list[Outgoing]:
        """What was written down to be sent for an update, in order."""
        rows = self._store.rows(
            "SELECT message, state, message_id, floor FROM outbox WHERE update_id = ? "
            "ORDER BY ordinal",
            update_id,
        )
        return [
            replace(
                Outgoing(**json.loads(message)), state=state, message_id=message_id, floor=floor
            )
            for message, state, message_id, floor in rows
        ]

    def mark(
        self,
        update_id: int,
        ordinal: int,
        state: str,
        message_id: int | None = None,
        floor: int = 0,
    ) -> None:
        """Note what has become of a message."""
        self._store.write(
            "UPDATE outbox SET state = ?, message_id = coalesce(?, message_id), "
            "floor = max(floor, ?) WHERE update_id = ? AND ordinal = ?",
            state,
            message_id,
            floor,
            update_id,
            ordinal,
        )

    def sent_ids(self, chat_id: int) -> set[int]:
        """The numbers of the messages that are known to have been sent to a chat."""
        rows = self._store.rows(
            "SELECT message_id FROM outbox WHERE message_id IS NOT NULL "
            "AND json_extract(message, '$.chat_id') = ?",
            chat_id,
        )
        return {number for (number,) in rows}

    def saw(self, chat_id: int, message_id: int) -> None:
        """Note a message number of a chat: numbers only grow, which bounds what is unknown."""
        self._store.write(
            "INSERT INTO seen_messages VALUES (?, ?) ON CONFLICT (chat_id) "
            "DO UPDATE SET newest = max(newest, excluded.newest)",
            chat_id,
            message_id,
        )

    def newest(self, chat_id: int) -> int:
        """The newest message number that is known of a chat; 0 if none is."""
        return int(
            self._store.one("SELECT newest FROM seen_messages WHERE chat_id = ?", chat_id) or 0
        )

    def press(self, key: str) -> bool:
        """Note that a button had its effect; False if it had it before."""
        return bool(
            self._store.write("INSERT OR IGNORE INTO presses VALUES (?, ?)", key, time.time())
        )
