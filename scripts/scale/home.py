"""Opens the archive that is measured, through the parts that Newsdesk itself uses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chroma_server import ChromaServer, ServerAddress
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_at, catalog_in
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.storing import Storer
from retrieval.archive.vectors import VectorStore
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.reading.reader import Reader
from retrieval.search.searcher import Searcher
from scripts.scale.encoder import StandIn
from tests.chroma_kit import chroma_running
from tests.postgres import running

CHUNKING = Chunking()


@dataclass(frozen=True)
class Home:
    """An archive in a folder, or on servers: PostgreSQL's address and Chroma's.

    On servers, the folder is where Chroma's keeps its files.
    """

    folder: Path
    database: str = ""
    chroma: str = ""
    processes: Mapping[str, int] = field(default_factory=dict)
    """The servers' process ids."""

    @property
    def clock(self) -> Callable[[], float]:
        """Return what tells seconds: those of the processor, which other programs do not slow down.

        What servers do counts for other processes: there it is the time of day.
        """
        return time.perf_counter if self.database else time.process_time

    @cached_property
    def encoder(self) -> StandIn:
        """Return what makes its vectors."""
        return StandIn()

    @cached_property
    def embedded(self) -> OnnxEncoder:
        """Return the encoder that Newsdesk ships, which counts word pieces."""
        return OnnxEncoder()

    @contextmanager
    def opened(self) -> Iterator[tuple[Catalog, VectorStore]]:
        """Open the catalog and the vectors."""
        name = index_name(self.encoder.name, CHUNKING)
        with ExitStack() as stack:
            catalog = stack.enter_context(closing(self._catalog()))
            vectors = (
                ChromaServer(ServerAddress(self.chroma, seconds=600), "scale", name)
                if self.chroma
                else ChromaFolder(self.folder / "chroma", name)
            )
            yield catalog, stack.enter_context(closing(vectors))

    def _catalog(self) -> Catalog:
        if self.database:
            return catalog_at(self.database)
        return catalog_in(self.folder / "catalog.db")

    @contextmanager
    def indexer(self) -> Iterator[Indexer]:
        """Open the archive to write."""
        with self.opened() as (catalog, vectors):
            pieces = self.embedded.count_pieces
            yield Indexer(Storer(catalog, vectors, self.encoder, pieces, CHUNKING))

    def searcher(self, catalog: Catalog, vectors: VectorStore) -> Searcher:
        """Return the search over the opened archive."""
        return Searcher(catalog, vectors, self.encoder, self.embedded, Reader())

    def disk(self, catalog: Catalog) -> dict[str, int]:
        """Return the bytes that the catalog and the vectors take on disk."""
        files = {path: path.stat().st_size for path in self.folder.rglob("*") if path.is_file()}
        vectors = sum(size for path, size in files.items() if "chroma" in path.parts)
        if self.database:
            size = catalog.database.one("SELECT pg_database_size(current_database())")
            return {"catalog": int(size), "vectors": vectors}
        return {"catalog": sum(files.values()) - vectors, "vectors": vectors}

    def memory(self) -> dict[str, int]:
        """Return the bytes of memory that the servers hold, what they share counted once."""
        found = {}
        for name, number in self.processes.items():
            process = psutil.Process(number)
            all_of_it = [process, *process.children(recursive=True)]
            found[name] = sum(one.memory_full_info().pss for one in all_of_it)
        return found


@contextmanager
def on_servers(folder: Path) -> Iterator[Home]:
    """Start PostgreSQL and Chroma's server, and give a home that is on them."""
    with running(safe=True) as postgres, chroma_running(folder / "chroma") as chroma:
        yield Home(
            folder,
            postgres.new_database(),
            chroma.url,
            {"PostgreSQL": postgres.process, "Chroma's server": chroma.process},
        )


class Laps:
    """Adds up the seconds that some methods of some objects take."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.seconds: dict[str, float] = {}
        self._within = ""

    def time(self, stage: str, owner: object, *methods: str) -> None:
        """Count what some methods take for a stage, but not within those of another stage."""
        for method in methods:
            setattr(owner, method, self._timed(stage, getattr(owner, method)))

    def _timed(self, stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*values: Any, **named: Any) -> Any:
            if self._within:
                return method(*values, **named)
            self._within, begun = stage, self.clock()
            try:
                return method(*values, **named)
            finally:
                self._within = ""
                taken = self.clock() - begun
                self.seconds[stage] = self.seconds.get(stage, 0.0) + taken

        return timed
