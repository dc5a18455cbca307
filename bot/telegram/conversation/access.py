"""Who may use the bot. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Access:
    """The lists of the settings; with neither users nor chats listed, everybody may ask."""

    users: frozenset[int] = field(default_factory=frozenset)
    chats: frozenset[int] = field(default_factory=frozenset)
    admins: frozenset[int] = field(default_factory=frozenset)

    def allows(self, user_id: int, chat_id: int | None) -> bool:
        """Whether a person may ask, in this chat or (None) outside any."""
        if not (self.users or self.chats):
            return True
        return user_id in self.users or user_id in self.admins or chat_id in self.chats

    def is_admin(self, user_id: int) -> bool:
        """Whether a person runs the bot."""
        return user_id in self.admins
