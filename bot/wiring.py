"""Builds encoder, stores and assistant from settings; imports heavy libraries when needed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import proxies
from bot.settings import Settings
from bot.version import installed_version
from retrieval.answers import EXTRACTIVE
from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma import load_chroma
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_at, catalog_in
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.vectors import VectorStore
from retrieval.databases.tables import FileTables, ServerTables
from retrieval.errors import ArchiveUnreadable, SettingsError
from retrieval.models.ledger import USAGE, Ledger
from retrieval.models.model_names import OPENAI, OPENAI_URL, is_openai, reasons, split_name
from retrieval.models.reply_cache import REPLIES, ReplyCache
from retrieval.observing import Observers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.conversations import Conversations
    from bot.serving.allowance import Allowance
    from bot.serving.ratings import Ratings
    from corpus.web.fetching import Fetcher
    from retrieval.answering.agent import SearchAgent
    from retrieval.answering.generative import Writer
    from retrieval.archive.copies import Copies
    from retrieval.assistant import Assistant
    from retrieval.checking.check import SupportCheck
    from retrieval.checking.judge import Ruling
    from retrieval.checking.verdicts import Verdict
    from retrieval.databases.database import Schema
    from retrieval.databases.tables import Tables
    from retrieval.drafts.checker import DraftChecker
    from retrieval.embeddings.encoder import OnnxEncoder
    from retrieval.embeddings.openai import OpenAIEncoder
    from retrieval.finding import Finder
    from retrieval.following.refresh import Refresher
    from retrieval.following.sources import Sources
    from retrieval.models.breaker import Breaker
    from retrieval.models.chat_service import ChatService
    from retrieval.news.digest import Digests
    from retrieval.news.more import MoreOnThis
    from retrieval.news.topics import TopicMatcher
    from retrieval.reading.reader import Reader
    from retrieval.search.searcher import Searcher

CHUNKING = Chunking()
_BEGINNINGS = ("usage.db", "telegram.db")
"""The files, beside the catalog's, of which a home that was ever used has one."""

_CLOSABLE = (
    *("catalog", "vectors", "encoder", "embedded", "reader", "own_reader", "fetcher"),
    "_small_stores",
)
"""The parts that hold files, connections or threads until they are closed."""


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection, which finds nothing while libraries are imported."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def is_near(url: str | None) -> bool:
    """Return whether an address is one of this machine or of a private network."""
    host = urlsplit(url or OPENAI_URL).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _folder(name: str, choice: str, takes: str) -> Path:
    """Return the folder that a setting names; without one, say what the setting takes."""
    folder = Path(choice)
    if not folder.is_dir():
        raise SettingsError(f"{name} is {choice!r}: it takes {takes}.")
    return folder


@dataclass(frozen=True)
class Desk:
    """The parts of one Newsdesk, each built at its first use.

    Args:
        settings: the settings to build them with.
        keep_connections: keep connections to the chat model open between requests. That needs
            one event loop for all requests: a connection cannot be used in another loop.
        openai_url: the address of OpenAI itself.
        retrieved: how many passages an answer is made from, if not as many as usual.
        unfinished: take an archive that is an unfinished copy, too.

    Example:
        with closing(Desk(load_settings())) as desk:
            answer = asyncio.run(desk.assistant.ask(Question("Who brokered the truce?")))
    """

    settings: Settings
    keep_connections: bool = field(default=True, kw_only=True)
    openai_url: str = field(default=OPENAI_URL, kw_only=True)
    retrieved: int | None = field(default=None, kw_only=True)
    unfinished: bool = field(default=False, kw_only=True)

    def close(self) -> None:
        """Close the files and connections of the parts that were built, and end their threads.

        Closing twice is harmless. A part that is used afterwards is built anew.
        """
        parts = vars(self)
        opened = [parts[name] for name in _CLOSABLE if name in parts]
        for name in parts.keys() - {given.name for given in fields(self)}:
            del parts[name]
        with ExitStack() as stack:  # if one cannot be closed, the others still are
            for part in filter(None, opened):
                stack.callback(part.close)

    @property
    def catalog_path(self) -> Path:
        """The path of the catalog's SQLite file."""
        return self.settings.home / "catalog.db"

    @property
    def has_catalog(self) -> bool:
        """Whether there is a catalog to read, without making one."""
        return self.settings.database_url is not None or self.catalog_path.exists()

    @property
    def is_begun(self) -> bool:
        """Whether there is anything that Newsdesk wrote: in the home, or in a database."""
        return self.has_catalog or any((self.settings.home / name).exists() for name in _BEGINNINGS)

    @property
    def engine(self) -> str:
        """The engine's name, as answers show it: "extractive", or "provider:model".

        Raises:
            SettingsError: the settings ask for a model, but not how to reach it.
        """
        settings = self.settings
        provider, model = split_name(settings.model)
        reachable = provider != OPENAI or bool(settings.openai_api_key or settings.openai_base_url)
        if settings.engine == "extractive" or (settings.engine == "auto" and not reachable):
            return EXTRACTIVE
        if not reachable:
            raise SettingsError(
                "NEWSDESK_ENGINE=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL for another "
                "server."
            )
        return f"{provider}:{model}"

    @property
    def may_cost(self) -> bool:
        """Whether a question may cost money: a model or an encoder of another machine is asked."""
        settings = self.settings
        provider = split_name(settings.model)[0]
        if self.engine != EXTRACTIVE and provider not in (OPENAI, "ollama"):
            return True
        asked = provider == OPENAI and self.engine != EXTRACTIVE
        return (asked or settings.embeddings == OPENAI) and not is_near(settings.openai_base_url)

    @property
    def _server(self) -> str:
        """The address of OpenAI, or of the server of its kind that is asked instead."""
        return self.settings.openai_base_url or self.openai_url

    @property
    def vectors_path(self) -> Path:
        """Chroma's folder."""
        return self.settings.home / "chroma"

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog of articles, for reading. Closing it merges its write-ahead log."""
        return self._open_catalog()

    def _open_catalog(self) -> Catalog:
        url = self.settings.database_url
        catalog = catalog_at(url.get_secret_value()) if url else catalog_in(self.catalog_path)
        if not self.unfinished:
            try:
                catalog.require_whole()
            except BaseException:
                catalog.close()
                raise
        return catalog

    @cached_property
    def embedded(self) -> OnnxEncoder:
        """The encoder that ships with Newsdesk."""
        from retrieval.embeddings.encoder import OnnxEncoder

        return OnnxEncoder()

    @cached_property
    def own_reader(self) -> Reader | None:
        """The cross-encoder that NEWSDESK_READER names, or None if it is the shipped one.

        Raises:
            SettingsError: it names no folder.
            ModelFileError: the folder's files cannot be used.
        """
        choice = self.settings.reader
        if choice == "local":
            return None
        folder = _folder("NEWSDESK_READER", choice, "local, or the folder of an ONNX cross-encoder")
        from retrieval.reading.reader import Reader

        return Reader(folder)

    @cached_property
    def reader(self) -> Reader:
        """What reads passages beside a question."""
        from retrieval.reading.reader import Reader

        own = self.own_reader
        return own if own and own.declared.kind != "entailment" else Reader()

    @cached_property
    def encoder(self) -> OnnxEncoder | OpenAIEncoder:
        """The encoder that embeds passages and questions.

        Raises:
            SettingsError: NEWSDESK_EMBEDDINGS cannot be used.
        """
        choice = self.settings.embeddings
        if choice == "local":
            return self.embedded
        if choice == "openai":
            from retrieval.embeddings.openai import OpenAIEncoder

            if self.settings.openai_api_key is None and self.settings.openai_base_url is None:
                raise SettingsError(
                    "NEWSDESK_EMBEDDINGS=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL for "
                    "another server."
                )
            return OpenAIEncoder(
                self.settings.embedding_model,
                api_key=self.settings.openai_api_key,
                base_url=self.settings.openai_base_url,
                batch=self.settings.embedding_batch,
                http=proxies.client_options(self._server),
            )
        takes = "local, openai, or the folder of an ONNX encoder"
        folder = _folder("NEWSDESK_EMBEDDINGS", choice, takes)
        from retrieval.embeddings.encoder import OnnxEncoder

        return OnnxEncoder(folder)

    @cached_property
    def fetcher(self) -> Fetcher:
        """What fetches from the web, slowly and nothing of private networks."""
        from corpus.web.fetching import Fetcher, agent

        settings = self.settings
        return Fetcher(
            agent=agent(installed_version(), settings.contact),
            hosts=settings.fetch_hosts,
            own=settings.robots_off,
            proxy=proxies.proxy_for,
        )

    @cached_property
    def vectors(self) -> VectorStore:
        """The vectors of the current encoder and chunking, in the home or on a Chroma server."""
        name, settings = index_name(self.encoder.name, CHUNKING), self.settings
        if settings.chroma_url is None:
            return ChromaFolder(self.vectors_path, name)
        from retrieval.archive.chroma_server import ChromaServer, ServerAddress

        token = settings.chroma_token
        address = ServerAddress(
            settings.chroma_url,
            settings.chroma_tenant,
            settings.chroma_database,
            token.get_secret_value() if token else None,
            settings.chroma_token_header,
            settings.chroma_timeout,
        )
        return ChromaServer(address, self.catalog.archive_id(), name)

    @cached_property
    def searcher(self) -> Searcher:
        """Search over the archive."""
        with _collector_paused(), ThreadPoolExecutor(1) as beside:
            # ONNX Runtime loads models without Python's lock: beside Chroma's import it is free.
            loaded = beside.submit(lambda: (self.embedded, self.reader))
            load_chroma()
            loaded.result()
            from retrieval.search.searcher import Searcher

            searcher = Searcher(
                self.catalog, self.vectors, self.encoder, self.embedded, self.reader
            )
            self.vectors.warm_up()
        return searcher

    @cached_property
    def assistant(self) -> Assistant:
        """The assistant that answers questions."""
        from retrieval.assistant import AnswerOptions, Assistant

        options = AnswerOptions(retrieved=self.retrieved) if self.retrieved else None
        return Assistant(self.searcher, options, self.writer, self.agent, self.observers)

    @cached_property
    def finder(self) -> Finder:
        """What finds passages and answers nothing."""
        from retrieval.finding import Finder

        return Finder(self.searcher)

    @cached_property
    def copies(self) -> Copies:
        """What knows which articles carry one text."""
        from retrieval.archive.copies import Copies

        return Copies(self.catalog)

    @cached_property
    def digests(self) -> Digests:
        """What makes digests of the archive."""
        from retrieval.news.digest import Digests

        return Digests(self.searcher, self.topic_matcher, self.writer, self.copies.clusters)

    @cached_property
    def more(self) -> MoreOnThis:
        """What finds more on the events of an answer."""
        from retrieval.news.more import MoreOnThis

        return MoreOnThis(self.searcher, self.copies.clusters)

    @cached_property
    def topic_matcher(self) -> TopicMatcher:
        """What tells which articles bear on a topic."""
        from retrieval.news.topics import TopicMatcher

        return TopicMatcher(self.searcher)

    @cached_property
    def drafts(self) -> DraftChecker:
        """What checks a text of one's own against the archive."""
        from retrieval.drafts.checker import DraftChecker

        async def judge(doubtful: Sequence[Verdict]) -> list[Ruling | None]:
            from retrieval.checking.judge import rulings

            return await rulings(doubtful, self.chat, self.chat.request_budget())

        return DraftChecker(self.searcher, self.support_check, judge if self.judges else None)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the models' tokens and costs."""
        return Ledger(self._tables(USAGE, "usage.db"))

    @cached_property
    def replies(self) -> ReplyCache:
        """The cache of the models' replies."""
        tables = self._tables(REPLIES, "replies.db", private=True, seconds=2)
        return ReplyCache(tables, days=self.settings.keep_days)

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations that are kept."""
        from bot.conversations import CONVERSATIONS, FILE, Conversations

        tables = self._tables(CONVERSATIONS, FILE, private=True)
        return Conversations(tables, days=self.settings.keep_days)

    @cached_property
    def ratings(self) -> Ratings:
        """The verdicts on answers of the page."""
        from bot.serving.ratings import FILE, RATINGS, Ratings

        tables = self._tables(RATINGS, FILE, private=True)
        return Ratings(tables, self.settings.keep_days)

    @cached_property
    def allowance(self) -> Allowance:
        """What limits how much the holders of tokens may ask."""
        from bot.serving.allowance import ASKED, FILE, Allowance

        settings = self.settings
        return Allowance(self._tables(ASKED, FILE), settings.api_rate, settings.api_daily)

    @cached_property
    def _small_stores(self) -> ExitStack:
        """What closes the tables of the small stores."""
        return ExitStack()

    def _tables(
        self, schema: Schema, file: str, *, private: bool = False, seconds: float = 10
    ) -> Tables:
        """Return the tables of a small store: those of a file of the home, or of the database."""
        url = self.settings.database_url
        tables: Tables = (
            ServerTables(url.get_secret_value(), schema)
            if url
            else FileTables(self.settings.home / file, schema, private=private, seconds=seconds)
        )
        self._small_stores.callback(tables.close)
        return tables

    @cached_property
    def breaker(self) -> Breaker:
        """What leaves the model service alone while it keeps failing."""
        from retrieval.models.breaker import Breaker

        return Breaker()

    @cached_property
    def observers(self) -> Observers:
        """Those who are told how questions end, and what the model takes."""
        return Observers()

    @cached_property
    def writer(self) -> Writer | None:
        """The writer of answers with a chat model, or None if the engine is extractive.

        Raises:
            SettingsError: the model cannot be used with these settings.
        """
        if self.engine == EXTRACTIVE:
            return None
        with _collector_paused():
            from retrieval.answering.generative import Writer
            from retrieval.models.token_budget import TokenBudget

            budget = TokenBudget(context=self.settings.context_tokens)
            return Writer(
                self.chat,
                self.support_check,
                budget,
                judges=self.judges,
                translates=not self._is_weak,
            )

    @cached_property
    def agent(self) -> SearchAgent | None:
        """What searches on with the model, or None if that is off or there is no model."""
        if self.settings.agent == "off" or self.engine == EXTRACTIVE:
            return None
        from retrieval.answering.agent import SearchAgent

        return SearchAgent(self.searcher, self.chat)

    @property
    def judges(self) -> bool:
        """Whether there is a model that judges the sentences that the check leaves in doubt."""
        if self.engine == EXTRACTIVE or self.settings.verify == "off":
            return False
        return self.settings.verify == "model" or not self._is_weak

    @property
    def _is_weak(self) -> bool:
        from retrieval.models.model_names import is_weak

        return is_weak(split_name(self.settings.model)[1])

    @cached_property
    def support_check(self) -> SupportCheck:
        """The check of written sentences."""
        from retrieval.checking.check import SupportCheck

        own = self.own_reader
        entailment = own if own and own.declared.kind == "entailment" else None
        return SupportCheck(self.embedded, entailment)

    def check_engine(self) -> None:
        """Set up the engine without sending it a request.

        Raises:
            SettingsError: the engine cannot be used with these settings.
        """
        if self.engine != EXTRACTIVE:
            _ = self.chat

    @cached_property
    def chat(self) -> ChatService:
        """The client of the chat model, with its ledger and reply cache.

        Raises:
            SettingsError: the daily budget needs a price that is not known.
        """
        from retrieval.models.chat_service import ChatService, ModelConfig
        from retrieval.models.prices import price_of
        from retrieval.models.providers import build_model
        from retrieval.text.tokens import counter

        settings = self.settings
        provider, model = split_name(settings.model)
        price = price_of(model) if provider == OPENAI else None
        budgets = {"NEWSDESK_DAILY_BUDGET_USD": settings.daily_budget_usd}
        if settings.api_tokens:
            budgets["NEWSDESK_API_DAILY_USD"] = settings.api_daily_usd
        limits = [name for name, budget in budgets.items() if budget is not None]
        if limits and price is None:
            raise SettingsError(
                f"{limits[0]} cannot be kept: the price of {model} is not known. "
                "Unset it, or set NEWSDESK_MODEL to one of those in retrieval/models/prices.json."
            )
        server = settings.openai_base_url if provider == OPENAI else None
        http = proxies.client_options(self._server if provider == OPENAI else OPENAI_URL)
        reasoning = provider == OPENAI and reasons(model)
        effort = settings.reasoning_effort or ("low" if reasoning else None)
        return ChatService(
            build_model(
                OPENAI if http else provider,  # all the same where no request gets out
                model,
                api_key=settings.openai_api_key,
                base_url=self._server,
                seconds=settings.timeout,
                responses=server is None or is_openai(server),
                effort=effort,
                keep_connections=self.keep_connections,
                http=http,
            ),
            ModelConfig(
                name=self.engine,
                server=server or "",
                seconds=settings.timeout,
                reasoning_tokens=settings.reasoning_tokens,
                reasons=reasoning and effort != "none",
                effort=effort or "",
                price=price,
                daily_usd=settings.daily_budget_usd,
            ),
            counter(model),
            ledger=self.ledger,
            replies=self.replies,
            breaker=self.breaker,
            observer=self.observers,
        )

    def try_services(self) -> None:
        """Ask the service of the model and of remote embeddings, if any, for the models it has.

        Other providers than OpenAI, and servers of its kind, are not asked.

        Raises:
            ServiceError: it cannot be used, or does not have a model that the settings name.
        """
        from retrieval.models.listing import list_models

        settings = self.settings
        wanted = {}
        if self.engine.startswith(f"{OPENAI}:"):
            wanted["NEWSDESK_MODEL"] = split_name(settings.model)[1]
        if settings.embeddings == "openai":
            wanted["NEWSDESK_EMBEDDING_MODEL"] = settings.embedding_model
        if not wanted:
            return
        url = self._server
        listing = list_models(url, settings.openai_api_key, http=proxies.client_options(url))
        for setting, model in wanted.items():
            if listing is not None:
                listing.require(model, setting)

    @contextmanager
    def indexer(self, waiting: Callable[[], None] = lambda: None) -> Iterator[Indexer]:
        """Open the archive for writing. Other processes wait until the context ends.

        They do not where both database and vectors are on servers: then each claims what it stores.
        `waiting` is called once if another process holds the lock.

        Raises:
            ArchiveUnreadable: the home cannot be written, or the database not be used.
        """
        on_servers = self.settings.database_url and self.settings.chroma_url
        # Use the store that is searched too: compacting it needs Chroma's files closed, and a
        # second store in this process would keep them open.
        with (
            nullcontext() if on_servers else self._lock("ingest.lock", waiting),
            closing(self._open_catalog()) as catalog,
            closing(self.vectors) as vectors,
        ):
            yield Indexer(catalog, vectors, self.encoder, self.embedded.count_pieces, CHUNKING)

    @contextmanager
    def refresher(self, waiting: Callable[[], None] = lambda: None) -> Iterator[Refresher]:
        """Open what follows addresses. Other processes that follow wait until the context ends.

        `waiting` is called if another process holds a lock.

        Raises:
            ArchiveUnreadable: the home cannot be written.
        """
        from retrieval.following.refresh import Refresher
        from retrieval.following.schedule import EVERY

        there = self.settings.database_url is not None
        with self._lock_of_all(waiting) if there else self._lock("refresh.lock", waiting):
            yield Refresher(
                self.sources,
                self.catalog,
                self.fetcher,
                lambda: self.indexer(waiting),
                time.time,
                self.settings.refresh or EVERY,
            )

    @property
    def sources(self) -> Sources:
        """What is followed."""
        from retrieval.following.sources import Sources

        return Sources(self.catalog.database)

    @contextmanager
    def _lock_of_all(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the database's lock of those who refresh, on whichever machine."""
        with closing(self.catalog.database.claims()) as claims:
            if not claims.take({"refresh"}):
                waiting()
                claims.wait({"refresh"})
            yield

    @contextmanager
    def _lock(self, name: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold a lock of the home; `waiting` is called once if another process holds it."""
        from filelock import FileLock, Timeout

        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.settings.home / name)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                waiting()
                lock.acquire()
        except OSError as error:
            raise ArchiveUnreadable(
                f"NEWSDESK_HOME {self.settings.home} cannot be written: {error.strerror}."
            ) from error
        try:
            yield
        finally:
            lock.release()
