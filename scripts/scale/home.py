"""Opens the archive that is measured, through the parts that Newsdesk itself uses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_in
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.vectors import VectorStore
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.reading.reader import Reader
from retrieval.search.searcher import Searcher
from scripts.scale.encoder import StandIn

CHUNKING = Chunking()


@dataclass(frozen=True)
class Home:
    """An archive in a folder."""

    folder: Path

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
        with ExitStack() as stack:
            catalog = stack.enter_context(closing(catalog_in(self.folder / "catalog.db")))
            name = index_name(self.encoder.name, CHUNKING)
            yield catalog, stack.enter_context(closing(VectorStore(self.folder / "chroma", name)))

    @contextmanager
    def indexer(self) -> Iterator[Indexer]:
        """Open the archive to write."""
        with self.opened() as (catalog, vectors):
            yield Indexer(catalog, vectors, self.encoder, self.embedded.count_pieces, CHUNKING)

    def searcher(self, catalog: Catalog, vectors: VectorStore) -> Searcher:
        """Return the search over the opened archive."""
        return Searcher(catalog, vectors, self.encoder, self.embedded, Reader())

    def disk(self) -> dict[str, int]:
        """Return the bytes that the catalog and the vectors take on disk."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        vectors = sum(p.stat().st_size for p in files if "chroma" in p.parts)
        return {"catalog": sum(p.stat().st_size for p in files) - vectors, "vectors": vectors}


class Laps:
    """Adds up the seconds that some methods of some objects take."""

    def __init__(self) -> None:
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
            self._within, begun = stage, time.perf_counter()
            try:
                return method(*values, **named)
            finally:
                self._within = ""
                taken = time.perf_counter() - begun
                self.seconds[stage] = self.seconds.get(stage, 0.0) + taken

        return timed
