"""Limits how many questions a person may ask in a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.telegram.storage.store import Store


class Quotas:
    """Counts questions by user and day (UTC) in the bot's file.

    Args:
        store: the bot's file.
        daily: the most questions a day; 0 means no limit.
    """

    def __init__(self, store: Store, daily: int) -> None:
        self._store = store
        self._daily = daily
        self._forgotten: dict[tuple[int, str], int] = {}

    def allows(self, user_id: int, update_id: int, now: datetime) -> bool:
        """Return whether a person may ask the question of an update, or has asked it today."""
        day = _day(now)
        rows = self._store.rows(
            "SELECT update_id FROM asked WHERE user_id = ? AND day = ?", user_id, day
        )
        count = len(rows) + self._forgotten.get((user_id, day), 0)
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
        """Delete a person's count. Until the bot ends it is remembered, so that it still holds."""
        day = _day(now)
        gone = self._store.write("DELETE FROM asked WHERE user_id = ?", user_id)
        if gone:
            self._forgotten[user_id, day] = gone + self._forgotten.get((user_id, day), 0)

    def prune(self, now: datetime) -> None:
        """Delete the counts of earlier days."""
        day = _day(now)
        self._store.write("DELETE FROM asked WHERE day < ?", day)
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
