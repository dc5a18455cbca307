"""Takes an update from its arrival to its outcome: stores, queues, handles and logs it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from telegram import Update, User
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.rendering.telegram import plain
from bot.telegram.conversation import texts
from bot.telegram.conversation.updates import UpdateContext, UpdateHandler
from bot.telegram.lanes import Lanes
from bot.telegram.storage.journal import Journal
from bot.telegram.transport.delivery import ChatGone, Delivery, Undeliverable
from bot.telegram.transport.parsing import Incoming, migration, parse_update
from retrieval.errors import NewsdeskError

_log = logging.getLogger("newsdesk.telegram")


class Service:
    """Receives updates and runs the handler on them.

    Args:
        bot: the Bot API's client.
        me: the bot's own user.
        journal: stores updates and replies.
        delivery: sends replies.
        log_texts: whether the text of questions is logged.
    """

    def __init__(
        self,
        bot: ExtBot[Any],
        me: User,
        journal: Journal,
        delivery: Delivery,
        *,
        log_texts: bool,
    ) -> None:
        self._bot = bot
        self._me = me
        self._journal = journal
        self._delivery = delivery
        self._log_texts = log_texts
        self._stopped: dict[int, bool] = {}
        """The updates whose answers are being stopped, and whether what was said is kept."""
        self._superseding: set[asyncio.Task[object]] = set()
        self._answers: Lanes[Incoming] = Lanes(self._work_safely)
        self._commands: Lanes[Incoming] = Lanes(self._work_safely)
        self.handler: UpdateHandler
        """Must be set before the first update is received; it needs `stop`, hence the service."""

    def receive(self, updates: list[dict[str, Any]]) -> None:
        """Store updates as Telegram sent them, and queue the new ones.

        When this returns, they are on disk. An update without an id is skipped.
        """
        numbered = []
        for raw in updates:
            number = raw.get("update_id") if isinstance(raw, dict) else None
            if isinstance(number, int):
                numbered.append((number, raw))
            else:
                _log.warning("an update without a number is passed over")
        new = set(self._journal.add_all(numbered))
        for number, raw in numbered:
            if number in new:
                new.discard(number)
                self._admit(number, raw)

    def deliver(self, number: int) -> None:
        """Queue an update of the bot's own, whose messages are planned; see `add_own`."""
        self._admit(number, self._journal.raw(number))

    def recover(self) -> None:
        """Queue the updates that an earlier process left without an outcome."""
        left = self._journal.open()
        if left:
            _log.info("going on with %d updates that were left unanswered", len(left))
        for number, raw in left:
            if "inline_query" in raw:
                self._journal.finish(number, "expired")
            else:
                self._admit(number, raw)

    @property
    def load(self) -> int:
        """How many updates are waiting or being handled."""
        return self._answers.load + self._commands.load

    async def close(self, grace: float) -> None:
        """Begin nothing more; what takes longer than `grace` seconds is left to the next start."""
        await asyncio.gather(self._answers.close(grace), self._commands.close(grace))

    async def stop(self, wanted: Callable[[Incoming], bool], *, keep: bool = True) -> bool:
        """Stop the running and waiting answers for which `wanted` returns True.

        Those that are being stopped already go on: what they said is on its way.

        Args:
            wanted: tells which.
            keep: whether what they said so far stays as a message.

        Returns:
            False if there are none.
        """
        running = [item.update_id for item in self._answers.running() if wanted(item)]
        before = set(self._stopped)
        for number in running:
            self._stopped[number] = keep and self._stopped.get(number, True)
        dropped = await self._answers.cancel(
            lambda item: wanted(item) and item.update_id not in before
        )
        for item in dropped:
            self._journal.finish(item.update_id, "cancelled")
        return bool(running or dropped)

    def _admit(self, number: int, raw: dict[str, Any]) -> None:
        """Parse an update and put it into its lane."""
        if own := raw.get("own"):
            private = own["chat_id"] == own["user_id"]
            self._queue(Incoming(number, "news", **own, private=private))
            return
        try:
            update = Update.de_json(raw, self._bot)
            incoming = parse_update(update, self._me)
            if (message := update.message) is not None:
                self._journal.saw(message.chat.id, message.message_id)
                if moved := migration(message):
                    self._journal.chats.move(*moved)
        except sqlite3.Error:
            raise
        except Exception as error:  # a malformed update must not keep the next one waiting
            _log.warning("update %d cannot be read (%s)", number, type(error).__name__)
            self._journal.finish(number, "unreadable")
            return
        if incoming is None:
            self._journal.finish(number, "ignored")
            return
        self._queue(incoming)

    def _queue(self, incoming: Incoming) -> None:
        """Put an update into its lane: a person's questions in a place wait for one another only.

        Commands and buttons have lanes of their own, since they wait for no answer.
        """
        if incoming.urgent:
            self._commands.put((incoming.chat_id, incoming.user_id), incoming)
        elif incoming.verb == "inline":
            self._supersede(incoming)
            self._answers.put(("inline", incoming.user_id, incoming.update_id), incoming)
        elif incoming.verb == "news":
            self._answers.put(("news", incoming.chat_id), incoming)
        else:
            chat = self._journal.chats.first(incoming.chat_id or 0)
            self._answers.put((chat, incoming.thread_id, incoming.user_id), incoming)

    def _supersede(self, incoming: Incoming) -> None:
        """Stop a person's earlier inline queries: they have typed on."""

        def older(item: Incoming) -> bool:
            same = item.verb == "inline" and item.user_id == incoming.user_id
            return same and item.update_id < incoming.update_id

        task: asyncio.Task[object] = asyncio.create_task(self.stop(older))
        self._superseding.add(task)
        task.add_done_callback(self._superseding.discard)

    async def _work_safely(self, incoming: Incoming) -> None:
        try:
            await self._work(incoming)
        except Exception:  # such as a full disk: the update stays open, its lane goes on
            _log.exception("update %d could not be closed", incoming.update_id)

    async def _work(self, incoming: Incoming) -> None:
        """Handle one update, store its outcome, and log it."""
        number, context = incoming.update_id, UpdateContext()
        outcome: str | None
        try:
            outcome = await self._handle(incoming, context)
        except ChatGone:
            outcome = "blocked"
            self.handler.leave(incoming)
        except Undeliverable as error:
            _log.error("update %d: nothing can be delivered: %s", number, error)
            outcome, context.error = "undeliverable", type(error).__name__
        except Exception as error:
            context.error = type(error).__name__
            outcome = await self._after_trouble(incoming, context, error)
        if outcome is not None:
            self._journal.finish(
                number,
                outcome,
                ms=context.ms,
                cost_usd=context.answer.usage.cost_usd if context.answer else None,
                cause=context.cause,
            )
            self.handler.close(incoming, context)
        self._stopped.pop(number, None)
        self._log_end(incoming, context, outcome or "left open")

    async def _handle(self, incoming: Incoming, context: UpdateContext) -> str | None:
        """Handle an update. Return its outcome, or None to leave it open.

        If the person stops it, what was said stays. If the process is ending, the next one goes on
        with it.
        """
        number = incoming.update_id
        try:
            return await self.handler.handle(incoming, self._journal.begin(number), context)
        except asyncio.CancelledError:
            if number not in self._stopped:
                return None
        preview = context.preview
        if preview is not None:
            await preview.finish()
        kept = self._stopped[number] and await self.handler.keep(number, preview)
        if preview is not None and not kept:
            await preview.stop()
        return "cancelled"

    async def _after_trouble(
        self, incoming: Incoming, context: UpdateContext, error: Exception
    ) -> str | None:
        if isinstance(error, NewsdeskError):
            _log.error("update %d: %s", incoming.update_id, error)
        else:
            _log.error("update %d failed", incoming.update_id, exc_info=error)
        if isinstance(error, TelegramError) or not incoming.chat_id or incoming.verb == "news":
            return "failed"
        if context.preview is not None:
            await context.preview.stop()
        try:
            self.handler.plan_reply(incoming, plain(texts.TROUBLE), "failed")
            await self._delivery.deliver(incoming.update_id)
        except asyncio.CancelledError:
            return None
        except (ChatGone, Undeliverable):
            pass
        return "failed"

    def _log_end(self, incoming: Incoming, context: UpdateContext, outcome: str) -> None:
        """Log one line for an update: who, where, how long, which outcome. Texts only on demand."""
        fields: dict[str, Any] = {
            "event": incoming.verb,
            "update_id": incoming.update_id,
            "chat_id": incoming.chat_id,
            "thread_id": incoming.thread_id,
            "user_id": incoming.user_id,
            "message_id": incoming.message_id or None,
            "outcome": outcome,
            "ms": context.ms,
        }
        if answer := context.answer:
            fields |= {
                "engine": answer.engine,
                "citations": len(answer.citations),
                "removed": len(answer.removed),
                "tokens": answer.usage.prompt_tokens + answer.usage.completion_tokens,
                "cost_usd": answer.usage.cost_usd,
                "timings_ms": answer.timings_ms,
            }
        if self._log_texts:
            fields["text"] = incoming.text
        _log.info("%s %s", incoming.verb, outcome, extra={"fields": fields})
