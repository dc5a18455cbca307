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

    def take(self, user_id: int, update_id: int, now: datetime, *, limited: bool = True) -> bool:
        """Count a question, unless its update was counted before. Return False if none is left.

        With `limited` false the question is counted, but never refused.
        """
        day = _day(now)
        self.prune(now)
        rows = self._store.rows(
            "SELECT update_id FROM asked WHERE user_id = ? AND day = ?", user_id, day
        )
        asked = [number for (number,) in rows]
        if update_id in asked:
            return True
        count = len(asked) + self._forgotten.get((user_id, day), 0)
        if limited and self._daily and count >= self._daily:
            return False
        self._store.write("INSERT INTO asked VALUES (?, ?, ?)", user_id, day, update_id)
        return True

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
