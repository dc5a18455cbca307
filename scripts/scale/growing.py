"""Fills an archive with invented articles, and measures how fast the last of them come in."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any
from unittest.mock import patch

import numpy as np

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma import BATCH
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.index import Indexer
from retrieval.archive.passages import Passage
from retrieval.archive.vectors import VectorStore
from scripts.scale.home import Home, Laps
from scripts.scale.invented import articles

MEASURED = 5_000
"""Passages that come in last, whose rate is measured."""

_AT_ONCE = 64

_PARAGRAPHS = 2


def grow(home: Home, size: int) -> dict[str, float]:
    """Ingest invented articles until there are so many passages. Return how long the last took.

    Most are cut by their paragraphs, because cutting them as Newsdesk does would take most of the
    time, and their vectors are written together. The last come in as any article does. Seconds are
    without those of inventing articles and their vectors.
    """
    with home.indexer() as indexer:
        if last_number(indexer._catalog) < size - MEASURED:
            begun = time.perf_counter()
            ids, vectors = _fill(indexer, size - MEASURED)
            filled = time.perf_counter()
            _write_vectors(indexer._vectors, ids, vectors)
            written = time.perf_counter() - filled
            print(f"filled in {filled - begun:.0f} s, vectors in {written:.0f} s", flush=True)
        return _measured(home, indexer, size)


def _fill(indexer: Any, size: int) -> tuple[list[str], np.ndarray]:
    """Ingest all but the vectors; return those, and the ids of their passages."""
    storer, vectors = indexer._storer, indexer._vectors
    ids: list[str] = []
    made: list[np.ndarray] = []

    def put(some: Sequence[str], of_them: np.ndarray) -> None:
        ids.extend(some)
        made.append(of_them)

    with ExitStack() as stack:
        stack.enter_context(patch.object(storer, "_chunk", _by_paragraphs))
        stack.enter_context(patch.object(storer, "compact", lambda: None))
        stack.enter_context(patch.object(vectors, "put", put))
        indexer.ingest(_invented(indexer._catalog, size, Laps(time.perf_counter)))
    return ids, np.concatenate(made)


def _write_vectors(store: VectorStore, ids: list[str], vectors: np.ndarray) -> None:
    """Write vectors as the merge of many ingests leaves them."""
    batches = [slice(at, at + BATCH) for at in range(0, len(ids), BATCH)]
    if isinstance(store, ChromaFolder):
        store._write(len(ids), ((ids[some], vectors[some]) for some in batches), [])
    else:
        for some in batches:
            store.put(ids[some], vectors[some])


def _measured(home: Home, indexer: Indexer, size: int) -> dict[str, float]:
    catalog, laps = indexer._catalog, Laps(home.clock)
    before = last_number(catalog)
    laps.time("inventing", home.encoder, "embed_documents")
    laps.time("cutting", indexer._storer, "_chunk")
    laps.time("copies", indexer._storer.copies, "place", "write")
    laps.time("vectors", indexer._vectors, "put", "remove", "missing")
    laps.time("compacting", indexer._vectors, "compact")
    laps.time("before the first", sys.modules["retrieval.archive.index"], "Sorter")
    laps.time("before the first", indexer, "_mend", "_place_stored")
    begun = home.clock()
    indexer.ingest(_invented(catalog, size, laps))
    taken = home.clock() - begun
    added = last_number(catalog) - before
    seconds = laps.seconds
    taken -= seconds.pop("inventing", 0.0)
    figures = {"ingest: passages a second": added / taken if taken else 0.0}
    stages = {"all": taken} | seconds
    return figures | {
        f"ingest of 1,000 passages, {stage}": spent * 1000 / max(1, added)
        for stage, spent in stages.items()
    }


def _invented(catalog: Catalog, size: int, laps: Laps) -> Iterator[Article]:
    """Yield articles behind those that are stored until there are so many passages."""
    stream = articles(int(catalog.database.one("SELECT count(*) FROM articles")))
    while last_number(catalog) < size:
        begun = laps.clock()
        some = list(islice(stream, _AT_ONCE))
        taken = laps.clock() - begun
        laps.seconds["inventing"] = laps.seconds.get("inventing", 0.0) + taken
        yield from some


def last_number(catalog: Catalog) -> int:
    """Return the number of the newest passage."""
    return int(catalog.database.one("SELECT max(number) FROM passages") or 0)


def _by_paragraphs(article: Article) -> list[Passage]:
    """Cut an article after every other paragraph."""
    ends = [at for at in range(len(article.body)) if article.body.startswith("\n\n", at)]
    ends = [*ends[_PARAGRAPHS - 1 :: _PARAGRAPHS], len(article.body)]
    starts = [0, *(end + 2 for end in ends[:-1])]
    return [
        Passage(
            hashlib.sha256(f"{article.id}:{ordinal}".encode()).hexdigest()[:24],
            article.id, ordinal, start, end, article.body[start:end],
        )
        for ordinal, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < end
    ]  # fmt: skip
