"""Plans messages that nobody asked for just now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from bot.rendering.telegram import answer_messages
from bot.telegram.conversation.access import Access
from bot.telegram.conversation.asking import answer_keyboard
from bot.telegram.storage.conversations import Conversations, Place
from bot.telegram.storage.journal import Journal, Outgoing
from retrieval.answers import Answer


@dataclass(frozen=True, slots=True)
class Telling:
    """Plans such messages; like those of answers, they are stored before the first is sent.

    `me` is the bot's username.
    """

    journal: Journal
    conversations: Conversations
    access: Access
    me: str

    def allows(self, place: Place) -> bool:
        """Return whether whoever wished to be told may still use the bot there."""
        chats = (place.chat_id, self.journal.chats.first(place.chat_id))
        return any(self.access.allows(place.user_id, chat) for chat in chats)

    def plan(self, place: Place, answer: Answer) -> int:
        """Plan the messages of an answer, with its buttons. Return the update to deliver."""
        with self.journal.transaction():
            number = self.journal.add_own(place.chat_id, place.thread_id, place.user_id)
            saved = self.conversations.save(number, place, 0, answer)
            private = place.chat_id == place.user_id
            keyboard = answer_keyboard(saved, answer.citations, Counter(), private=private)
            messages = self._messages(place, answer)
            self.journal.plan(number, [*messages[:-1], replace(messages[-1], keyboard=keyboard)])
        return number

    def plan_note(self, place: Place, answer: Answer, reply_to: int) -> int:
        """Plan a note on an earlier message, without buttons. Return the update to deliver."""
        with self.journal.transaction():
            number = self.journal.add_own(place.chat_id, place.thread_id, place.user_id)
            first, *others = self._messages(place, answer)
            self.journal.plan(number, [replace(first, reply_to=reply_to), *others])
        return number

    def _messages(self, place: Place, answer: Answer) -> list[Outgoing]:
        return [
            Outgoing(
                place.chat_id,
                part.text,
                tuple(entity.to_dict() for entity in part.entities),
                place.thread_id or None,
            )
            for part in answer_messages(answer, self.me)
        ]
