"""Decides who may use the bot."""

from __future__ import annotations

from dataclasses import dataclass, field


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
