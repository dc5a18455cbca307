"""Decides who may use the bot."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.telegram.storage.store import Store

if TYPE_CHECKING:
    from bot.wiring import Desk

_AGAIN_SECONDS = 3600.0
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Access:
    """The allowed users and chats, and the admins. Without users and chats, everybody may ask."""

    users: frozenset[int] = field(default_factory=frozenset)
    chats: frozenset[int] = field(default_factory=frozenset)
    admins: frozenset[int] = field(default_factory=frozenset)

    def allows(self, user_id: int, chat_id: int | None) -> bool:
        """Return whether a person may ask in a chat; `chat_id` is None for an inline query."""
        if not (self.users or self.chats):
            return True
        return user_id in self.users or user_id in self.admins or chat_id in self.chats

    def is_admin(self, user_id: int) -> bool:
        """Return whether a person is one of the bot's admins."""
        return user_id in self.admins


class Refusals:
    """Remembers, in memory only, whom the bot has told lately that they may not use it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: OrderedDict[int, float] = OrderedDict()

    def is_due(self, user_id: int) -> bool:
        """Return whether to tell a person, who is then told once an hour at most."""
        now = self._clock()
        if now - self._told.get(user_id, now - _AGAIN_SECONDS) < _AGAIN_SECONDS:
            return False
        self._told.pop(user_id, None)
        self._told[user_id] = now
        if len(self._told) > _MOST_REMEMBERED:
            self._told.popitem(last=False)
        return True


class SharedRefusals(Refusals):
    """The same for several processes of a bot: whom they have told is stored for an hour or so."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self._store = store

    def is_due(self, user_id: int) -> bool:
        """Return whether to tell a person, whom none of the processes has told for an hour."""
        now = self._clock()
        self._store.write("DELETE FROM turned_away WHERE at <= ?", now - _AGAIN_SECONDS)
        insert = "INSERT INTO turned_away (user_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
        return bool(self._store.write(insert, user_id, now))


def open_to_all(desk: Desk) -> str:
    """Warn in one line where anybody may ask as much as they like and it may cost money."""
    settings = desk.settings
    limited = (
        settings.telegram_allowed_users or settings.telegram_allowed_chats
        or settings.telegram_daily_questions or settings.daily_budget_usd is not None
    )  # fmt: skip
    if limited or not desk.may_cost:
        return ""
    return (
        "Everybody in Telegram may ask this bot without limit, and its model may cost you money: "
        "set TELEGRAM_ALLOWED_USERS, TELEGRAM_DAILY_QUESTIONS or NEWSDESK_DAILY_BUDGET_USD."
    )
