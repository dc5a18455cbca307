"""Limits how many questions a person may ask in a day."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from bot.telegram.storage.store import Store


class Quotas:
    """Counts questions by user and day (UTC) in the bot's tables.

    Args:
        store: the bot's tables.
        daily: the most questions a day; 0 means no limit.
        key: a secret of the bot. With it, the counts of people who were forgotten are stored for
            all processes of the bot, by what nobody can turn back into a person without it. Without
            it, this process remembers them.
    """

    def __init__(self, store: Store, daily: int, key: str = "") -> None:
        self._store = store
        self._daily = daily
        self._key = key.encode()
        self._forgotten: dict[tuple[int, str], int] = {}

    def allows(self, user_id: int, update_id: int, now: datetime) -> bool:
        """Return whether a person may ask the question of an update, or has asked it today."""
        day = _day(now)
        rows = self._store.rows(
            "SELECT update_id FROM asked WHERE user_id = ? AND day = ?", user_id, day
        )
        count = len(rows) + self._asked_before(user_id, day)
        return not self._daily or count < self._daily or (update_id,) in rows

    def count(self, user_id: int, update_id: int, now: datetime) -> None:
        """Count a question that was answered, unless its update was counted before."""
        self.prune(now)
        self._store.write(
            "INSERT INTO asked VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            user_id,
            _day(now),
            update_id,
        )

    def forget(self, user_id: int, now: datetime) -> None:
        """Delete a person's count. It is remembered that day, so that it still holds."""
        day = _day(now)
        gone = self._store.write("DELETE FROM asked WHERE user_id = ?", user_id)
        if gone:
            gone += self._asked_before(user_id, day)
            if not self._key:
                self._forgotten[user_id, day] = gone
                return
            self._store.write(
                "INSERT INTO forgotten (who, day, asked) VALUES (?, ?, ?) "
                "ON CONFLICT (who) DO UPDATE SET asked = excluded.asked",
                self._who(user_id, day),
                day,
                gone,
            )

    def _asked_before(self, user_id: int, day: str) -> int:
        """Return how many questions a person asked in a day before they were forgotten."""
        if not self._key:
            return self._forgotten.get((user_id, day), 0)
        asked = "SELECT asked FROM forgotten WHERE who = ?"
        return int(self._store.one(asked, self._who(user_id, day)) or 0)

    def _who(self, user_id: int, day: str) -> str:
        return hmac.new(self._key, f"{user_id} {day}".encode(), hashlib.sha256).hexdigest()

    def prune(self, now: datetime) -> None:
        """Delete the counts of earlier days."""
        day = _day(now)
        self._store.write("DELETE FROM asked WHERE day < ?", day)
        if self._key:
            self._store.write("DELETE FROM forgotten WHERE day < ?", day)
        self._forgotten = {key: count for key, count in self._forgotten.items() if key[1] >= day}

    def refusal(self, now: datetime) -> str:
        """Return the message for a person who has no questions left today."""
        now = now.astimezone(UTC)
        reset = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
        left = reset - now
        hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
        number = "one question" if self._daily == 1 else f"{self._daily} questions"
        return (
            f"That was {number} for today, which is the limit here. You can ask again from "
            f"00:00 UTC on, in {hours} h {minutes} min."
        )


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()
