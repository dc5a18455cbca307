"""Shows an answer in the chat while it is written.

In a private chat the preview is a draft (`sendMessageDraft`): it disappears by itself, and Telegram
shows a Stop button beside it, and "Thinking…" while it is empty. In groups, and where drafts are
refused, the preview is a message with a Stop button that is edited again and again. Only the latest
text is shown, at most once a second, in groups once in three seconds: they allow 20 messages a
minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from telegram import MessageEntity
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.rendering.telegram import Shown, draft_message
from bot.telegram.conversation.texts import STOPPED_ANSWER
from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.transport.delivery import ChatGone, Delivery, Undeliverable
from bot.telegram.transport.limits import PREVIEW, ChatLimits
from bot.telegram.transport.pace import Pace
from bot.telegram.transport.parsing import Incoming
from retrieval.answers import Draft

_PATIENCE = 1.0
"""Seconds that a finished answer waits for the preview's last request."""

_log = logging.getLogger("newsdesk.telegram")


@dataclass(frozen=True, slots=True)
class PreviewParts:
    """The clients and limits that every preview uses."""

    bot: ExtBot[Any]
    delivery: Delivery
    journal: Journal
    limits: ChatLimits
    pace: Pace


@dataclass(slots=True)
class Preview:
    """The preview of one answer.

    `replaces` is the id of the message to edit if the question was edited. `message_id` is the id
    of the message that shows the preview; it stays None for a draft. `said` is the last text that
    was shown.
    """

    parts: PreviewParts
    incoming: Incoming
    replaces: int | None = None
    message_id: int | None = None
    said: Draft | None = None
    _latest: Draft | None = None
    _drafts: bool = True
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _over: bool = False
    _sending: asyncio.Future[None] | None = None

    def __post_init__(self) -> None:
        self._drafts = self.incoming.private and self.replaces is None
        self.message_id = self.replaces

    def offer(self, draft: Draft) -> None:
        """Set the text to show next."""
        if draft.text.strip():
            self._latest = draft
            self._changed.set()

    async def run(self) -> None:
        """Show the texts that are offered, until `finish` is called.

        Raises:
            ChatGone: the chat is closed to the bot.
            ClaimLost: another process has taken the update over.
        """
        pause = 1.1 if self.incoming.private else 3.1
        await self._think()
        while not self._over:
            await self._changed.wait()
            self._changed.clear()
            if self._over or self._latest is None or self._latest == self.said:
                continue
            if self.parts.limits.may_preview(self.incoming.chat_id or 0):
                # Another process may have finished the answer while this one stood still.
                self.parts.journal.require(self.incoming.update_id)
                self.said = self._latest
                shown = draft_message(self.said, self.parts.bot.username)
                try:
                    await self._send(self._show(shown))
                except Forbidden as error:
                    raise ChatGone(str(error)) from error
                except TelegramError as error:
                    _log.debug("a preview was dropped: %s", error)
            else:
                self._changed.set()
            await self.parts.pace.sleep(pause)

    async def _think(self) -> None:
        """Show an empty draft, in Telegram "Thinking…", if the first text is long in coming."""
        if not self._drafts:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.parts.pace.thinking):
                await self._changed.wait()
        if self._latest is None and self.parts.limits.may_preview(self.incoming.chat_id or 0):
            with suppress(TelegramError):  # the answer's own drafts tell what is wrong
                await self._send(self._draft(Shown("")))

    async def _send(self, request: Coroutine[Any, Any, None]) -> None:
        """Finish a request even if the answer is stopped: the message's id is needed."""
        self._sending = asyncio.ensure_future(request)
        await asyncio.shield(self._sending)

    async def finish(self) -> None:
        """Show nothing more, and wait until the request on its way has ended."""
        self._over = True
        if self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending], timeout=_PATIENCE)
        if self.message_id is None:
            find = self.parts.delivery.find_preview
            with suppress(ChatGone, Undeliverable):
                self.message_id = await find(self.incoming.update_id, self.incoming.chat_id or 0)

    async def stop(self) -> None:
        """Leave the text shown so far, and add that the answer was stopped."""
        await self.finish()
        untouched = self.incoming.edited and not self.said
        if self.message_id is None or untouched:
            return
        delivery, chat = self.parts.delivery, self.incoming.chat_id or 0
        shown = self.said.text if self.said else ""
        text = f"{shown[:3900]}\n\n{STOPPED_ANSWER}".strip()
        try:
            async with delivery.turn(chat):
                await delivery.edit_once(Outgoing(chat, text), self.message_id, rate_limit_args=1)
        except TelegramError as error:
            _log.debug("a preview could not be closed: %s", error)

    async def _show(self, shown: Shown) -> None:
        if self._drafts:
            try:
                await self._draft(shown)
                return
            except (BadRequest, InvalidToken) as error:  # a server without it says "not found"
                _log.info("drafts are refused, edits are shown instead: %s", error)
                self._drafts = False
        delivery, message = self.parts.delivery, self._message(shown.text, shown.entities)
        if self.message_id is None:
            number = self.incoming.update_id
            self.message_id = await delivery.preview(number, message, lambda: self._over)
            return
        async with delivery.turn(message.chat_id):  # the answer waits for an edit on its way
            if not self._over:
                await delivery.edit_once(message, self.message_id, rate_limit_args=PREVIEW)

    async def _draft(self, shown: Shown) -> None:
        await self.parts.bot.send_message_draft(
            self.incoming.chat_id or 0,
            self.incoming.update_id or 1,
            shown.text,
            message_thread_id=self.incoming.thread_id,
            entities=shown.entities or None,
            read_timeout=3,
            api_kwargs={"can_stop": True},
        )

    def _message(self, text: str, entities: tuple[MessageEntity, ...]) -> Outgoing:
        button = {"text": "⏹ Stop", "callback_data": f"s:{self.incoming.update_id}"}
        keyboard = None if self.incoming.as_chat else {"inline_keyboard": [[button]]}
        return Outgoing(
            self.incoming.chat_id or 0,
            text,
            tuple(entity.to_dict() for entity in entities),
            self.incoming.thread_id,
            self.incoming.message_id,
            keyboard,
        )
