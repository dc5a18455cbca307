"""What tests hold: persons who write, edit and press, and rooms in which it is seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tests.telegram.botapi.record import Draft, Shown
from tests.telegram.botapi.updates import marked

if TYPE_CHECKING:
    from tests.telegram.botapi.server import BotApi

PATIENCE = 15.0
"""Seconds until a test gives up waiting."""


class Person:
    """A user of Telegram."""

    def __init__(self, server: BotApi, number: int, name: str, *, bot: bool = False) -> None:
        self.server = server
        self.id = number
        self.raw = {
            "id": number,
            "is_bot": bot,
            "first_name": name,
            "username": f"{name.lower()}_{number}{'_bot' if bot else ''}",
            "language_code": "en",
        }

    @property
    def private(self) -> Room:
        """The person's chat with the bot."""
        return self.server.rooms.get(self.id) or self.server.add_room(
            {
                "id": self.id,
                "type": "private",
                "first_name": self.raw["first_name"],
                "username": self.raw["username"],
            }
        )

    def says(self, text: str, **how: Any) -> Shown:
        """Writes to the bot in private."""
        return self.private.said(self, text, **how)

    def asks_inline(self, query: str, offset: str = "") -> str:
        """Types `@bot query` somewhere; returns the query's id."""
        number = self.server.new_number()
        self.server.update(
            "inline_query",
            {"id": number, "from": self.raw, "query": query, "offset": offset,
             "chat_type": "private"},
        )  # fmt: skip
        return number

    def inline_results(self, number: str, timeout: float = PATIENCE) -> list[dict[str, Any]]:
        """What an inline query was answered with."""
        answers = self.server.inline_answers
        self.server.wait(lambda: number in answers, timeout, "an inline answer")
        return list(answers[number]["results"])


class Room:
    """A chat: private, group, supergroup (with topics or without), or channel."""

    def __init__(self, server: BotApi, raw: dict[str, Any]) -> None:
        self.server = server
        self.raw = raw
        self.shown: dict[int, Shown] = {}
        self.drafts: list[Draft] = []
        self.typing: list[float] = []
        self.blocked = False
        self.became: Room | None = None
        self._ids = 0

    @property
    def id(self) -> int:
        return int(self.raw["id"])

    @property
    def is_private(self) -> bool:
        return self.raw["type"] == "private"

    def new_id(self) -> int:
        """A message's number: a supergroup counts its own, the other chats of a bot share one."""
        if self.raw["type"] in ("supergroup", "channel"):
            self._ids += 1
            return self._ids
        return self.server.new_message_id()

    # What people do.

    def said(
        self,
        person: Person,
        text: str = "",
        *,
        reply_to: Shown | None = None,
        thread: int | None = None,
        kind: str = "message",
        **content: Any,
    ) -> Shown:
        """A person's message; `content` adds fields, or replaces the text's."""
        with self.server.lock:
            raw = {
                "message_id": self.new_id(),
                "date": int(time.time()),
                "chat": self.raw,
                "from": person.raw,
            }
            if text:
                raw |= {"text": text}
                if entities := marked(text):
                    raw["entities"] = entities
            if thread is not None:
                raw |= {"message_thread_id": thread, "is_topic_message": True}
                raw["reply_to_message"] = self.shown[thread].raw
            if reply_to is not None:
                raw["reply_to_message"] = without_reply(reply_to.raw)
            message = self.put(raw | content, by_bot=False)
            message.update_id = self.server.update(kind, message.raw)
            return message

    def said_as(self, chat: Room, text: str = "", **how: Any) -> Shown:
        """A message of an anonymous admin (as this room), or of somebody as a channel."""
        number, name = (1087968824, "Group") if chat is self else (136817688, "Channel")
        fake = Person(self.server, number, name, bot=True)
        return self.said(fake, text, sender_chat=chat.raw, **how)

    def posted(self, channel: Room, text: str) -> Shown:
        """A post of the linked channel, which Telegram forwards by itself."""
        post = {"type": "channel", "chat": channel.raw, "message_id": 1, "date": int(time.time())}
        return self.said(
            Person(self.server, 777000, "Telegram"), text, sender_chat=channel.raw,
            is_automatic_forward=True, forward_origin=post,
        )  # fmt: skip

    def edited(self, message: Shown, text: str) -> int:
        """A person's message gets another text; returns the update's number."""
        with self.server.lock:
            raw = {**message.raw, "text": text, "edit_date": int(time.time())}
            raw.pop("entities", None)
            if entities := marked(text):
                raw["entities"] = entities
            message.change(raw)
            return self.server.update("edited_message", raw)

    def pressed(self, person: Person, message: Shown, *words: str, data: str | None = None) -> str:
        """Presses the button with one of the words on it; returns the press's id.

        `data` stands for a button that the message does not have any more.
        """
        with self.server.lock:
            pressed = data or message.button(*words)["callback_data"]
            number = self.server.new_number()
            self.server.presses.add(number)
            content: dict[str, Any] = {
                "id": number,
                "from": person.raw,
                "chat_instance": str(self.id),
                "data": pressed,
            }
            content["message"] = message.raw
            self.server.update("callback_query", content)
            return number

    def stopped_draft(self) -> int:
        """The person stops the draft with the button that Telegram shows; the update's number."""
        assert self.drafts[-1].raw.get("can_stop"), "there is no such button"
        return self.server.update(
            "stopped_message_generation", {"chat": self.raw, "draft_id": self.drafts[-1].draft_id}
        )

    def sent_file(self, person: Person, name: str, content: bytes, caption: str = "") -> Shown:
        """A document from a person."""
        document = self.server.add_file(name, content)
        more: dict[str, Any] = {"document": document}
        if caption:
            more |= {"caption": caption, "caption_entities": marked(caption)}
        return self.said(person, **more)

    def sent_album(self, person: Person, *parts: dict[str, Any]) -> list[Shown]:
        """Photos or documents sent together: a message each, one after another."""
        with self.server.lock:
            album = self.server.new_number()
            return [
                self.said(
                    person, media_group_id=album,
                    **part | {"caption_entities": marked(part.get("caption", ""))},
                )
                for part in parts
            ]  # fmt: skip

    def changed_bot(self, person: Person, before: str, after: str) -> int:
        """A person changes the bot's status here, such as from `left` to `member`."""
        members = [{"status": status, "user": self.server.as_sender} for status in (before, after)]
        return self.server.update(
            "my_chat_member",
            {
                "chat": self.raw, "from": person.raw, "date": int(time.time()),
                "old_chat_member": members[0], "new_chat_member": members[1],
            },
        )  # fmt: skip

    def deleted(self, message: Shown) -> None:
        """A person deletes a message: bots are not told."""
        with self.server.lock:
            message.deleted_at = time.monotonic()
            self.server.changed.notify_all()

    def upgraded(self, person: Person, *, told: bool = True) -> Room:
        """A group becomes a supergroup, which has another id; perhaps the bot is told."""
        with self.server.lock:
            self.became = self.server.group(title=self.raw["title"])
            if told:
                self.said(person, migrate_to_chat_id=self.became.id)
                self.became.said(person, migrate_from_chat_id=self.id)
            return self.became

    def topic(self, person: Person, name: str) -> int:
        """A new topic; returns its thread's number."""
        with self.server.lock:
            made = self.said(
                person, forum_topic_created={"name": name, "icon_color": 7322096},
                is_topic_message=True,
            )  # fmt: skip
            made.raw["message_thread_id"] = made.id
            return made.id

    # What is seen.

    def put(self, raw: dict[str, Any], *, by_bot: bool) -> Shown:
        """A message appears."""
        message = Shown(raw, by_bot=by_bot)
        self.shown[message.id] = message
        self.server.changed.notify_all()
        return message

    @property
    def from_bot(self) -> list[Shown]:
        """The bot's messages that can be seen, in order."""
        with self.server.lock:
            return [shown for shown in self.shown.values() if shown.by_bot and shown.visible]

    def after(self, message: Shown) -> list[Shown]:
        """The bot's messages that can be seen and came after one."""
        return [shown for shown in self.from_bot if shown.id > message.id]

    def replies(self, message: Shown) -> list[Shown]:
        """The bot's messages that can be seen and reply to one."""
        return [shown for shown in self.from_bot if shown.reply_to == message.id]

    def reply(
        self,
        message: Shown,
        fits: Callable[[Shown], bool] = lambda shown: True,
        timeout: float = PATIENCE,
    ) -> Shown:
        """Waits for a reply of the bot that fits."""
        return self.server.wait(
            lambda: next(filter(fits, self.replies(message)), None),
            timeout,
            lambda: f"a reply to {message}; seen: {self.from_bot}",
        )

    def next(
        self,
        message: Shown,
        fits: Callable[[Shown], bool] = lambda shown: True,
        timeout: float = PATIENCE,
    ) -> Shown:
        """Waits for a message of the bot after one, reply or not."""
        return self.server.wait(
            lambda: next(filter(fits, self.after(message)), None),
            timeout,
            lambda: f"something after {message}; seen: {self.from_bot}",
        )


def without_reply(raw: dict[str, Any]) -> dict[str, Any]:
    """A message as it stands inside another, which holds no third."""
    return {name: value for name, value in raw.items() if name != "reply_to_message"}


def file_type(name: str) -> str:
    """A document's MIME type by its name."""
    known = {".jsonl": "application/x-ndjson", ".md": "text/markdown", ".html": "text/html"}
    return known.get(PurePath(name).suffix, "text/plain")
