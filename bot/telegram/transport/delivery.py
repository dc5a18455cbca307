"""Sends messages exactly once, even when the connection breaks or the process is killed.

When the connection breaks, Telegram does not say whether a message arrived; sending it again could
show it twice. But an edit can be repeated, a bot can edit only its own messages, and message ids
only grow. So each message is stored before it is sent, with the largest id known by then. If it is
unknown whether it arrived, at once or after a crash, the bot edits the next few ids that belong to
no message known a second later: if Telegram accepts an edit, the message had arrived and shows its
text. If it accepts none, or none can be made for some seconds, the message is sent once more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, ReplyParameters
from telegram.error import ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.transport.faults import Fault, classify, says
from bot.telegram.transport.limits import PREVIEW
from bot.telegram.transport.pace import Pace

_log = logging.getLogger("newsdesk.telegram")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TRIES = 60
"""The most attempts at one message; with the pauses between them, about half an hour."""
_CANDIDATES = 8
"""How many ids a search tries: the messages of other chats that were on their way, and some."""
_SEARCHES = (1.0, 2.0, 4.0)
"""The pauses before a search is begun, and begun anew after an error. Meanwhile updates arrive,
whose messages are known then, and Telegram ends a request that was cut off."""
_READ_SECONDS = 10.0


class ChatGone(Exception):
    """The chat is closed to the bot: it was blocked or removed, or the chat was deleted."""


class Undeliverable(Exception):
    """Telegram refuses a message, or all attempts to send it failed."""


class Delivery:
    """Sends the messages of the journal's outbox.

    Args:
        bot: the Bot API's client.
        journal: holds the outbox.
        revoked: called when Telegram rejects the token.
        pace: the waiting times between attempts.
    """

    def __init__(
        self, bot: ExtBot[Any], journal: Journal, revoked: Callable[[], None], pace: Pace
    ) -> None:
        self._pace = pace
        self._bot = bot
        self._journal = journal
        self._revoked = revoked
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def deliver(self, update_id: int) -> list[int]:
        """Send the unsent messages of an update's outbox, in order.

        Returns the ids of all its messages, those sent earlier too.

        Raises:
            ChatGone: the chat is closed to the bot, for example because the user blocked it.
            Undeliverable: a message could not be sent.
        """
        for ordinal, message in enumerate(self._journal.outbox(update_id)):
            if message.state in ("waiting", "sending"):
                async with self.turn(message.chat_id):
                    await self._deliver(update_id, ordinal, message)
            elif message.state == "delete" and message.replaces:
                await self.delete(message.chat_id, message.replaces)
                self._journal.mark(update_id, ordinal, "deleted")
        return [m.message_id or 0 for m in self._journal.outbox(update_id) if m.state == "sent"]

    def turn(self, chat_id: int) -> asyncio.Lock:
        """Return the lock to hold while sending to a chat.

        With two messages on their way at once, the search for a lost one could find the other.
        """
        return self._locks.setdefault(chat_id, asyncio.Lock())

    async def preview(
        self, update_id: int, message: Outgoing, is_over: Callable[[], bool]
    ) -> int | None:
        """Send the first preview of an update's answer with one request, and return its id.

        It is stored before, so that it is found if its request fails, or the process. Nothing is
        sent, and None returned, if it `is_over` when the chat's turn comes.

        Raises:
            ChatGone, Undeliverable: as in `deliver`.
            TelegramError: the request failed.
        """
        if number := await self.find_preview(update_id, message.chat_id):
            return number
        async with self.turn(message.chat_id):
            if is_over():
                return None
            floor = self._journal.newest(message.chat_id)
            planned = replace(message, state="preview", floor=floor)
            ordinal = self._journal.plan(update_id, [planned])
            try:
                number = await self.send_once(message, rate_limit_args=PREVIEW)
            except TelegramError as error:
                if classify(error) is not Fault.UNKNOWN:
                    self._journal.drop(update_id, ordinal)
                raise
            self._arrived(update_id, ordinal, message.chat_id, number, "preview")
        return number

    async def find_preview(self, update_id: int, chat_id: int) -> int | None:
        """Return the id of the message that shows a preview of an update's answer, or None.

        Raises:
            ChatGone, Undeliverable: as in `deliver`.
        """
        async with self.turn(chat_id):
            for ordinal, message in enumerate(self._journal.outbox(update_id)):
                if message.state != "preview":
                    continue
                if message.message_id:
                    return message.message_id
                if number := await self._find(message):
                    self._arrived(update_id, ordinal, message.chat_id, number, "preview")
                    return number
                self._journal.drop(update_id, ordinal)
        return None

    async def _deliver(self, update_id: int, ordinal: int, message: Outgoing) -> None:
        try:
            number = message.replaces
            if message.state == "sending" or not number or not await self._edit(message, number):
                number = await self._send(update_id, ordinal, message)
        except (ChatGone, Undeliverable):
            self._journal.mark(update_id, ordinal, "lost")
            raise
        self._arrived(update_id, ordinal, message.chat_id, number, "sent")

    def _arrived(self, update_id: int, ordinal: int, chat_id: int, number: int, state: str) -> None:
        with self._journal.transaction():
            self._journal.mark(update_id, ordinal, state, number)
            self._journal.saw(self._journal.chats.now(chat_id), number)

    async def _send(self, update_id: int, ordinal: int, message: Outgoing) -> int:
        """Send a new message and return its id; repeat until it is known to have arrived."""
        unsure = message.state == "sending"
        if not unsure:
            floor = self._journal.newest(message.chat_id)
            message = replace(message, floor=floor)
            self._journal.mark(update_id, ordinal, "sending", floor=floor)
        for pause in _pauses():
            try:
                if unsure and (number := await self._find(message)):
                    return number
                return await self.send_once(message)
            except TelegramError as error:
                verdict = self._judge(error)
                unsure = unsure or verdict is Fault.UNKNOWN
                if verdict is Fault.REFUSED:
                    message = _simpler(message, error)
                if isinstance(error, ChatMigrated):
                    self._journal.chats.move(message.chat_id, error.new_chat_id)
                    message = replace(message, state="waiting").moved(error.new_chat_id)
                    return await self._send(update_id, ordinal, message)
            await self._pace.sleep(pause)
        raise Undeliverable("it was tried for too long")

    async def _find(self, message: Outgoing) -> int | None:
        """Return the id of a message that may have arrived, or None if it is not found."""
        for pause in _SEARCHES:
            await self._pace.sleep(pause)
            try:
                return await self._search(message)
            except TelegramError as error:
                self._judge(error)
        return None

    async def _search(self, message: Outgoing) -> int | None:
        for number in self._journal.unknown_ids(message.chat_id, message.floor, _CANDIDATES):
            try:
                await self.edit_once(message, number)
            except TelegramError as error:
                if self._judge(error) is not Fault.REFUSED:
                    raise
            else:
                return number
        return None

    async def send_once(self, message: Outgoing, **limits: Any) -> int:
        """Send a new message with one request and return its id (`sendMessage`).

        Raises:
            TelegramError: the request failed.
        """
        reply = None
        if message.reply_to:
            reply = ReplyParameters(message.reply_to, allow_sending_without_reply=True)
        sent = await self._bot.send_message(
            message.chat_id,
            message.text,
            entities=_entities(message),
            message_thread_id=message.thread_id,
            reply_parameters=reply,
            reply_markup=_keyboard(message),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            read_timeout=_READ_SECONDS,
            **limits,
        )
        return sent.message_id

    async def edit_once(self, message: Outgoing, number: int, **limits: Any) -> None:
        """Edit the bot's message `number` with one request (`editMessageText`).

        Raises:
            TelegramError: the request failed. A message that is the same already is no error.
        """
        try:
            await self._bot.edit_message_text(
                message.text,
                message.chat_id,
                number,
                entities=_entities(message),
                reply_markup=_keyboard(message),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                **limits,
            )
        except TelegramError as error:
            if not says(error, "not modified"):
                raise

    async def delete(self, chat_id: int, number: int) -> None:
        """Delete one of the bot's messages, if Telegram allows it (`deleteMessage`)."""
        for pause in (0.5, 2.0, 0.0):
            try:
                await self._bot.delete_message(chat_id, number)
            except TelegramError as error:
                if classify(error) in (Fault.NOT_DONE, Fault.UNKNOWN):
                    await self._pace.sleep(pause)
                    continue
            return

    async def _edit(self, message: Outgoing, number: int) -> bool:
        """Edit one of the bot's messages; repeat if it may help. Return False if it is gone."""
        for pause in _pauses():
            try:
                await self.edit_once(message, number)
                return True
            except TelegramError as error:
                refused = self._judge(error) is Fault.REFUSED
                if isinstance(error, ChatMigrated) or (refused and not says(error, "entit")):
                    return False
                if refused:
                    message = _simpler(message, error)
            await self._pace.sleep(pause)
        raise Undeliverable("an edit was tried for too long")

    def _judge(self, error: TelegramError) -> Fault:
        """Classify an error.

        Raises:
            ChatGone: the chat is closed to the bot.
            Undeliverable: Telegram rejects the token.
        """
        verdict = classify(error)
        if verdict is Fault.TOKEN:
            self._revoked()
            raise Undeliverable("the token is not accepted") from error
        if verdict is Fault.GONE:
            raise ChatGone(str(error)) from error
        if verdict is not Fault.REFUSED:
            _log.warning("a request failed and is tried again: %s", error)
        return verdict


def _pauses() -> list[float]:
    return [min(_FIRST_PAUSE * 2**n, _LONGEST_PAUSE) for n in range(_TRIES)]


def _simpler(message: Outgoing, error: TelegramError) -> Outgoing:
    """Drop the entities or the buttons that Telegram refused, and return the message.

    Raises:
        Undeliverable: the refusal was about something else.
    """
    if message.entities and says(error, "entit"):
        return replace(message, entities=())
    if message.keyboard and says(error, "button"):
        return replace(message, keyboard=None)
    raise Undeliverable(str(error)) from error


def _entities(message: Outgoing) -> list[MessageEntity] | None:
    return [MessageEntity(**fields) for fields in message.entities] or None


def _keyboard(message: Outgoing) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(message.keyboard, None) if message.keyboard else None
