"""Takes an update from its arrival to its outcome: stores, queues, handles and logs it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any

from telegram import User
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.rendering.telegram import plain
from bot.telegram.conversation import texts
from bot.telegram.conversation.updates import UpdateContext, UpdateHandler
from bot.telegram.lanes import Lanes
from bot.telegram.outcomes import outcome_fields
from bot.telegram.reading import UpdateReader
from bot.telegram.sharing import Role, Sharing
from bot.telegram.storage.journal import Journal
from bot.telegram.storage.queue import Claim, ClaimLost, Queue
from bot.telegram.transport.delivery import ChatGone, Delivery, Undeliverable
from bot.telegram.transport.parsing import Incoming
from retrieval.errors import ArchiveUnreadable, NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

_TRIES = 3
"""How often a request is begun when a database that several processes share fails meanwhile."""
_PATIENCE = 60.0
"""Seconds in which it is begun anew. After that it is left to whichever process takes it."""


class Service:
    """Receives updates and runs the handler on them.

    Args:
        bot: the Bot API's client.
        me: the bot's own user.
        journal: stores updates and replies.
        delivery: sends replies.
        queue: deals the updates out, where several processes share them.
        sharing: takes this process's share of them.
        log_texts: whether the text of questions is logged.
    """

    def __init__(
        self,
        bot: ExtBot[Any],
        me: User,
        journal: Journal,
        delivery: Delivery,
        queue: Queue | None,
        sharing: Sharing | None,
        *,
        log_texts: bool,
    ) -> None:
        self._reader = UpdateReader(bot, me, journal)
        self._journal = journal
        self._delivery = delivery
        self._log_texts = log_texts
        self._queue = queue
        self._sharing = sharing
        self._stopped: dict[int, bool] = {}
        """The updates whose answers are being stopped, and whether what was said is kept."""
        self._stopping: set[asyncio.Task[object]] = set()
        self._answers: Lanes[Incoming] = Lanes(self._work_safely)
        self._commands: Lanes[Incoming] = Lanes(self._work_safely)
        self.count: Callable[[str], object] = str
        """Is called with the outcome of each update that was handled."""
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
        if self._queue is not None:
            self._share(numbered, self._queue)
            return
        new = set(self._journal.add_all(numbered))
        for number, raw in numbered:
            if number in new:
                new.discard(number)
                self._admit(number, raw)

    def _share(self, numbered: list[tuple[int, dict[str, Any]]], queue: Queue) -> None:
        """Store updates for whichever process takes them, in one transaction with their chats."""
        with self._journal.transaction():
            for number, raw in numbered:
                if self._journal.add(number, raw):
                    self._enqueue(number, raw, queue)
        self.look()

    def _enqueue(self, number: int, raw: dict[str, Any], queue: Queue) -> None:
        if item := self._reader.read(number, raw):
            queue.put(number, self._reader.chat(item), urgent=item.urgent)

    def look(self) -> None:
        """Look whether there is an update to handle, if several processes share them."""
        if self._sharing is not None:
            self._sharing.look()

    @property
    def role(self) -> Role:
        """What this process is among those of the bot: alone, their leader, or one that follows."""
        return self._sharing.role if self._sharing else "alone"

    def deliver(self, number: int) -> None:
        """Queue an update of the bot's own, whose messages are planned; see `add_own`."""
        if self._queue is None:
            self._admit(number, self._journal.raw(number))
        self.look()

    def recover(self) -> None:
        """Queue the updates that an earlier process left without an outcome.

        Where several processes share them, they are claimed like all others. Those that were
        copied from a file are not in the queue yet.
        """
        if self._queue is not None:
            with self._journal.transaction():
                for number, raw in self._journal.open():
                    self._enqueue(number, raw, self._queue)
            return
        left = self._journal.open()
        if left:
            _log.info("going on with %d updates that were left unanswered", len(left))
        for number, raw in left:
            self._resume(number, raw)

    def _resume(self, number: int, raw: dict[str, Any]) -> None:
        """Queue an update that was left without an outcome, unless it is too late for it."""
        if "inline_query" in raw:
            self._journal.finish(number, "expired")
        else:
            self._admit(number, raw)

    @property
    def load(self) -> int:
        """How many updates are waiting or being handled."""
        return sum(self.loads.values())

    @property
    def loads(self) -> dict[str, int]:
        """How many of them are questions and the like, and how many commands."""
        return {"answers": self._answers.load, "commands": self._commands.load}

    def oldest_wait(self) -> float:
        """Return for how many seconds the oldest update has waited that has no outcome yet."""
        oldest = self._journal.oldest_open()
        return 0.0 if oldest is None else max(0.0, time.time() - oldest)

    async def close(self, grace: float) -> None:
        """Begin nothing more; what takes longer than `grace` seconds is left to the next start.

        Other processes that share the updates get at once what was not begun.
        """
        closing = asyncio.gather(self._answers.close(grace), self._commands.close(grace))
        await asyncio.sleep(0)
        self._leave()
        await closing
        self._leave()

    def _leave(self) -> None:
        if self._sharing is not None:
            try:
                self._sharing.leave(self)
            except NewsdeskError as error:  # they take it over in a while
                _log.warning("what was not begun could not be given back: %s", error)

    async def stop(self, wanted: Callable[[Incoming], bool], *, keep: bool = True) -> bool:
        """Stop the running and waiting answers for which `wanted` returns True.

        Those that are being stopped already go on: what they said is on its way.

        Args:
            wanted: tells which.
            keep: whether what they said so far stays as a message.

        Returns:
            False if there are none.
        """
        here = await self._stop_here(wanted, keep=keep)
        if self._sharing is None:
            return here

        def named(number: int, raw: dict[str, Any]) -> bool:
            item = self._reader.parse(number, raw)
            return item is not None and wanted(item)

        close = partial(self._journal.finish, outcome="cancelled")
        return await self._sharing.stop(named, close, keep=keep) or here

    async def _stop_here(self, wanted: Callable[[Incoming], bool], *, keep: bool = True) -> bool:
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

    # What several processes share: see `Work`.

    def at_work(self) -> set[int]:
        """Return the updates that are handled, or wait for their turn, in this process."""
        return {item.update_id for item in (*self._answers.items(), *self._commands.items())}

    def room(self, *, urgent: bool) -> int:
        """Return how many more updates can be handled at once."""
        return (self._commands if urgent else self._answers).room

    def admit(self, claim: Claim) -> None:
        """Handle an update when its turn comes."""
        if claim.update_id not in self.at_work():
            admit = self._resume if claim.attempts else self._admit
            admit(claim.update_id, claim.raw)

    def abandon(self, updates: Collection[int]) -> None:
        """Stop handling updates that another process has taken over."""
        if updates:
            _log.warning("%d updates were taken over by another process", len(updates))
            self._in_background(self._answers.cancel(lambda item: item.update_id in updates))
            self._in_background(self._commands.cancel(lambda item: item.update_id in updates))

    def stop_some(self, updates: Mapping[int, bool]) -> None:
        """Stop answers; the values tell whether what was said is kept."""
        for number, keep in updates.items():
            self._in_background(self._stop_here(partial(_is, number), keep=keep))

    def _in_background(self, work: Coroutine[Any, Any, object]) -> None:
        task: asyncio.Task[object] = asyncio.create_task(work)
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    def _admit(self, number: int, raw: dict[str, Any]) -> None:
        """Parse an update and put it into its lane."""
        if incoming := self._reader.read(number, raw):
            self._put(incoming)

    def _put(self, incoming: Incoming) -> None:
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

        self._in_background(self._stop_here(older))

    async def _work_safely(self, incoming: Incoming) -> None:
        try:
            await self._work_patiently(incoming)
        except ClaimLost as error:
            _log.warning("%s", error)
        except Exception:  # such as a full disk: the update stays open, its lane goes on
            _log.exception("update %d could not be closed", incoming.update_id)
        finally:
            self._stopped.pop(incoming.update_id, None)
            self.look()

    async def _work_patiently(self, incoming: Incoming) -> None:
        """Handle an update; begin it anew while the database fails that processes share.

        So what waits for it, in its lane, is not handled before it.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                await self._work(incoming)
                return
            except ArchiveUnreadable as error:
                if self._queue is None or time.monotonic() > until:
                    raise
                _log.warning("update %d is begun anew: %s", incoming.update_id, error)
            try:
                await asyncio.sleep(1.0)
            except asyncio.CancelledError:
                if incoming.update_id not in self._stopped:
                    raise
                self._journal.finish(incoming.update_id, "cancelled")
                return

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
        except ClaimLost:
            raise
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
        self._log_end(incoming, context, outcome or "left open")

    async def _handle(self, incoming: Incoming, context: UpdateContext) -> str | None:
        """Handle an update. Return its outcome, or None to leave it open.

        If the person stops it, what was said stays. If the process is ending, the next one goes on
        with it.
        """
        number = incoming.update_id
        try:
            context.attempts = self._journal.begin(number)
            return await self.handler.handle(incoming, context.attempts, context)
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
        if self._queue and isinstance(error, ArchiveUnreadable) and context.attempts < _TRIES:
            raise error
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
        fields = outcome_fields(incoming, context, outcome, with_text=self._log_texts)
        _log.info("%s %s", incoming.verb, outcome, extra={"fields": fields})
        self.count(outcome)


def _is(number: int, incoming: Incoming) -> bool:
    return incoming.update_id == number
