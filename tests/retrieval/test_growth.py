"""What is done for each question or article must not take more work, the larger the archive is.

Work is counted in steps of SQLite's virtual machine, which are the same each time, and in the rows
that statements return.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from corpus.article import Article
from retrieval.databases.sqlite import SqliteDatabase
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.search.spelling import Speller
from tests.retrieval.archive_kit import Archive, BagEncoder, made, nonce

SMALL, LARGE = 60, 600

_WORDS = [nonce(number) for number in range(40)] + "harbour visitors counted".split()

_STEPS = 10
"""Steps between two calls of the counter."""


def story(number: int) -> Article:
    """One of many articles of the same few words, each in another order and of another day."""
    order = random.Random(number)
    body = " ".join(f"The {' '.join(order.choices(_WORDS, k=9))}." for _ in range(3))
    day = date(2020, 1, 1) + timedelta(days=number)
    return Article(f"urn:{number}", "Tidings", body, order.choice(("Post", "Mail")), day)


@pytest.fixture(scope="module")
def archives(
    tmp_path_factory: pytest.TempPathFactory, embedded: OnnxEncoder
) -> Iterator[tuple[Archive, Archive]]:
    """A small archive and one of ten times the size."""
    with ExitStack() as stack:
        found = []
        for size in (SMALL, LARGE):
            home = tmp_path_factory.mktemp(f"of-{size}")
            found.append(stack.enter_context(Archive(home, embedded, BagEncoder())))
            found[-1].ingest(*map(story, range(size)))
        yield found[0], found[1]


@dataclass
class Work:
    """Steps of SQLite, and rows that statements returned."""

    steps: int = 0
    rows: int = 0


@contextmanager
def counted(archive: Archive) -> Iterator[Work]:
    """Count the work of an archive's catalog."""
    database = archive.catalog.database
    assert isinstance(database, SqliteDatabase)
    connection: sqlite3.Connection = database._connection
    work, rows = Work(), database.rows

    def step() -> int:
        work.steps += _STEPS
        return 0

    def counting(sql: str, *values: object) -> list[tuple[Any, ...]]:
        found = rows(sql, *values)
        work.rows += len(found)
        return found

    connection.set_progress_handler(step, _STEPS)
    database.rows = counting  # type: ignore[method-assign]
    try:
        yield work
    finally:
        connection.set_progress_handler(None, 0)
        del database.rows  # type: ignore[method-assign]


def ingest_one(archive: Archive) -> None:
    [uri] = archive.ingest(made(10_000, edition=" late")).added
    archive.indexer.remove([Article(uri, "", "").id])


def correct(archive: Archive) -> None:
    assert Speller(archive.catalog, lambda _: False).read("The harbor counted visitrs").taken


TASKS: dict[str, Callable[[Archive], object]] = {
    "a misspelt question is read": correct,
    "whether anything is there": lambda archive: archive.catalog.is_empty(),
    "the newest": lambda archive: archive.catalog.newest(5),
    "ids for the shell": lambda archive: archive.catalog.ids_beginning("0a0b"),
    "one article comes and goes": ingest_one,
}


@pytest.mark.parametrize("task", TASKS)
def test_ten_times_the_archive_is_not_more_work(
    archives: tuple[Archive, Archive], task: str
) -> None:
    found = []
    for archive in archives:
        TASKS[task](archive)  # once, so that nothing is done for the first time
        with counted(archive) as work:
            TASKS[task](archive)
        found.append(work)
    small, large = found
    assert large.rows <= small.rows + 20
    assert large.steps <= 2 * small.steps + 500
