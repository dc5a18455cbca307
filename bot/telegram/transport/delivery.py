"""Sends messages exactly once, even when the connection breaks or the process is killed.

When the connection breaks, Telegram does not say whether a message arrived; sending it again could
show it twice. But an edit can be repeated, a bot can edit only its own messages, and message ids
only grow. So each message is stored before it is sent, with the largest id known in the chat. If
it is unknown whether it arrived, at once or after a crash:

1. The bot sends a short notice. The lost message must have an id between the stored one and the
   notice's.
2. The bot edits each id in between into the notice. If an edit succeeds, that is the lost message:
   it is edited back into its own text, and the notice is deleted.
3. If no edit succeeds, the message never arrived: the notice is edited into it.

If too many ids lie in between (a very busy bot), the notice stays and asks to try once more.
Telegram may still process a request that timed out: later the bot looks for such a message once
more, and deletes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, ReplyParameters
from telegram.error import ChatMigrated, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.transport.faults import Fault, classify, says
from bot.telegram.transport.pace import Pace

NOTICE = "The connection broke while I was answering; one moment…"
INTERRUPTED = (
    "I was interrupted while answering. If there is no answer above, please ask me once more."
)

_log = logging.getLogger("newsdesk.telegram")

_MOST_CANDIDATES = 60
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TRIES = 60
"""The most attempts at one message; with the pauses between them, about half an hour."""
_FAR = 4
"""How many message ids are searched beyond the known ones."""
_READ_SECONDS = 10.0
_LATE_SECONDS = 20.0
"""Telegram may still process a request this many seconds after it timed out."""


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
        self._sweeps: set[asyncio.Task[None]] = set()
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

    async def _deliver(self, update_id: int, ordinal: int, message: Outgoing) -> None:
        mark = self._journal.mark
        try:
            if message.replaces is not None:
                number = await self._replace(message)
            elif message.state == "sending":
                number = await self._resolve(message)
            else:
                floor = max(self._journal.newest(message.chat_id), message.reply_to or 0)
                message = replace(message, floor=floor)
                mark(update_id, ordinal, "sending", floor=floor)
                number = await self._send(message)
        except (ChatGone, Undeliverable):
            mark(update_id, ordinal, "lost")
            raise
        mark(update_id, ordinal, "sent", number)
        self._journal.saw(message.chat_id, number)

    async def _send(self, message: Outgoing) -> int:
        """Send a new message and return its id; repeat until it is known to have arrived."""
        for pause in _pauses():
            try:
                return await self.send_once(message)
            except TelegramError as error:
                match self._judge(error):
                    case Fault.UNKNOWN:
                        _log.warning("a message's fate is unknown: looking for it")
                        if isinstance(error, TimedOut):
                            self._look_again(message)
                        return await self._resolve(message)
                    case Fault.REFUSED:
                        message = _simpler(message, error)
                if isinstance(error, ChatMigrated):
                    message = replace(message, chat_id=error.new_chat_id, reply_to=None)
            await self._pace.sleep(pause)
        raise Undeliverable("it was tried for too long")

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
        self._journal.saw(message.chat_id, sent.message_id)
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

    async def _replace(self, message: Outgoing) -> int:
        """Edit the message that this one replaces, or send a new one if that is gone."""
        number = message.replaces or 0
        if await self._edit(message, number):
            return number
        return await self._send(replace(message, replaces=None))

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

    async def _resolve(self, message: Outgoing) -> int:
        """Find out whether a message arrived, and make it appear exactly once. Return its id."""
        notice = replace(message, text=NOTICE, entities=(), keyboard=None)
        bound = await self._send_notice(notice)
        first = message.floor + 1 if message.floor else bound - _FAR
        known = self._journal.sent_ids(message.chat_id)
        candidates = [n for n in range(max(first, 1), bound) if n not in known]
        if len(candidates) > _MOST_CANDIDATES:
            await self._edit(replace(notice, text=INTERRUPTED), bound)
            return bound
        ours = [number for number in candidates if await self._edit(notice, number)]
        kept, *others = [*ours, bound]
        await self._edit(message, kept)
        for number in others:
            await self.delete(message.chat_id, number)
        return kept

    def _look_again(self, message: Outgoing) -> None:
        """Schedule a search for a message that arrives after its request timed out."""
        task = asyncio.create_task(self._sweep(message))
        self._sweeps.add(task)
        task.add_done_callback(self._sweeps.discard)

    async def _sweep(self, message: Outgoing) -> None:
        await self._pace.sleep(_LATE_SECONDS)
        chat = message.chat_id
        late = replace(message, text=NOTICE, entities=(), keyboard=None)
        async with self.turn(chat):
            known = self._journal.sent_ids(chat)
            newest = self._journal.newest(chat) + _FAR
            for number in range(max(message.floor, newest - _MOST_CANDIDATES) + 1, newest + 1):
                try:
                    if number not in known and await self._edit(late, number):
                        _log.warning("a message that had timed out arrived late: deleted")
                        await self.delete(chat, number)
                except (ChatGone, Undeliverable):
                    return

    async def _send_notice(self, notice: Outgoing) -> int:
        """Send the notice and return its id. A lost copy of it is found by the same search."""
        for pause in _pauses():
            try:
                return await self.send_once(notice)
            except TelegramError as error:
                if self._judge(error) is Fault.REFUSED:
                    raise Undeliverable(str(error)) from error
            await self._pace.sleep(pause)
        raise Undeliverable("it was tried for too long")

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
