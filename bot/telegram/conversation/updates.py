"""Handles updates: checks access and quota, then passes each on to what it asks for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telegram import Update
from telegram.ext import ExtBot

from bot.rendering.telegram import Shown, plain
from bot.telegram.conversation import inline, texts
from bot.telegram.conversation.access import Access, Refusals
from bot.telegram.conversation.asking import Asking, outgoing
from bot.telegram.conversation.buttons import Buttons
from bot.telegram.conversation.commands import Commands
from bot.telegram.conversation.preview import Preview
from bot.telegram.storage.journal import Journal, Outgoing
from bot.telegram.storage.quotas import Quotas
from bot.telegram.storage.wishes import Wish
from bot.telegram.transport.delivery import Delivery
from bot.telegram.transport.parsing import Incoming, join_album, parse_update
from retrieval.answers import Answer
from retrieval.errors import BadQuestion, CannotCheck

_MOST_ATTEMPTS = 10
"""How often a request is tried before it is given up: it may be what kills the process."""
_ALBUM_SECONDS = 1.0
"""Telegram sends the messages of an album one after another."""


@dataclass(slots=True)
class UpdateContext:
    """What is known about one update while it is handled, for the log and for a stop."""

    started: float = field(default_factory=time.monotonic)
    answer: Answer | None = None
    preview: Preview | None = None
    parts: tuple[int, ...] = ()
    """The updates that are handled with this one: the other messages of its album."""
    attempts: int = 0
    error: str | None = None
    """The kind of error that handling it ended in."""

    @property
    def ms(self) -> int:
        """The milliseconds that it has taken."""
        return round((time.monotonic() - self.started) * 1000)

    @property
    def cause(self) -> str | None:
        """What went wrong: the kind of an error, or the model, whose answer was then quoted."""
        return self.error or ("model" if self.answer and self.answer.degraded else None)


@dataclass(frozen=True, slots=True)
class UpdateHandler:
    """Handles one update at a time: resumes an earlier attempt, or does what is asked for."""

    bot: ExtBot[Any]
    access: Access
    journal: Journal
    quotas: Quotas
    delivery: Delivery
    asking: Asking
    commands: Commands
    buttons: Buttons
    digest: Callable[[Wish, str], Awaitable[Answer | str]]
    """Makes the digest that a person with a wish asks for in some words, or says why not."""
    typing: inline.Typing
    refusals: Refusals

    async def handle(self, incoming: Incoming, attempts: int, context: UpdateContext) -> str:
        """Handle one update. Return the outcome to log, such as `answered` or `refused`.

        Args:
            incoming: the parsed update.
            attempts: how often it was tried, this attempt included.
            context: receives the answer and its preview.

        Raises:
            ChatGone: the chat is closed to the bot.
            Undeliverable: a reply could not be sent.
            NewsdeskError: the question cannot be answered now.
        """
        if not incoming.album or incoming.edited:
            return await self._handle(incoming, attempts, context)
        if not self.journal.is_open(incoming.update_id):
            return "in an album"
        return await self._handle(await self._album(incoming, context), attempts, context)

    async def _handle(self, incoming: Incoming, attempts: int, context: UpdateContext) -> str:
        number = incoming.update_id
        if incoming.verb == "news":
            outcome = "told"
        elif self._planned(number):
            outcome = "resumed"
        elif self._is_void(incoming, attempts):
            return "ignored"
        elif not (_is_about_data(incoming) or self._allows(incoming)):
            return await self._refuse(incoming)
        elif incoming.verb == "inline":
            return await self._inline(incoming, context)
        elif attempts > _MOST_ATTEMPTS:
            outcome = await self._give_up(incoming)
        elif incoming.verb == "button":
            await self.buttons.press(incoming)
            outcome = "pressed"
        elif incoming.verb == "stop":
            return await self.buttons.stop_draft(incoming)
        elif incoming.verb == "question":
            outcome = await self._question(incoming, context)
        elif incoming.verb in ("check", "digest"):
            does = self._check if incoming.verb == "check" else self._digest
            outcome = await does(incoming)
        elif incoming.query_id and not await self._may_add(incoming, attempts):
            return "denied"
        else:
            reply = await self.commands.reply(incoming)
            outcome = self.plan_reply(incoming, reply.shown, incoming.verb, reply.keyboard)
        await self._deliver(number)
        return outcome

    def leave(self, incoming: Incoming) -> None:
        """Follow nothing any more for a chat that is closed to the bot."""
        self.commands.following.topics.leave(self.journal.chats.now(incoming.chat_id or 0))

    async def keep(self, number: int, preview: Preview | None) -> bool:
        """Send what was shown of an answer that its asker stopped. Return False if nothing was.

        Where the whole answer is on its way already, that is sent.

        Raises:
            ChatGone, Undeliverable: as in `handle`.
        """
        if not self._planned(number) and not (preview and self.asking.plan_stopped(preview)):
            return False
        await self._deliver(number)
        return True

    def _planned(self, number: int) -> list[Outgoing]:
        return [m for m in self.journal.outbox(number) if m.state != "preview"]

    async def _deliver(self, number: int) -> None:
        messages = await self.delivery.deliver(number)
        self.asking.conversations.save_messages(number, messages)

    def _is_void(self, incoming: Incoming, attempts: int) -> bool:
        """Return whether nothing follows from an update."""
        if incoming.verb == "added":  # Telegram tells it twice, by a message and by a change
            return attempts == 1 and not self.journal.once(f"added:{incoming.chat_id}:")
        return incoming.verb == "part" or (incoming.edited and incoming.verb != "question")

    async def _give_up(self, incoming: Incoming) -> str:
        """Reply that the request was interrupted too often, in place of its preview if any."""
        preview = await self.delivery.find_preview(incoming.update_id, incoming.chat_id or 0)
        (said,) = plain(texts.INTERRUPTED)
        self.journal.plan(incoming.update_id, [outgoing(incoming, said, replaces=preview)])
        return "interrupted"

    async def _question(self, incoming: Incoming, context: UpdateContext) -> str:
        before = self.asking.before(incoming)
        if before and before.content["question"] == " ".join(incoming.text.split()):
            return "unchanged"
        if not (incoming.text or incoming.quoted):
            return self.plan_reply(incoming, plain(texts.NO_QUESTION), "empty")
        if not (before or self._may_ask(incoming, incoming.update_id)):
            refusal = self.quotas.refusal(datetime.now(UTC))
            return self.plan_reply(incoming, plain(refusal), "over quota")
        if before:
            replaced = before.messages[0] if before.messages else None
        else:
            chat = incoming.chat_id or 0
            replaced = await self.delivery.find_preview(incoming.update_id, chat)
        context.preview = Preview(self.asking.parts, incoming, replaced)
        try:
            context.answer = await self.asking.answer(incoming, context.preview)
        except BadQuestion as error:
            return self.plan_reply(incoming, plain(str(error)), "bad question")
        self.asking.plan(incoming, context.answer, context.preview, before)
        if not before:
            self._count(incoming, incoming.update_id, context.answer)
        return "refused" if context.answer.refused else "answered"

    async def _check(self, incoming: Incoming) -> str:
        """Check a text; it counts as a question."""
        if not (incoming.text or incoming.quoted).strip():
            return self.plan_reply(incoming, plain(texts.NO_DRAFT), "empty")
        if not self._may_ask(incoming, incoming.update_id):
            refusal = self.quotas.refusal(datetime.now(UTC))
            return self.plan_reply(incoming, plain(refusal), "over quota")
        try:
            shown = await self.asking.check(incoming)
        except CannotCheck as error:
            return self.plan_reply(incoming, plain(str(error)), "not checked")
        self.quotas.count(incoming.user_id, incoming.update_id, datetime.now(UTC))
        return self.plan_reply(incoming, shown, "checked")

    async def _digest(self, incoming: Incoming) -> str:
        """Make a digest, which counts as a question, or see to a daily one."""
        if said := self.commands.following.daily_digest(incoming):
            return self.plan_reply(incoming, plain(said), "digest")
        if not self._may_ask(incoming, incoming.update_id):
            refusal = self.quotas.refusal(datetime.now(UTC))
            return self.plan_reply(incoming, plain(refusal), "over quota")
        wish = self.commands.following.wishes.of(self.asking.place(incoming))
        digest = await self.digest(wish, incoming.text)
        if isinstance(digest, str):
            return self.plan_reply(incoming, plain(digest), "digest")
        self.asking.plan(incoming, digest, Preview(self.asking.parts, incoming, None), None)
        self.quotas.count(incoming.user_id, incoming.update_id, datetime.now(UTC))
        return "digest"

    async def _inline(self, incoming: Incoming, context: UpdateContext) -> str:
        if len(incoming.text.strip()) < inline.SHORTEST:
            await inline.offer(self.bot, incoming.query_id, None)
            return "empty"
        question = self.typing.question(incoming.user_id, incoming.update_id, incoming.text)
        await inline.pause()
        if not self._may_ask(incoming, question):
            await inline.offer(self.bot, incoming.query_id, None, texts.NONE_LEFT)
            return "over quota"
        try:
            context.answer = await self.asking.answer(incoming)
        except BadQuestion:
            context.answer = None
        else:
            self._count(incoming, question, context.answer)
        await inline.offer(self.bot, incoming.query_id, context.answer)
        return "offered"

    async def _album(self, incoming: Incoming, context: UpdateContext) -> Incoming:
        """Wait for the other messages of an album, and return them all as one request.

        Documents that an admin sent without a word are asked about one by one.
        """
        await self.asking.parts.pace.sleep(_ALBUM_SECONDS)
        parsed = [
            parse_update(Update.de_json(raw, self.bot), self.bot.bot)
            for _, raw in self.journal.open()
            if "message" in raw and raw["message"].get("media_group_id") == incoming.album
        ]
        place = (incoming.chat_id, incoming.user_id)
        parts = [p for p in parsed if p and (p.chat_id, p.user_id) == place]
        whole = join_album(parts)
        if whole.verb == "media" and whole.documents and self.access.is_admin(whole.user_id):
            return incoming
        context.parts = tuple(part.update_id for part in parts[1:])
        return whole

    async def _may_add(self, incoming: Incoming, attempts: int) -> bool:
        """Answer the press on the button that adds a document. Return whether to do it."""
        allowed = self.access.is_admin(incoming.user_id)
        first = f"add:{incoming.chat_id}:{incoming.message_id}"
        does = allowed and (attempts > 1 or self.journal.once(first))
        word = texts.READING if allowed else texts.ADMINS_ONLY
        await self.buttons.answer(incoming, word)
        return does

    def _may_ask(self, incoming: Incoming, question: int) -> bool:
        """Return whether the person has a question left today. Its number is an update's id."""
        user = incoming.user_id
        return self.access.is_admin(user) or self.quotas.allows(user, question, datetime.now(UTC))

    def _count(self, incoming: Incoming, question: int, answer: Answer) -> None:
        """Count a question, unless it was small talk, for which nothing is searched."""
        if answer.matches or not answer.refused:
            self.quotas.count(incoming.user_id, question, datetime.now(UTC))

    def _allows(self, incoming: Incoming) -> bool:
        """Return whether a person may ask in a chat, by the id it has or had as a group."""
        chats = (incoming.chat_id, self.journal.chats.first(incoming.chat_id or 0))
        return any(self.access.allows(incoming.user_id, chat) for chat in chats)

    async def _refuse(self, incoming: Incoming) -> str:
        """Refuse an update; reply only where the person expects an answer."""
        if incoming.verb == "inline":
            await inline.offer(self.bot, incoming.query_id, None, texts.NOT_LET_IN)
        elif incoming.query_id:
            await self.buttons.answer(incoming, texts.NOT_YOURS)
        elif incoming.verb == "added" or (
            incoming.private and not incoming.edited and self.refusals.is_due(incoming.user_id)
        ):
            told = texts.NOT_ALLOWED if incoming.private else texts.NOT_ALLOWED_HERE
            refusal = told.format(user=incoming.user_id, chat=incoming.chat_id)
            self.plan_reply(incoming, plain(refusal), "denied")
            await self.delivery.deliver(incoming.update_id)
        return "denied"

    def close(self, incoming: Incoming, context: UpdateContext) -> None:
        """Close the updates that were handled with this one, once it has its outcome.

        If it was a person's wish to be forgotten, delete what handling it stored.
        """
        for number in context.parts:
            self.journal.finish(number, "in an album")
        by_button = (incoming.verb, incoming.text) == ("button", f"g:{incoming.user_id}:yes")
        by_word = incoming.as_chat and (incoming.verb, incoming.text.lower()) == ("forget", "yes")
        if by_button or by_word:
            self.buttons.retention.forget(incoming.user_id)

    def plan_reply(
        self,
        incoming: Incoming,
        shown: list[Shown],
        outcome: str,
        keyboard: dict[str, Any] | None = None,
    ) -> str:
        """Add a reply to the outbox. Return `outcome`, for the log.

        The reply to a press replaces the message with the button.
        """
        last = len(shown) - 1
        self.journal.plan(
            incoming.update_id,
            [
                outgoing(
                    incoming,
                    part,
                    keyboard=keyboard if at == last else None,
                    replaces=incoming.message_id if incoming.query_id and at == 0 else None,
                    reply=at == 0,
                )
                for at, part in enumerate(shown)
            ],
        )
        return outcome


def _is_about_data(incoming: Incoming) -> bool:
    """Return whether an update is about what is stored of its person, who may not ask any more."""
    if incoming.verb == "button":
        return incoming.text.startswith("g:")
    return incoming.verb in ("forget", "privacy")
