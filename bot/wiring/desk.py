"""Holds the parts of one Newsdesk; imports heavy libraries when they are needed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.wiring.archive import (
    CHUNKING,
    catalog_path,
    lock_of_refreshing,
    lock_of_writing,
    open_catalog,
    open_vectors,
)
from bot.wiring.encoders import build_encoder, build_own_reader
from bot.wiring.engine import engine_of, has_weak_model, judges, may_cost
from bot.wiring.stores import SmallStores
from retrieval.answers import EXTRACTIVE
from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma import load_chroma
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.storing import Storer
from retrieval.archive.vectors import VectorStore
from retrieval.models.ledger import FILE as USAGE_FILE
from retrieval.models.model_names import OPENAI_URL
from retrieval.observing import Observers

if TYPE_CHECKING:
    from corpus.web.fetching import Fetcher
    from retrieval.answering.agent import SearchAgent
    from retrieval.answering.generative import Writer
    from retrieval.archive.copies import Copies
    from retrieval.assistant import Assistant
    from retrieval.checking.check import SupportCheck
    from retrieval.checking.judge import Ruling
    from retrieval.checking.verdicts import Verdict
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

_BEGINNINGS = (USAGE_FILE, "telegram.db")
"""The files, beside the catalog's, of which a home that was ever used has one."""

_CLOSABLE = "catalog vectors encoder embedded reader own_reader fetcher stores".split()
"""The parts that hold files, connections or threads until they are closed."""


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection, which finds nothing while libraries are imported."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
        return catalog_path(self.settings)

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
        """The engine's name, as answers show it; see `engine_of`."""
        return engine_of(self.settings)

    @property
    def may_cost(self) -> bool:
        """Whether a question may cost money; see `bot.wiring.engine.may_cost`."""
        return may_cost(self.settings)

    @property
    def _server(self) -> str:
        """The address of OpenAI, or of the server of its kind that is asked instead."""
        return self.settings.openai_base_url or self.openai_url

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog of articles, for reading. Closing it merges its write-ahead log."""
        return self._open_catalog()

    def _open_catalog(self) -> Catalog:
        return open_catalog(self.settings, unfinished=self.unfinished)

    @cached_property
    def embedded(self) -> OnnxEncoder:
        """The encoder that ships with Newsdesk."""
        from retrieval.embeddings.encoder import OnnxEncoder

        return OnnxEncoder()

    @cached_property
    def own_reader(self) -> Reader | None:
        """The cross-encoder that NEWSDESK_READER names; see `build_own_reader`."""
        return build_own_reader(self.settings)

    @cached_property
    def reader(self) -> Reader:
        """What reads passages beside a question."""
        from retrieval.reading.reader import Reader

        own = self.own_reader
        return own if own and own.declared.kind != "entailment" else Reader()

    @cached_property
    def encoder(self) -> OnnxEncoder | OpenAIEncoder:
        """The encoder that embeds passages and questions; see `build_encoder`."""
        return build_encoder(self.settings, self._server, lambda: self.embedded)

    @cached_property
    def fetcher(self) -> Fetcher:
        """What fetches from the web, slowly and nothing of private networks."""
        from bot.wiring.web import build_fetcher

        return build_fetcher(self.settings)

    @cached_property
    def vectors(self) -> VectorStore:
        """The vectors of the current encoder and chunking, in the home or on a Chroma server."""
        collection = index_name(self.encoder.name, CHUNKING)
        return open_vectors(self.settings, collection, lambda: self.catalog)

    @cached_property
    def searcher(self) -> Searcher:
        """Search over the archive."""
        with _collector_paused(), ThreadPoolExecutor(1) as beside:
            # ONNX Runtime loads models without Python's lock: beside Chroma's import it is free.
            loaded = beside.submit(lambda: (self.embedded, self.reader))
            load_chroma()
            loaded.result()
            from retrieval.embeddings.encoder import OnnxEncoder
            from retrieval.search.searcher import Searcher, SearchOptions

            encoder = self.encoder
            unrelated = encoder.config.unrelated if isinstance(encoder, OnnxEncoder) else 0.0
            searcher = Searcher(
                self.catalog,
                self.vectors,
                encoder,
                self.embedded,
                self.reader,
                SearchOptions(unrelated=unrelated),
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

        return DraftChecker(
            self.searcher, self.support_check, judge if judges(self.settings) else None
        )

    @cached_property
    def stores(self) -> SmallStores:
        """The small stores beside the archive."""
        return SmallStores(self.settings)

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
                judges=judges(self.settings),
                translates=not has_weak_model(self.settings),
            )

    @cached_property
    def agent(self) -> SearchAgent | None:
        """What searches on with the model, or None if that is off or there is no model."""
        if self.settings.agent == "off" or self.engine == EXTRACTIVE:
            return None
        from retrieval.answering.agent import SearchAgent

        return SearchAgent(self.searcher, self.chat)

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
        """The client of the chat model, with its ledger and reply cache; see `build_chat`."""
        from bot.wiring.chat_model import build_chat

        return build_chat(
            self.settings,
            self._server,
            keep_connections=self.keep_connections,
            ledger=self.stores.ledger,
            replies=self.stores.replies,
            breaker=self.breaker,
            observer=self.observers,
        )

    def try_services(self) -> None:
        """Ask the services for the models that they have; see `bot.wiring.services`.

        Raises:
            ServiceError: one cannot be used, or does not have a model that the settings name.
        """
        from bot.wiring.services import try_services

        try_services(self.settings, self._server)

    @contextmanager
    def indexer(self, waiting: Callable[[], None] = lambda: None) -> Iterator[Indexer]:
        """Open the archive for writing. Other processes wait until the context ends.

        They do not where both database and vectors are on servers: then each claims what it stores.
        `waiting` is called once if another process holds the lock.

        Raises:
            ArchiveUnreadable: the home cannot be written, or the database not be used.
        """
        # Use the store that is searched too: compacting it needs Chroma's files closed, and a
        # second store in this process would keep them open.
        with (
            lock_of_writing(self.settings, waiting),
            closing(self._open_catalog()) as catalog,
            closing(self.vectors) as vectors,
        ):
            pieces = self.embedded.count_pieces
            yield Indexer(Storer(catalog, vectors, self.encoder, pieces, CHUNKING))

    @contextmanager
    def refresher(self, waiting: Callable[[], None] = lambda: None) -> Iterator[Refresher]:
        """Open what follows addresses. Other processes that follow wait until the context ends.

        `waiting` is called if another process holds a lock.

        Raises:
            ArchiveUnreadable: the home cannot be written.
        """
        from retrieval.following.refresh import Refresher
        from retrieval.following.schedule import EVERY

        with lock_of_refreshing(self.settings, lambda: self.catalog, waiting):
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
