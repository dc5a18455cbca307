"""One update's way: written down, put into its lane, worked on, answered, closed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telegram import Update, User
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.rendering.telegram import Shown, plain
from bot.telegram import inline, texts
from bot.telegram.access import Access
from bot.telegram.asking import Asking, outgoing
from bot.telegram.buttons import Buttons
from bot.telegram.delivery import ChatGone, Delivery, Undeliverable
from bot.telegram.handlers import Handlers
from bot.telegram.journal import Journal
from bot.telegram.lanes import Lanes
from bot.telegram.preview import Preview
from bot.telegram.quotas import Quotas
from bot.telegram.reading import Incoming, read_update
from retrieval.answers import Answer
from retrieval.errors import BadQuestion, NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

_MOST_ATTEMPTS = 2
"""A question whose answering the process did not survive twice is not tried a third time."""


@dataclass(slots=True)
class _Course:
    """What is worth logging of one update's way."""

    started: float = field(default_factory=time.monotonic)
    answer: Answer | None = None
    preview: Preview | None = None


class Service:
    """Takes updates in and has them answered.

    Args:
        me: the bot's own user.
        log_texts: whether questions are logged in words.
    """

    def __init__(
        self,
        bot: ExtBot[Any],
        me: User,
        access: Access,
        journal: Journal,
        quotas: Quotas,
        delivery: Delivery,
        asking: Asking,
        *,
        log_texts: bool,
    ) -> None:
        self._bot = bot
        self._me = me
        self._access = access
        self._journal = journal
        self._quotas = quotas
        self._delivery = delivery
        self._asking = asking
        self._log_texts = log_texts
        self._stopped: set[int] = set()
        self._superseding: set[asyncio.Task[object]] = set()
        self.lanes: Lanes[Incoming] = Lanes(self._work_safely)
        self.handlers: Handlers
        self.buttons: Buttons

    def receive(self, updates: list[dict[str, Any]]) -> None:
        """Write updates down, as they came, and have the new ones worked on.

        When this returns they are on the disk; one without a number is passed over.
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

    def recover(self) -> None:
        """Go on with what an earlier process left."""
        left = self._journal.open()
        if left:
            _log.info("going on with %d updates that were left unanswered", len(left))
        for number, raw in left:
            if "inline_query" in raw:
                self._journal.finish(number, "expired")
            else:
                self._admit(number, raw)

    async def stop(self, wanted: Callable[[Incoming], bool]) -> bool:
        """Stop the answers that are wanted, running or waiting; False if there are none."""
        running = self.lanes.any_running(lambda item: wanted(item) and self._note_stop(item))
        dropped = await self.lanes.cancel(wanted)
        for item in dropped:
            self._journal.finish(item.update_id, "cancelled")
        return running or bool(dropped)

    def _note_stop(self, item: Incoming) -> bool:
        self._stopped.add(item.update_id)
        return True

    def _admit(self, number: int, raw: dict[str, Any]) -> None:
        """Read an update and put it into its lane."""
        try:
            update = Update.de_json(raw, self._bot)
            incoming = read_update(update, self._me)
        except Exception as error:  # whatever is odd about it, the next one must not wait
            _log.warning("update %d cannot be read (%s)", number, type(error).__name__)
            self._journal.finish(number, "unreadable")
            return
        if incoming is None:
            self._journal.finish(number, "ignored")
            return
        if incoming.chat_id is not None and incoming.message_id:
            self._journal.saw(incoming.chat_id, incoming.message_id)
        self.lanes.put(self._lane(incoming), incoming)

    def _lane(self, incoming: Incoming) -> tuple[object, ...]:
        if incoming.verb == "inline":

            def older(item: Incoming) -> bool:
                same = item.verb == "inline" and item.user_id == incoming.user_id
                return same and item.update_id < incoming.update_id

            task: asyncio.Task[object] = asyncio.create_task(self.stop(older))
            self._superseding.add(task)
            task.add_done_callback(self._superseding.discard)
            return ("inline", incoming.user_id, incoming.update_id)
        if incoming.urgent:
            return ("urgent", incoming.chat_id, incoming.user_id)
        return (incoming.chat_id, incoming.thread_id)

    async def _work_safely(self, incoming: Incoming) -> None:
        try:
            await self._work(incoming)
        except Exception:  # the disk is full, say: the update stays open, and its lane goes on
            _log.exception("update %d could not be closed", incoming.update_id)

    async def _work(self, incoming: Incoming) -> None:
        """Give one update its effect, close it, and log it."""
        number, course = incoming.update_id, _Course()
        outcome: str | None
        try:
            attempts = self._journal.begin(number, incoming.user_id)
            outcome = await self._effect(incoming, attempts, course)
        except asyncio.CancelledError:
            outcome = await self._after_cancel(incoming, course)
        except ChatGone:
            outcome = "blocked"
        except Undeliverable as error:
            _log.error("update %d: nothing can be delivered: %s", number, error)
            outcome = "undeliverable"
        except Exception as error:
            outcome = await self._after_trouble(incoming, course, error)
        if outcome is not None:
            self._journal.finish(number, outcome)
        self._stopped.discard(number)
        self._log_end(incoming, course, outcome or "left open")

    async def _effect(self, incoming: Incoming, attempts: int, course: _Course) -> str:
        """What an update brings about; returns what that is called in the log."""
        number = incoming.update_id
        planned = [m for m in self._journal.outbox(number) if m.state != "preview"]
        if planned:
            outcome = "resumed"
        elif not self._access.allows(incoming.user_id, incoming.chat_id):
            return await self._refuse(incoming)
        elif incoming.verb == "inline":
            return await self._inline(incoming, course)
        elif attempts > _MOST_ATTEMPTS:
            outcome = self._say(incoming, plain(texts.INTERRUPTED), "interrupted")
        elif incoming.verb == "button":
            await self.buttons.press(incoming)
            outcome = "pressed"
        elif incoming.verb == "stop":
            return await self.buttons.stop_draft(incoming)
        elif incoming.verb == "question":
            outcome = await self._question(incoming, course)
        elif incoming.edited or not self._first_of_album(incoming, attempts):
            return "ignored"
        else:
            said = await self.handlers.say(incoming)
            outcome = self._say(incoming, said.shown, incoming.verb, said.keyboard)
        messages = await self._delivery.deliver(number)
        self._asking.conversations.placed(number, messages)
        return outcome

    async def _question(self, incoming: Incoming, course: _Course) -> str:
        before = self._asking.before(incoming)
        if before and before.content["question"] == " ".join(incoming.text.split()):
            return "unchanged"
        if not (incoming.text or incoming.quoted):
            return self._say(incoming, plain(texts.NO_QUESTION), "empty")
        if not self._may_ask(incoming):
            refusal = self._quotas.refusal(datetime.now(UTC))
            return self._say(incoming, plain(refusal), "over quota")
        left = [m.message_id for m in self._journal.outbox(incoming.update_id)]
        replaced = before.messages[:1] if before else tuple(n for n in left[:1] if n)
        parts = self._asking.parts
        course.preview = Preview(parts, incoming, replaced[0] if replaced else None)
        try:
            course.answer = await self._asking.answer(incoming, course.preview)
        except BadQuestion as error:
            return self._say(incoming, plain(str(error)), "bad question")
        self._asking.plan(incoming, course.answer, course.preview, before)
        return "refused" if course.answer.refused else "answered"

    async def _inline(self, incoming: Incoming, course: _Course) -> str:
        if len(incoming.text.strip()) < inline.SHORTEST:
            await inline.offer(self._bot, incoming.query_id, None)
            return "empty"
        await inline.pause()
        if not self._may_ask(incoming):
            await inline.offer(self._bot, incoming.query_id, None)
            return "over quota"
        try:
            course.answer = await self._asking.answer(incoming)
        except BadQuestion:
            course.answer = None
        await inline.offer(self._bot, incoming.query_id, course.answer)
        return "offered"

    def _first_of_album(self, incoming: Incoming, attempts: int) -> bool:
        """Whether nothing was said yet to the pictures that came together with this one."""
        if not incoming.album or attempts > 1:
            return True
        return self._journal.press(f"album:{incoming.chat_id}:{incoming.album}")

    def _may_ask(self, incoming: Incoming) -> bool:
        """Count a question; False if the person has none left today."""
        limited = not self._access.is_admin(incoming.user_id)
        now = datetime.now(UTC)
        return self._quotas.take(incoming.user_id, incoming.update_id, now, limited=limited)

    async def _refuse(self, incoming: Incoming) -> str:
        """Say no, where anybody expects an answer."""
        if incoming.verb == "button":
            await self.buttons.answer(incoming, texts.NOT_YOURS)
        elif incoming.verb == "inline":
            await inline.offer(self._bot, incoming.query_id, None)
        elif incoming.private and not incoming.edited:
            refusal = texts.NOT_ALLOWED.format(user=incoming.user_id)
            self._say(incoming, plain(refusal), "denied")
            await self._delivery.deliver(incoming.update_id)
        return "denied"

    def _say(
        self,
        incoming: Incoming,
        shown: list[Shown],
        outcome: str,
        keyboard: dict[str, Any] | None = None,
    ) -> str:
        """Plan a reply; returns the outcome, for the log."""
        last = len(shown) - 1
        self._journal.plan(
            incoming.update_id,
            [
                outgoing(incoming, part, keyboard=keyboard if at == last else None, reply=at == 0)
                for at, part in enumerate(shown)
            ],
        )
        return outcome

    async def _after_cancel(self, incoming: Incoming, course: _Course) -> str | None:
        """Stopped by its person, or by the end of the process: then what was being sent is left
        to the next one, and what was being thought about is said to be interrupted."""
        if incoming.update_id in self._stopped:
            if course.preview is not None:
                await course.preview.stop()
            return "cancelled"
        planned = [m for m in self._journal.outbox(incoming.update_id) if m.state != "preview"]
        if planned or incoming.chat_id is None:
            return None
        if course.preview is not None:
            await course.preview.stop()
        return await self._apologize(incoming, texts.INTERRUPTED, "interrupted")

    async def _after_trouble(
        self, incoming: Incoming, course: _Course, error: Exception
    ) -> str | None:
        if isinstance(error, NewsdeskError):
            _log.error("update %d: %s", incoming.update_id, error)
        else:
            _log.error("update %d failed", incoming.update_id, exc_info=error)
        if isinstance(error, TelegramError) or incoming.chat_id is None:
            return "failed"
        if course.preview is not None:
            await course.preview.stop()
        return await self._apologize(incoming, texts.TROUBLE, "failed")

    async def _apologize(self, incoming: Incoming, text: str, outcome: str) -> str | None:
        try:
            self._say(incoming, plain(text), outcome)
            await self._delivery.deliver(incoming.update_id)
        except (ChatGone, Undeliverable):
            return outcome
        except asyncio.CancelledError:
            return None
        return outcome

    def _log_end(self, incoming: Incoming, course: _Course, outcome: str) -> None:
        """One line by update: who, where, how long, with what outcome; no words of theirs."""
        fields: dict[str, Any] = {
            "event": incoming.verb,
            "update_id": incoming.update_id,
            "chat_id": incoming.chat_id,
            "thread_id": incoming.thread_id,
            "user_id": incoming.user_id,
            "message_id": incoming.message_id or None,
            "outcome": outcome,
            "ms": round((time.monotonic() - course.started) * 1000),
        }
        if answer := course.answer:
            fields |= {
                "engine": answer.engine,
                "citations": len(answer.citations),
                "tokens": answer.usage.prompt_tokens + answer.usage.completion_tokens,
                "cost_usd": answer.usage.cost_usd,
                "timings_ms": answer.timings_ms,
            }
        if self._log_texts:
            fields["text"] = incoming.text
        _log.info("%s %s", incoming.verb, outcome, extra={"fields": fields})
