"""Deals the open updates out to the processes of one bot that share a PostgreSQL database.

A process shows that it lives by the time in its row of `workers`, by the server's clock. A row of
`queue` is an open update. A chat belongs to one process at a time: to the one that works on any
update of it, until all of those are closed or given back. So what holds within a process (the order
of a person's questions, one message to a chat at a time, the limits of a chat) holds among all.
What belongs to a process that has not been seen for some seconds may be taken by another. If it
lives after all, it notices before it stores anything: see `ClaimLost`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.telegram.storage.store import Store
from retrieval.errors import NewsdeskError

LEASE = 6.0
"""Seconds after which a process that was not seen counts as ended."""

_NOW = "extract(epoch FROM clock_timestamp())::float8"
_FORGOTTEN = 3600.0
"""Seconds after which the row of an ended process is deleted."""


class ClaimLost(NewsdeskError):
    """Another process has taken an update over; what this one has of it is not to be stored."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An update that this process has taken: its id, its content, and how often it was tried."""

    update_id: int
    raw: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Held:
    """An update in the queue that concerns this process.

    `mine` tells whether it belongs to this process. `stop` is None, or whether what was said of
    the answer is kept: its asker stopped it in another process.
    """

    mine: bool
    stop: bool | None


class Queue:
    """One process's view of the queue. It takes part once it has `joined`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._me = 0
        self._left = False

    # Who takes part.

    def join(self) -> None:
        """Take part as a process of its own."""
        insert = f"INSERT INTO workers (seen) VALUES ({_NOW}) RETURNING id"
        self._me = int(self._store.one(insert))

    def beat(self) -> list[int]:
        """Show that this process lives. Return those that live and stay, oldest first."""
        seen = f"UPDATE workers SET seen = {_NOW} WHERE id = ?"
        if not self._store.write(seen, self._me) and not self._left:
            self._store.write(f"INSERT INTO workers (id, seen) VALUES (?, {_NOW})", self._me)
        return [
            number
            for (number,) in self._store.rows(
                f"SELECT id FROM workers WHERE leaving = 0 AND seen > {_NOW} - ? ORDER BY id", LEASE
            )
        ]

    @property
    def me(self) -> int:
        """The number of this process."""
        return self._me

    def leave(self, *, running: bool) -> None:
        """Lead and take no more; if nothing is `running` any more, give everything back."""
        with self._store.transaction():
            self._store.write("UPDATE workers SET leaving = 1 WHERE id = ?", self._me)
            if not running:
                self._left = True
                self._store.write("UPDATE queue SET worker = NULL WHERE worker = ?", self._me)
                self._store.write("DELETE FROM workers WHERE id = ?", self._me)
            self._store.write(f"DELETE FROM workers WHERE seen < {_NOW} - ?", _FORGOTTEN)

    # What is to be done.

    def put(self, update_id: int, chat: str, *, urgent: bool) -> None:
        """Add an open update of a chat. Urgent ones are handled beside the others."""
        self._store.write(
            "INSERT INTO queue (update_id, chat, urgent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            update_id,
            chat,
            urgent,
        )

    def claim(self, most: int, *, urgent: bool, from_ended: bool) -> list[Claim]:
        """Take updates of chats that belong to no other process, in the order of `Journal.open`.

        Args:
            most: how many.
            urgent: which kind.
            from_ended: whether to take from processes that have ended.
        """
        # What belongs to nobody is looked for first without keeping the others waiting.
        alive = LEASE if from_ended else 1e9
        values = (alive, self._me, self._me, urgent, most)
        if most <= 0 or not self._store.rows(_FREE, *values):
            return []
        with self._store.transaction():
            found = [number for (number,) in self._store.rows(_FREE, *values)]
            marks = _marks(found)
            self._store.write(
                f"UPDATE queue SET worker = ? WHERE update_id IN ({marks})", self._me, *found
            )
            rows = self._store.rows(
                f"SELECT id, raw, attempts FROM updates WHERE id IN ({marks})", *found
            )
        claims = {number: Claim(number, json.loads(raw), tried) for number, raw, tried in rows}
        return [claims[number] for number in found]

    def give_back(self, updates: Collection[int]) -> None:
        """Leave updates that nobody works on here to whoever takes them."""
        self._store.write(
            f"UPDATE queue SET worker = NULL WHERE worker = ? AND update_id IN ({_marks(updates)})",
            self._me,
            *updates,
        )

    def held(self, working: Collection[int]) -> dict[int, Held]:
        """Return what belongs to this process, and what became of the updates it works on."""
        rows = self._store.rows(
            "SELECT update_id, worker, stop FROM queue "
            f"WHERE worker = ? OR update_id IN ({_marks(working)})",
            self._me,
            *working,
        )
        return {
            number: Held(worker == self._me, bool(stop - 1) if stop else None)
            for number, worker, stop in rows
        }

    # What happens to an update.

    def require(self, update_id: int) -> None:
        """Check that an update is open and that no other process has it.

        Raises:
            ClaimLost: it is not.
        """
        rows = self._store.rows("SELECT worker FROM queue WHERE update_id = ?", update_id)
        if not rows or rows[0][0] not in (None, self._me):
            raise ClaimLost(f"update {update_id} was taken over by another process")

    def close(self, update_id: int) -> None:
        """Remove an update that has its outcome.

        Raises:
            ClaimLost: another process has it.
        """
        removed = "DELETE FROM queue WHERE update_id = ? AND (worker IS NULL OR worker = ?)"
        if not self._store.write(removed, update_id, self._me) and self.open([update_id]):
            raise ClaimLost(f"update {update_id} was taken over by another process")

    def elsewhere(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the open updates, no urgent ones, that do not belong to this process."""
        rows = self._store.rows(
            "SELECT update_id, raw FROM queue JOIN updates ON id = update_id "
            "WHERE urgent = 0 AND (worker IS NULL OR worker <> ?) ORDER BY update_id",
            self._me,
        )
        return [(number, json.loads(raw)) for number, raw in rows]

    def stop(self, updates: Collection[int], *, keep: bool) -> None:
        """Ask the processes that work on updates to stop, and to keep what they said or not."""
        self._store.write(
            f"UPDATE queue SET stop = ? WHERE update_id IN ({_marks(updates)})",
            2 if keep else 1,
            *updates,
        )

    def waiting(self, updates: Collection[int]) -> set[int]:
        """Return which of some updates are open and belong to nobody yet."""
        found = (
            f"SELECT update_id FROM queue WHERE worker IS NULL AND update_id IN ({_marks(updates)})"
        )
        return {number for (number,) in self._store.rows(found, *updates)}

    def open(self, updates: Collection[int]) -> bool:
        """Return whether any of some updates has no outcome yet."""
        found = f"SELECT 1 FROM queue WHERE update_id IN ({_marks(updates)})"
        return bool(self._store.rows(found, *updates))

    def depths(self) -> dict[str, int]:
        """Return how many questions and the like are open, and how many commands."""
        urgent, others = self._store.rows(
            "SELECT count(*) FILTER (WHERE urgent <> 0), count(*) FILTER (WHERE urgent = 0) "
            "FROM queue"
        )[0]
        return {"answers": int(others), "commands": int(urgent)}

    def clear(self) -> None:
        """Remove all updates."""
        self._store.write("DELETE FROM queue")

    # What Telegram does not want.

    def pause(self, chat_id: int, seconds: float) -> None:
        """Tell all processes that a chat takes no message for some seconds."""
        self._store.write(
            f"INSERT INTO pauses (chat_id, until) VALUES (?, {_NOW} + ?) "
            "ON CONFLICT (chat_id) DO UPDATE SET until = excluded.until",
            chat_id,
            seconds,
        )

    def reserve(self, chat_id: int, seconds: float) -> float:
        """Take the next place among a chat's messages, each of which takes so many seconds.

        Returns the seconds that all messages take together that are not over yet, this one too.
        """
        return float(
            self._store.one(
                f"INSERT INTO rates (chat_id, until) VALUES (?, {_NOW} + ?) ON CONFLICT (chat_id) "
                f"DO UPDATE SET until = greatest(rates.until, {_NOW}) + ? "
                f"RETURNING until - {_NOW}",
                chat_id,
                seconds,
                seconds,
            )
        )

    def pauses(self) -> dict[int, float]:
        """Return the chats that take no message now, and for how many seconds."""
        found = f"SELECT chat_id, until - {_NOW} FROM pauses WHERE until > {_NOW}"
        return {chat: float(seconds) for chat, seconds in self._store.rows(found)}


def _marks(values: Collection[int]) -> str:
    return ", ".join("?" for _ in values) or "NULL"


_FREE = f"""
WITH alive AS (SELECT id FROM workers WHERE seen > {_NOW} - ? AND id <> ?)
SELECT update_id FROM queue AS one
WHERE (worker IS NULL OR worker <> ?) AND urgent = ?
    AND NOT EXISTS (
        SELECT 1 FROM queue AS other
        WHERE other.chat = one.chat AND other.worker IN (SELECT id FROM alive)
    )
ORDER BY (
    SELECT min(floor) FROM outbox WHERE outbox.update_id = one.update_id
        AND state IN ('sending', 'preview') AND message_id IS NULL
) NULLS LAST, update_id
LIMIT ?
"""
"""Alive are the other processes. What is of a chat that belongs to one of them is left alone."""
