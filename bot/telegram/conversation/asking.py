"""Answers questions: asks the assistant, shows drafts, and puts the answer into the outbox."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegram.constants import ChatAction
from telegram.error import Forbidden, TelegramError

from bot.drafts import draft_from
from bot.questions import LONGEST_QUESTION, question_from
from bot.rendering.telegram import Shown, answer_messages
from bot.rendering.telegram_drafts import draft_messages
from bot.telegram.conversation.preview import Preview, PreviewParts
from bot.telegram.conversation.texts import STOPPED_ANSWER
from bot.telegram.storage.conversations import Answered, Conversations, Place
from bot.telegram.storage.feedback import DOWN, UP
from bot.telegram.storage.filters import ChatFilters
from bot.telegram.storage.journal import Outgoing
from bot.telegram.transport.delivery import ChatGone
from bot.telegram.transport.parsing import Incoming
from retrieval.answers import Answer, Citation, Draft, Turn
from retrieval.archive.filters import EVERYTHING, Filters

if TYPE_CHECKING:
    from retrieval.assistant import Assistant
    from retrieval.drafts.checker import DraftChecker

_TYPING_SECONDS = 4.5
"""Telegram shows a typing action for 5 seconds; see `sendChatAction`."""
_MOST_QUOTES = 24
_QUOTES_A_ROW = 6


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers the questions of chats and inline queries, and checks texts.

    Args:
        assistant: answers over the archive.
        drafts: checks texts against it.
        conversations: stores histories and answers.
        filters: stores what conversations are narrowed to.
        parts: what a `Preview` needs.
        engine: the name of what the assistant answers with.
    """

    assistant: Assistant
    drafts: DraftChecker
    conversations: Conversations
    filters: ChatFilters
    parts: PreviewParts
    engine: str

    def place(self, incoming: Incoming) -> Place:
        """Return the key of the conversation that a message belongs to."""
        chat = self.parts.journal.chats.now(incoming.chat_id or 0)
        return Place(chat, incoming.thread_id or 0, incoming.user_id)

    def message(self, incoming: Incoming) -> int:
        """Return the id under which a message is stored."""
        return self.parts.journal.chats.stored_id(incoming.chat_id or 0, incoming.message_id)

    async def answer(self, incoming: Incoming, preview: Preview | None = None) -> Answer:
        """Answer a message or an inline query. The preview, if given, shows the drafts.

        Raises:
            BadQuestion: the question is empty or too long, or a filter in it names no day.
            ArchiveError, ServiceError: the archive or the model's service fails.
            ChatGone: the chat is closed to the bot.
        """
        asked, history = incoming.text or incoming.quoted, self._history(incoming)
        question = question_from(asked, history, filters=self.filter_of(incoming))
        if preview is None:
            return await self.assistant.ask(question)
        try:
            async with asyncio.TaskGroup() as group:
                around = [
                    group.create_task(self._type(incoming)),
                    group.create_task(preview.run()),
                ]
                async with aclosing(self.assistant.stream(question)) as parts:
                    answer = await _last(parts, preview)
                for task in around:
                    task.cancel()
            await preview.finish()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return answer

    def filter_of(self, incoming: Incoming) -> Filters:
        """Return what the conversation is narrowed to that a message is part of."""
        if incoming.chat_id is None:
            return EVERYTHING
        return self.filters.of(self.place(incoming), self.message(incoming))

    async def check(self, incoming: Incoming) -> list[Shown]:
        """Check the text of a message, or of the one it replies to, and return the findings.

        Raises:
            CannotCheck: there is too much text, or nothing to check it against.
            ArchiveError: the archive fails.
            ChatGone: the chat is closed to the bot.
        """
        draft = draft_from(incoming.text or incoming.quoted)
        try:
            async with asyncio.TaskGroup() as group:
                typing = group.create_task(self._type(incoming))
                checked = await self.drafts.check(draft.text)
                typing.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return draft_messages(checked, self.parts.bot.username)

    def plan(
        self, incoming: Incoming, answer: Answer, preview: Preview, before: Answered | None
    ) -> None:
        """Store an answer and its messages for delivery, in one transaction.

        The messages replace those of the answer `before` if there is one (the question was
        edited), else the preview if that is a message.
        """
        place, journal = self.place(incoming), self.parts.journal
        free = list(before.messages) if before else []
        if preview.message_id and not before:
            free.append(preview.message_id)
        with journal.transaction():
            asked = self.message(incoming)
            number = self.conversations.save(incoming.update_id, place, asked, answer)
            if not incoming.edited or before:
                self.conversations.remember(place, asked, answer)
            shown = answer_messages(answer, self.parts.bot.username)
            keyboard = _keyboard(number, answer, private=incoming.private)
            journal.plan(
                incoming.update_id,
                [
                    outgoing(
                        incoming,
                        part,
                        keyboard=keyboard if at == len(shown) - 1 else None,
                        replaces=free.pop(0) if free else None,
                        reply=at == 0,
                    )
                    for at, part in enumerate(shown)
                ],
            )
            journal.plan(
                incoming.update_id,
                [Outgoing(place.chat_id, "", replaces=left, state="delete") for left in free],
            )

    def plan_stopped(self, preview: Preview) -> bool:
        """Store what a preview showed as the answer, for delivery. Return False if it was nothing.

        Its asker stopped the answer.
        """
        if (said := preview.said) is None:
            return False
        incoming = preview.incoming
        question = question_from(incoming.text or incoming.quoted).text
        answer = Answer(
            question,
            question,
            said.text.strip(),
            said.citations,
            engine=self.engine,
            notice=STOPPED_ANSWER,
        )
        self.plan(incoming, answer, preview, self.before(incoming))
        return True

    def before(self, incoming: Incoming) -> Answered | None:
        """Return the earlier answer to an edited question, or None."""
        if not incoming.edited:
            return None
        return self.conversations.answer_to(self.place(incoming).chat_id, self.message(incoming))

    def _history(self, incoming: Incoming) -> tuple[Turn, ...]:
        """Return the conversation's turns; the message replied to, if any, comes last."""
        if incoming.chat_id is None:
            return ()
        history = self.conversations.history(self.place(incoming), self.message(incoming))
        if not incoming.quoted or not incoming.text:
            return history
        answered = incoming.quoted_ours and self.conversations.answer_in(
            incoming.chat_id, incoming.quoted_id
        )
        if answered:
            return (*(turn for turn in history if turn != answered.turn), answered.turn)
        text = " ".join(incoming.quoted.split())[:LONGEST_QUESTION]
        return (*history, Turn("", text) if incoming.quoted_ours else Turn(text, ""))

    async def _type(self, incoming: Incoming) -> None:
        """Show "typing…" in the chat until cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self.parts.bot.send_chat_action(
                    incoming.chat_id or 0, ChatAction.TYPING, message_thread_id=incoming.thread_id
                )
            except Forbidden as error:
                raise ChatGone(str(error)) from error
            except TelegramError:
                pass  # the answer does not depend on it
            await asyncio.sleep(max(0.5, _TYPING_SECONDS - (time.monotonic() - started)))


def outgoing(
    incoming: Incoming,
    shown: Shown,
    *,
    keyboard: dict[str, Any] | None = None,
    replaces: int | None = None,
    reply: bool = True,
) -> Outgoing:
    """Build the message that replies to `incoming`, for the outbox.

    Args:
        incoming: the message to reply to.
        shown: text and entities.
        keyboard: an "InlineKeyboardMarkup" as a JSON object.
        replaces: the id of a message to edit instead of sending a new one.
        reply: whether Telegram shows it as a reply.
    """
    return Outgoing(
        incoming.chat_id or 0,
        shown.text,
        tuple(entity.to_dict() for entity in shown.entities),
        incoming.thread_id,
        incoming.message_id if reply else None,
        keyboard,
        replaces,
    )


async def _last(parts: Any, preview: Preview) -> Answer:
    async for part in parts:
        if isinstance(part, Draft):
            preview.offer(part)
        else:
            answer: Answer = part
    return answer


def _keyboard(number: int, answer: Answer, *, private: bool) -> dict[str, Any] | None:
    """Build the buttons under an answer; there are none under small talk."""
    if answer.refused and not answer.matches:
        return None
    return answer_keyboard(number, answer.citations, Counter(), private=private)


def answer_keyboard(
    number: int, citations: Sequence[Citation], verdicts: Counter[str], *, private: bool
) -> dict[str, Any]:
    """Build the buttons under answer `number`: one for each quote, then 👍 👎.

    Those that were pressed show it: with a tick, or in a group with the number of people.
    """
    quotes = [
        {"text": f"❝ {c.number}", "callback_data": f"q:{number}:{c.number}"}
        for c in citations[:_MOST_QUOTES]
    ]
    rows = [quotes[at : at + _QUOTES_A_ROW] for at in range(0, len(quotes), _QUOTES_A_ROW)]
    ratings = []
    for thumb, verdict in (("👍", UP), ("👎", DOWN)):
        count = verdicts[verdict]
        pressed = (" ✓" if private else f" {count}") if count else ""
        ratings.append({"text": thumb + pressed, "callback_data": f"f:{number}:{verdict}"})
    return {"inline_keyboard": [*rows, ratings]}
