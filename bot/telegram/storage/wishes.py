"""Stores what chats wish of messages that nobody asked for: when they come, and of what kinds."""

from __future__ import annotations

from dataclasses import dataclass

from bot.hours import Hours, read_hours
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.store import Store

_COLUMNS = ("user_id", "hours", "digest", "digested", "corrections")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a place wishes; `place.user_id` is who said so last.

    `digest` is the hour of its daily digest, `digested` the day of the last one. `corrections` is
    whether it is told when what was quoted to it no longer stands.
    """

    place: Place
    hours: Hours
    digest: int | None = None
    digested: str | None = None
    corrections: bool = False


class Wishes:
    """Reads and writes wishes in the bot's tables.

    Args:
        store: the bot's tables.
        usual: the hours of a chat that did not say any.
    """

    def __init__(self, store: Store, usual: Hours) -> None:
        self._store = store
        self._usual = usual

    def of(self, place: Place) -> Wish:
        """Return what a chat or thread wishes, whoever said so."""
        found = self._wishes("WHERE chat_id = ? AND thread_id = ?", place.chat_id, place.thread_id)
        return found[0] if found else Wish(place, self._usual)

    def all(self) -> list[Wish]:
        """Return all wishes that were stored."""
        return self._wishes("")

    def _wishes(self, where: str, *values: object) -> list[Wish]:
        rows = self._store.rows(
            f"SELECT chat_id, thread_id, {', '.join(_COLUMNS)} FROM wishes {where}", *values
        )
        return [
            Wish(
                Place(chat, thread, user),
                read_hours(hours) if hours else self._usual,
                digest,
                digested,
                bool(corrections),
            )
            for chat, thread, user, hours, digest, digested, corrections in rows
        ]

    def set(self, place: Place, **columns: object) -> None:
        """Store `hours` (as text), `digest`, `digested` or `corrections` of a place."""
        changed = {"user_id": place.user_id, **columns}
        if strange := changed.keys() - set(_COLUMNS):
            raise ValueError(f"there is no {min(strange)} to wish")
        self._store.write(
            "INSERT INTO wishes (chat_id, thread_id, user_id) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            place.chat_id,
            place.thread_id,
            place.user_id,
        )
        self._store.write(
            f"UPDATE wishes SET {', '.join(f'{name} = ?' for name in changed)} "
            "WHERE chat_id = ? AND thread_id = ?",
            *changed.values(),
            place.chat_id,
            place.thread_id,
        )
