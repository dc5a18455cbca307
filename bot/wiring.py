"""Settings -> encoder, stores, assistant. Heavy libraries are imported here, when first needed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.vectors import VectorStore, load_chroma
from retrieval.errors import ArchiveUnreadable, SettingsError
from retrieval.models.ledger import Ledger
from retrieval.models.model_names import OPENAI, split_name

if TYPE_CHECKING:
    from retrieval.answering.generative import Writer
    from retrieval.assistant import Assistant
    from retrieval.embeddings.encoder import OnnxEncoder
    from retrieval.embeddings.openai import OpenAIEncoder
    from retrieval.models.chat_service import ChatService
    from retrieval.search.searcher import Searcher

CHUNKING = Chunking()
EXTRACTIVE = "extractive"

_CLOSABLE = ("catalog", "vectors", "encoder", "reader")
"""The parts that hold files, connections or threads for as long as they live."""


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without garbage collection, which finds nothing while libraries are imported."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True)
class Desk:
    """The parts of one Newsdesk, each built when first asked for.

    Args:
        settings: what it is told.
        keep_connections: keep connections to the chat model open between requests. That needs
            one event loop for all of them: a connection is of no use in another loop.
    """

    settings: Settings
    keep_connections: bool = field(default=True, kw_only=True)

    def close(self) -> None:
        """Close the files and connections of the parts that were built, and end their threads.

        Closing twice does nothing. What is asked for afterwards is built anew.
        """
        parts = vars(self)
        opened = [parts[name] for name in _CLOSABLE if name in parts]
        for name in parts.keys() - {given.name for given in fields(self)}:
            del parts[name]
        with ExitStack() as stack:  # each is closed though another cannot be
            for part in opened:
                stack.callback(part.close)

    @property
    def catalog_path(self) -> Path:
        """The catalog's file."""
        return self.settings.home / "catalog.db"

    @property
    def engine(self) -> str:
        """What answers, by name, as it stands in an answer.

        Raises:
            SettingsError: the model that is asked for cannot be reached with these settings.
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
    def vectors_path(self) -> Path:
        """Chroma's folder."""
        return self.settings.home / "chroma"

    @cached_property
    def catalog(self) -> Catalog:
        """The source of truth, for reading; closing it folds its log in."""
        return Catalog(self.catalog_path)

    @cached_property
    def reader(self) -> OnnxEncoder:
        """The embedded encoder: it reranks whatever embeds."""
        from retrieval.embeddings.encoder import OnnxEncoder

        return OnnxEncoder()

    @cached_property
    def encoder(self) -> OnnxEncoder | OpenAIEncoder:
        """What embeds passages and questions."""
        choice = self.settings.embeddings
        if choice == "local":
            return self.reader
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
            )
        folder = Path(choice)
        if not folder.is_dir():
            raise SettingsError(
                f"NEWSDESK_EMBEDDINGS is {choice!r}: it takes local, openai, or the folder of an "
                "ONNX encoder."
            )
        from retrieval.embeddings.encoder import OnnxEncoder

        return OnnxEncoder(folder)

    @cached_property
    def vectors(self) -> VectorStore:
        """The collection that today's settings call for."""
        return VectorStore(self.vectors_path, index_name(self.encoder.name, CHUNKING))

    @cached_property
    def searcher(self) -> Searcher:
        """Search over the archive."""
        with _collector_paused(), ThreadPoolExecutor(1) as beside:
            # ONNX Runtime loads its model without Python's lock: beside Chroma's import it is free.
            reader = beside.submit(lambda: self.reader)
            load_chroma()
            reader.result()
            from retrieval.search.searcher import Searcher

            searcher = Searcher(self.catalog, self.vectors, self.encoder, self.reader)
            self.vectors.warm_up()
        return searcher

    @cached_property
    def assistant(self) -> Assistant:
        """What answers."""
        from retrieval.assistant import Assistant

        return Assistant(self.searcher, writer=self.writer)

    @cached_property
    def ledger(self) -> Ledger:
        """What models were used for, and what it cost."""
        return Ledger(self.settings.home / "usage.db")

    @cached_property
    def writer(self) -> Writer | None:
        """What writes answers with a model; None where they are quoted.

        Raises:
            SettingsError: the model cannot be used with these settings.
        """
        if self.engine == EXTRACTIVE:
            return None
        with _collector_paused():
            from retrieval.answering.generative import Writer
            from retrieval.answering.support.gate import SupportGate

            verify = self.settings.verify == "model"
            return Writer(self.chat, SupportGate(self.reader), verify=verify)

    def check_engine(self) -> None:
        """Set up what answers, without asking anything of it.

        Raises:
            SettingsError: it cannot be used with these settings.
        """
        if self.engine != EXTRACTIVE:
            _ = self.chat

    @cached_property
    def chat(self) -> ChatService:
        """The chat model's service."""
        from retrieval.models.chat_service import ChatService, ModelConfig
        from retrieval.models.prices import price_of
        from retrieval.models.providers import build_model, reasoning_tokens
        from retrieval.models.reply_cache import ReplyCache
        from retrieval.text.tokens import counter

        settings = self.settings
        provider, model = split_name(settings.model)
        price = price_of(model) if provider == OPENAI else None
        if settings.daily_budget_usd is not None and price is None:
            raise SettingsError(
                f"NEWSDESK_DAILY_BUDGET_USD cannot be kept: the price of {model} is not known. "
                "Unset it, or set NEWSDESK_MODEL to one of those in retrieval/models/prices.json."
            )
        server = settings.openai_base_url if provider == OPENAI else None
        return ChatService(
            build_model(
                provider,
                model,
                api_key=settings.openai_api_key,
                base_url=server,
                seconds=settings.timeout,
                keep_connections=self.keep_connections,
            ),
            ModelConfig(
                name=self.engine,
                server=server or "",
                seconds=settings.timeout,
                reasoning_tokens=reasoning_tokens(model) if provider == OPENAI else 0,
                price=price,
                daily_usd=settings.daily_budget_usd,
            ),
            counter(model),
            ledger=self.ledger,
            replies=ReplyCache(settings.home / "replies.db"),
        )

    @contextmanager
    def indexer(self, waiting: Callable[[], None] = lambda: None) -> Iterator[Indexer]:
        """The archive for writing: one process at a time, the others wait.

        `waiting` is called once if another process holds the lock.

        Raises:
            ArchiveUnreadable: the home cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.settings.home / "ingest.lock")
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
            # The vectors are those that are searched: compacting them needs Chroma's files
            # closed, which they are not while this process has a second store of them open.
            with closing(Catalog(self.catalog_path)) as catalog, closing(self.vectors) as vectors:
                yield Indexer(catalog, vectors, self.encoder, self.reader.count_pieces, CHUNKING)
        finally:
            lock.release()
