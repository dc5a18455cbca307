"""Handles presses on inline buttons. A press that arrives twice takes effect once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.rendering.telegram import plain, quote_message
from bot.telegram.conversation import texts
from bot.telegram.conversation.access import Access
from bot.telegram.conversation.asking import answer_keyboard, outgoing
from bot.telegram.storage.conversations import Answered, Conversations
from bot.telegram.storage.feedback import DOWN, UP, Feedback
from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.storage.retention import Retention
from bot.telegram.transport.parsing import Incoming
from bot.wiring import Desk

_log = logging.getLogger("newsdesk.telegram")


@dataclass(frozen=True, slots=True)
class Buttons:
    """Handles "CallbackQuery" updates.

    A button's data is a letter and its arguments, separated by colons:

        q:12:3       show quote 3 of answer 12
        f:12:up      rate answer 12 with 👍 (or down), or take that back
        s:5001       stop the answer to update 5001
        g:77:yes     delete everything of user 77 (or no)

    `stop` is the service's.
    """

    desk: Desk
    bot: ExtBot[Any]
    access: Access
    journal: Journal
    conversations: Conversations
    feedback: Feedback
    retention: Retention
    stop: Callable[..., Awaitable[bool]]

    async def press(self, incoming: Incoming) -> None:
        """Handle a press. Messages go to the outbox; a short notice answers the press itself."""
        kind, *arguments = incoming.text.split(":")
        match kind, arguments:
            case "q", [answer, number] if answer.isdigit() and number.isdigit():
                word = await self._quote(incoming, int(answer), int(number))
            case "f", [answer, verdict] if answer.isdigit() and verdict in (UP, DOWN):
                word = await self._rate(incoming, int(answer), verdict)
            case "s", [update] if update.isdigit():
                stopped = await self._stopped(incoming, int(update))
                word = texts.STOPPED if stopped else texts.NOTHING_TO_STOP
            case "g", [user, choice]:
                word = await self._forget(incoming, user, choice)
            case _:
                word = texts.NO_LONGER
        await self.answer(incoming, word)

    async def stop_draft(self, incoming: Incoming) -> str:
        """Stop the answer whose draft was stopped. Return the outcome to log."""
        return "stopped" if await self._stopped(incoming, int(incoming.text)) else "nothing to stop"

    async def answer(self, incoming: Incoming, word: str = "") -> None:
        """Answer a press with a notice that fades (`answerCallbackQuery`).

        Errors are ignored: Telegram refuses an answer that comes too late.
        """
        try:
            await self.bot.answer_callback_query(incoming.query_id, word or None)
        except TelegramError:
            return

    async def _quote(self, incoming: Incoming, answer_id: int, number: int) -> str:
        answered = self._answered(incoming, answer_id)
        citations = answered.citations if answered else []
        citation = next((c for c in citations if c.number == number), None)
        if citation is None:
            return texts.NO_LONGER
        articles = await asyncio.to_thread(self.desk.catalog.articles, [citation.article_id])
        article = articles.get(citation.article_id)
        shown = quote_message(citation, article.body if article else "")
        with self.journal.transaction():
            if not self.journal.once(f"{incoming.text}:{incoming.chat_id}:{incoming.message_id}"):
                return texts.SHOWN
            self.journal.plan(incoming.update_id, [outgoing(incoming, part) for part in shown])
        return ""

    async def _rate(self, incoming: Incoming, answer_id: int, verdict: str) -> str:
        answered = self._answered(incoming, answer_id)
        if answered is None:
            return texts.NO_LONGER
        with self.journal.transaction():
            if self.journal.once(f"f:{incoming.user_id}:{incoming.update_id}"):
                self.feedback.press(answered, incoming.user_id, verdict)
        await self._show_verdicts(incoming, answered)
        return texts.VERDICTS[self.feedback.of(answer_id, incoming.user_id)]

    async def _show_verdicts(self, incoming: Incoming, answered: Answered) -> None:
        """Show under an answer what was pressed. An error is only logged: the press is stored."""
        keyboard = answer_keyboard(
            answered.id,
            answered.citations,
            self.feedback.counts(answered.id),
            private=incoming.private,
        )
        try:
            await self.bot.edit_message_reply_markup(
                incoming.chat_id,
                incoming.message_id,
                reply_markup=InlineKeyboardMarkup.de_json(keyboard, None),
            )
        except TelegramError as error:
            _log.debug("the buttons could not be changed: %s", error)

    async def _stopped(self, incoming: Incoming, update_id: int) -> bool:
        def named(item: Incoming) -> bool:
            mine = item.user_id == incoming.user_id or self.access.is_admin(incoming.user_id)
            return item.update_id == update_id and item.chat_id == incoming.chat_id and mine

        return await self.stop(named)

    async def _forget(self, incoming: Incoming, user: str, choice: str) -> str:
        if user != str(incoming.user_id):
            return texts.NOT_YOURS
        if choice == "yes":
            await self.stop(lambda item: item.user_id == incoming.user_id, keep=False)
            self.retention.forget(incoming.user_id)
        said = texts.FORGOTTEN if choice == "yes" else texts.KEPT
        self.journal.plan(
            incoming.update_id,
            [
                Outgoing(
                    incoming.chat_id or 0,
                    plain(said)[0].text,
                    thread_id=incoming.thread_id,
                    replaces=incoming.message_id,
                )
            ],
        )
        return ""

    def _answered(self, incoming: Incoming, answer_id: int) -> Answered | None:
        """Return the stored answer if it belongs to the chat of the press, or None."""
        answered = self.conversations.answer(answer_id)
        chat = self.journal.chats.now(incoming.chat_id or 0)
        return answered if answered and answered.chat_id == chat else None
