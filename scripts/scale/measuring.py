"""Measures one archive at one size."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.vectors import VectorStore
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from scripts.scale.home import Home, Laps
from scripts.scale.invented import (
    ARTICLES_OF_AN_EVENT,
    FIRST_DAY,
    LONG_AT,
    events_of,
    frequent_questions,
    outlet,
    question_about,
    questions,
)

_ASKED = 100
_FREQUENT = 200
_READ = 30
_CHANGE = "zugafebipok"
"""A word that no other article has."""


@dataclass
class Figures:
    """What was measured of an archive: seconds, bytes and counts by name."""

    passages: int
    articles: int
    figures: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def measure(home: Home) -> Figures:
    """Measure an archive."""
    with home.opened() as (catalog, vectors):
        held = catalog.summary()
        searcher = home.searcher(catalog, vectors)
        figures = {f"bytes on disk, {name}": float(v) for name, v in home.disk(catalog).items()}
        figures |= _searching(home, searcher, catalog, vectors, held.articles)
    figures |= {f"memory of {name}": float(size) for name, size in home.memory().items()}
    figures |= _another_process(home, held.articles)
    return Figures(held.passages, held.articles, figures)


def _searching(
    home: Home, searcher: Searcher, catalog: Catalog, vectors: VectorStore, count: int
) -> dict[str, float]:
    events = events_of(count)
    asked = questions(_ASKED, events)
    for question in questions(10, events, seed=9):
        searcher.search(Query(question))

    def times(asked: Sequence[str], only: Filters = EVERYTHING) -> list[float]:
        return [_search(searcher, question, home.clock, only) for question in asked]

    figures = _by_stage(home, searcher, catalog, vectors, asked)
    read = [_search(searcher, q, time.perf_counter, read=True) for q in asked[:_READ]]
    figures |= _summary("search and reading", read)
    frequent = times(frequent_questions(_FREQUENT))
    figures |= _summary("search, frequent words", frequent)
    figures |= {"search, frequent words, worst": max(frequent)}
    for kind, only in _FILTERS.items():
        figures |= _summary(f"search, {kind}", times(asked[:40], only))
    long = [question_about(n // ARTICLES_OF_AN_EVENT) for n in LONG_AT if n < count]
    if long:
        figures |= _summary("search, very long article", times(long * 10))
    return figures


_FILTERS = {
    "outlet of a third": Filters(sources=(outlet(0),)),
    "small outlet": Filters(sources=(outlet(40),)),
    "early as_of": Filters(until=FIRST_DAY.replace(month=7)),
    "late as_of": Filters(until=FIRST_DAY.replace(year=2025)),
    "outlet and as_of": Filters(sources=(outlet(0),), until=FIRST_DAY.replace(year=2018)),
}


def _by_stage(
    home: Home, searcher: Searcher, catalog: Catalog, vectors: VectorStore, asked: Sequence[str]
) -> dict[str, float]:
    laps = Laps(home.clock)
    laps.time("dense", vectors, "nearest", "rank")
    laps.time("words", catalog, "full_text")
    stages: dict[str, list[float]] = {}
    for question in asked:
        laps.seconds.clear()
        total = _search(searcher, question, home.clock)
        of = {"dense": 0.0, "words": 0.0} | laps.seconds
        for stage, taken in (of | {"catalog": total - sum(of.values()), "total": total}).items():
            stages.setdefault(stage, []).append(taken)
    return {
        name: value
        for stage, times in stages.items()
        for name, value in _summary(f"search, {stage}", times).items()
    }


def _another_process(home: Home, count: int) -> dict[str, float]:
    """Start a process that reads, and change the archive beside it."""
    question = questions(1, events_of(count))[0]
    begun = time.time()
    places = str(home.folder), home.database, home.chroma
    reader = subprocess.Popen(
        [sys.executable, "-m", "scripts.scale.reading", *places, question, _CHANGE],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert reader.stdout is not None
        answered = json.loads(reader.stdout.readline())["answered"] - begun
        held = json.loads(reader.stdout.readline())
        number = f"change-{time.time()}"
        changed = Article(number, f"Change {number}", f"The {_CHANGE} came in {number}.", "Change")
        with home.indexer() as indexer:
            start = time.time()
            indexer.ingest([changed])
            done = time.time()
        seen = json.loads(reader.stdout.readline())
        with home.indexer() as indexer:
            indexer.remove([changed.id])
    finally:
        reader.kill()
        reader.wait()
    return {
        "first answer of a new process": answered,
        "memory of a reading process": held["memory"],
        "memory of a reading process, its own": held["own"],
        "ingest of one article": done - start,
        "until another process sees it": seen["seen"] - done,
        "slowest search while it comes": seen["slowest"],
    }


def _search(
    searcher: Searcher,
    question: str,
    clock: Callable[[], float],
    only: Filters = EVERYTHING,
    *,
    read: bool = False,
) -> float:
    begun = clock()
    searcher.search(Query(question), only=only, read=read)
    return clock() - begun


def _summary(name: str, times: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}, median": statistics.median(times),
        f"{name}, 95th percentile": statistics.quantiles(times, n=20, method="inclusive")[-1],
    }
