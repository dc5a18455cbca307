"""Builds the bot, runs it until a signal, and shuts it down in order."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TypeVar

from telegram import User
from telegram.error import (
    BadRequest,
    EndPointNotFound,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot import proxies
from bot.monitoring.monitor import Monitor
from bot.monitoring.watching import watch
from bot.settings import Settings
from bot.telegram.conversation import texts
from bot.telegram.conversation.access import Access, open_to_all
from bot.telegram.conversation.asking import Asking
from bot.telegram.conversation.buttons import Buttons
from bot.telegram.conversation.commands import Commands
from bot.telegram.conversation.following import Following
from bot.telegram.conversation.inline import SharedTyping, Typing
from bot.telegram.conversation.preview import PreviewParts
from bot.telegram.conversation.updates import UpdateHandler
from bot.telegram.conversation.uploads import Uploads
from bot.telegram.logs import Redactor, set_up
from bot.telegram.monitoring import monitor_of
from bot.telegram.news.corrections import Corrections
from bot.telegram.news.digests import DailyDigests
from bot.telegram.news.herald import Herald
from bot.telegram.news.rounds import Rounds
from bot.telegram.news.stories import StoryOf
from bot.telegram.news.telling import Telling
from bot.telegram.news.watch import Watch
from bot.telegram.refreshing import Refreshing
from bot.telegram.service import Service
from bot.telegram.sharing import Sharing
from bot.telegram.storage.conversations import Conversations
from bot.telegram.storage.feedback import Feedback
from bot.telegram.storage.filters import ChatFilters
from bot.telegram.storage.journal import Journal
from bot.telegram.storage.queue import Queue
from bot.telegram.storage.quotas import Quotas
from bot.telegram.storage.retention import Retention
from bot.telegram.storage.store import Store, open_store
from bot.telegram.storage.topics import Topics
from bot.telegram.storage.wishes import Wishes
from bot.telegram.transport.delivery import Delivery
from bot.telegram.transport.faults import TOKEN_REJECTED, TokenRejected, seconds
from bot.telegram.transport.limits import ChatLimits
from bot.telegram.transport.pace import Pace
from bot.telegram.transport.parsing import ALLOWED_UPDATES
from bot.telegram.transport.polling import poll
from bot.telegram.transport.reach import NotingRequest, Reach
from bot.telegram.transport.webhook import listening, secret_for, showing
from bot.wiring import Desk
from retrieval.archive.history import last_arrival
from retrieval.errors import NewsdeskError, SettingsError

T = TypeVar("T")

_HEARTBEAT_SECONDS = 8.0
_LONGEST_PAUSE = 15.0

_log = logging.getLogger("newsdesk.telegram")


class ApiTrouble(NewsdeskError):
    """The Bot API returned an error that ends the bot."""


def build_bot(settings: Settings, limits: ChatLimits | None = None) -> tuple[ExtBot[Any], Redactor]:
    """Build the Bot API's client, and the redactor that removes its token from texts.

    Raises:
        SettingsError: no token is set, or a proxy cannot be used.
    """
    if settings.telegram_bot_token is None:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not set: take your bot's token from @BotFather and put it into "
            f"the environment or {settings.home / '.env'}."
        )
    token = settings.telegram_bot_token.get_secret_value()
    api = settings.telegram_api_url
    if reason := proxies.fault(api):
        raise SettingsError(reason)
    client = {"trust_env": not proxies.malformed()}
    reach = Reach()
    bot: ExtBot[Any] = ExtBot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=NotingRequest(reach, connection_pool_size=64, pool_timeout=10, httpx_kwargs=client),
        get_updates_request=NotingRequest(reach, connection_pool_size=1, httpx_kwargs=client),
        local_mode=False,
        rate_limiter=limits,
    )
    return bot, Redactor(token)


def run(desk: Desk) -> None:
    """Run the bot until SIGTERM or Ctrl-C.

    Raises:
        NewsdeskError: the bot cannot start or go on. The message never holds the token.
    """
    limits = ChatLimits()
    bot, redact = build_bot(desk.settings, limits)
    settings = desk.settings
    set_up(
        redact,
        level=settings.log_level,
        as_json=settings.log == "json",
        texts=settings.log_texts,
    )
    application = Application(desk, bot, limits)

    async def run_until_signal() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, application.stop)
        await application.run()

    try:
        asyncio.run(run_until_signal())
    except TelegramError as error:  # its message, or its cause's, may hold the token
        raise ApiTrouble(redact(f"The Bot API refuses: {error}.")) from None


class Application:
    """One run of the bot.

    Args:
        desk: the archive and its assistant.
        bot: the Bot API's client.
        limits: the rate limiter that `bot` was built with.
        pace: the waiting times.
    """

    def __init__(
        self, desk: Desk, bot: ExtBot[Any], limits: ChatLimits, pace: Pace | None = None
    ) -> None:
        self._pace = pace or Pace()
        self._desk = desk
        self._settings = desk.settings
        self._bot = bot
        self._limits = limits
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._failure: NewsdeskError | None = None
        self._sharing: Sharing | None = None
        self._metrics = watch(desk, "telegram")

    async def run(self) -> None:
        """Answer questions until `stop` is called, then shut down in order.

        Raises:
            NewsdeskError: the bot cannot start or go on.
        """
        async with AsyncExitStack() as stack:
            await self._work(stack)
        if self._failure is not None:
            raise self._failure

    async def _work(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._bot.shutdown)
        await self._until_stopped(self._patiently(self._bot.initialize, "initialize"))
        if self._stop.is_set():
            return
        store = open_store(self._settings)
        stack.callback(store.close)
        await self._until_stopped(asyncio.to_thread(lambda: self._desk.assistant))
        if not self._stop.is_set() and (warning := open_to_all(self._desk)):
            _log.warning(warning)
        if self._stop.is_set():
            return
        shared = store.database.engine == "postgres"
        daily = self._settings.telegram_daily_questions
        quotas = Quotas(store, daily, self._bot.token if shared else "")
        retention = Retention(store, quotas, self._desk.stores.replies, self._settings.keep_days)
        queue = Queue(store) if shared else None
        self._sharing = Sharing(queue, self._limits, self._pace) if queue else None
        service, rounds = self._build(store, queue, self._bot.bot, quotas, retention)
        service.recover()
        refreshing = Refreshing(self._desk, self._pace)
        duties = (self._introduce, partial(self._prune, retention), rounds.run, refreshing.run)
        works = [self._by_one(duty) for duty in duties]
        for work in [*works, *([self._sharing.run(service)] if self._sharing else [])]:
            background = asyncio.create_task(work)
            stack.callback(background.cancel)
        await self._until_stopped(self._intake(service, stack))
        await self._end(service)

    async def _by_one(self, duty: Callable[[], Awaitable[None]]) -> None:
        """Do what one process does for all that share a token, if this is the one."""
        await (self._sharing.while_leading(duty) if self._sharing else duty())

    def stop(self) -> None:
        """Shut down after the running answers; on a second call, without waiting for them.

        Call it in the event loop's thread.
        """
        (self._hurry if self._stop.is_set() else self._stop).set()

    def _revoked(self) -> None:
        self._failure = TokenRejected(TOKEN_REJECTED)
        self._stop.set()

    async def _until_stopped(self, work: Awaitable[object]) -> None:
        """Wait for `work`, or cancel it when the bot is stopped. An error in it ends the bot."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        elif (error := task.exception()) is not None:
            if not isinstance(error, NewsdeskError):
                raise error
            self._failure = error
            self._stop.set()

    async def _patiently(self, request: Callable[[], Awaitable[T]], what: str) -> T:
        """Repeat a request until the Bot API can be reached. `what` names it in the log.

        Raises:
            TokenRejected: Telegram rejects the token.
            BadRequest: Telegram refuses the request.
        """
        pause = 0.5
        while True:
            try:
                return await request()
            except (InvalidToken, EndPointNotFound):
                raise TokenRejected(TOKEN_REJECTED) from None
            except BadRequest:
                raise
            except RetryAfter as error:
                pause = seconds(error)
            except NetworkError as error:
                _log.warning("the Bot API cannot be reached (%s), trying on: %s", what, error)
            await self._pace.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _build(
        self, store: Store, queue: Queue | None, me: User, quotas: Quotas, retention: Retention
    ) -> tuple[Service, Rounds]:
        settings, bot, desk = self._settings, self._bot, self._desk
        access = Access(
            settings.telegram_allowed_users,
            settings.telegram_allowed_chats,
            settings.telegram_admins,
        )
        journal, conversations = Journal(store, me.id, queue), Conversations(store)
        topics, wishes = Topics(store), Wishes(store, settings.telegram_quiet)
        delivery = Delivery(bot, journal, self._revoked, self._pace)
        parts = PreviewParts(bot, delivery, journal, self._limits, self._pace)
        asking = Asking(
            desk.assistant, desk.drafts, conversations, ChatFilters(store), parts, desk.engine
        )
        service = Service(
            bot, me, journal, delivery, queue, self._sharing, log_texts=settings.log_texts
        )
        came_last = partial(last_arrival, desk.catalog)
        commands = Commands(
            desk,
            store,
            access,
            asking,
            conversations,
            Uploads(bot, settings),
            retention,
            Following(topics, wishes, asking.place, came_last, self._pace.now),
            service.stop,
            me.username or "",
        )
        buttons = Buttons(
            desk, bot, access, journal, conversations, Feedback(store), retention, service.stop
        )
        telling = Telling(journal, conversations, access, me.username or "")
        digests = DailyDigests(desk.digests.digest, telling, topics, wishes, self._pace.now)
        service.handler = UpdateHandler(
            bot,
            access,
            journal,
            quotas,
            delivery,
            asking,
            commands,
            buttons,
            digests.asked,
            typing=SharedTyping(store) if queue else Typing(),
        )
        story_of = StoryOf(desk.searcher, desk.copies.clusters)
        rounds = Rounds(
            Watch(desk.catalog, desk.topic_matcher, topics, story_of, desk.copies.copies_of),
            Herald(telling, topics, wishes, settings.telegram_daily_news),
            digests,
            Corrections(partial(open_store, settings), desk.catalog, telling, wishes),
            service.deliver,
            self._pace,
        )
        return service, rounds

    async def _prune(self, retention: Retention) -> None:
        """Delete what has been kept for its time, now and every day."""
        while True:
            try:
                retention.prune()
            except (NewsdeskError, OSError) as error:
                _log.warning("old questions could not be deleted, trying again later: %s", error)
            await self._pace.sleep(self._pace.prune)

    async def _introduce(self) -> None:
        """Register commands and descriptions. Errors are only logged; the bot works without."""
        bot = self._bot
        requests: list[Callable[[], Awaitable[object]]] = [
            lambda: bot.set_my_commands(list(texts.COMMANDS.items())),
            lambda: bot.set_my_description(texts.DESCRIPTION),
            lambda: bot.set_my_short_description(texts.SHORT_DESCRIPTION),
        ]
        for request in requests:
            try:
                await self._patiently(request, "introduce")
            except (TelegramError, TokenRejected) as error:
                _log.warning("commands or descriptions could not be registered: %s", error)

    async def _intake(self, service: Service, stack: AsyncExitStack) -> None:
        """Receive updates by polling or by webhook until cancelled."""
        monitor = await self._watched(service, stack)
        url = self._settings.telegram_webhook_url
        if url is None:
            await self._by_one(partial(self._poll, service))
            return
        given = self._settings.telegram_webhook_secret
        secret = given.get_secret_value() if given else secret_for(self._bot.token)
        listen = self._settings.telegram_webhook_listen

        async with listening(listen, url, secret, service.receive, monitor):
            await self._patiently(
                lambda: self._bot.set_webhook(
                    url, allowed_updates=list(ALLOWED_UPDATES), secret_token=secret
                ),
                "set the webhook",
            )
            _log.info("ready: @%s, listening at %s", self._bot.username, listen)
            await self._heartbeat()

    async def _poll(self, service: Service) -> None:
        await self._patiently(self._bot.delete_webhook, "delete the webhook")
        _log.info("ready: @%s, polling", self._bot.username)
        await poll(self._bot, service.receive, self._pace)

    async def _heartbeat(self) -> None:
        """Call `getMe` again and again: without polling, nothing else shows a revoked token."""
        while True:
            await self._pace.sleep(_HEARTBEAT_SECONDS)
            await self._patiently(self._bot.get_me, "heartbeat")

    async def _watched(self, service: Service, stack: AsyncExitStack) -> Monitor:
        """Return what shows the bot's state; show it, and trace questions, as the settings say."""
        monitor = monitor_of(self._desk, self._bot, service, self._metrics)
        if self._settings.otel_endpoint:
            from bot.monitoring.tracing import traced

            await stack.enter_async_context(traced(self._desk))
        if listen := self._settings.telegram_health_listen:
            await stack.enter_async_context(showing(listen, monitor))
        return monitor

    async def _end(self, service: Service) -> None:
        """Let answers finish within the grace period; leave the others to the next start."""
        if service.load:
            _log.info("stopping; %d updates are being worked on or wait", service.load)
        grace = 0.0 if self._failure else self._pace.grace
        closing = asyncio.create_task(service.close(grace))
        hurried = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait([closing, hurried], return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not closing.done():
            closing.cancel()
            await service.close(0.0)
        _log.info("stopped")
