"""Several processes that write to one archive on servers and several that read it, and a check.

`python -m tests.retrieval.crowd --seconds 60` runs it with servers of its own.

Every writer has all articles in an order of its own: many have one text under two names, and a
copy with a paragraph of its own. Then each has later editions of some. Every reader looks for what
was stored last, and looks at whether what it finds is whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import retrieval.archive.index
from corpus.article import Article
from retrieval.archive.chroma_server import ChromaServer, ServerAddress
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_at
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.storing import Storer
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import ArchiveError
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchOptions
from tests.chroma_kit import chroma_running
from tests.postgres import running
from tests.retrieval.archive_kit import Archive, BagEncoder, assert_covered, made, nonce

WRITERS = READERS = 4
MOST_SECONDS = 5.0
"""After this a reader has to find what was stored."""


def articles_of(number: int) -> list[Article]:
    """One article, its text under another name, and a copy with a paragraph of its own."""
    first = made(number, sentences=8)
    copy = replace(
        first,
        uri=f"made/{number}-copy.md",
        title=f"More of {nonce(number)}",
        body=f"{first.body}\n\nA bakery in {nonce(number)} gave away {number + 30} loaves.",
    )
    return [first, replace(first, uri=f"made/{number}-again.md"), copy]


def edited(number: int) -> Article:
    """The later edition of an article."""
    return made(number, edition=" by night", sentences=8)


class ServedArchive(Archive):
    """The archive on two servers."""

    def __init__(self, database: str, chroma: str, embedded: OnnxEncoder) -> None:
        self.embedded, self.encoder, self.chunking = embedded, BagEncoder(), Chunking()
        self.catalog = catalog_at(database)
        name = index_name(self.encoder.name, self.chunking)
        address = ServerAddress(chroma, "default_tenant", "default_database")
        self.vectors: Any = ChromaServer(address, self.catalog.facts.archive_id(), name)
        storer = Storer(
            self.catalog, self.vectors, self.encoder, embedded.count_pieces, self.chunking
        )
        self.indexer = Indexer(storer)


def write_all(archive: Archive, number: int, count: int, log: int) -> None:
    """Ingest all articles in a writer's order, and log when each of them was stored."""
    order = random.Random(number).sample(range(count), count)
    items = [article for n in order for article in articles_of(n)]

    def note(item: Any) -> None:
        n = item.uri.removeprefix("made/").removesuffix(".md")
        if n.isdigit():
            os.write(log, f"{n} {time.time()}\n".encode())

    archive.indexer.ingest(items, note)


def write_edited(archive: Archive, number: int, count: int) -> None:
    """Ingest the later editions of a writer's share of the articles."""
    archive.indexer.ingest([edited(n) for n in range(number, count, WRITERS)])


def read(archive: Archive, number: int, log: Path, out: Path) -> None:
    """Look for what was stored last until nothing more comes; say what was seen."""
    searcher = Searcher(
        archive.catalog, archive.vectors, archive.encoder, archive.embedded,
        None, SearchOptions(rerank=False),  # type: ignore[arg-type]
    )  # fmt: skip
    choice = random.Random(number)
    seen = {"asked": 0, "broken": 0, "late": 0, "failed": 0, "slowest": 0.0}
    while not out.with_name("over").exists():
        time.sleep(0.02)  # for the writers
        lines = log.read_text().splitlines()[-200:]
        if not lines:
            continue
        wanted, stored = choice.choice(lines).split()
        word = nonce(int(wanted))
        begun = time.time()
        try:
            found = searcher.search(Query(f"How many visitors did {word} count?"), read=False)
        except ArchiveError:
            seen["failed"] += 1
            continue
        seen["asked"] += 1
        bodies = {article.body for article in (*articles_of(int(wanted)), edited(int(wanted)))}
        for match in found.matches:
            body, passage = match.article.body, match.passage
            is_known = word not in body or body in bodies
            is_whole = body[passage.start : passage.end] == passage.text
            seen["broken"] += not (is_known and is_whole)
        ids = [match.passage.id for match in found.matches]
        seen["broken"] += len(ids) != len(set(ids))
        is_found = any(word in match.passage.text for match in found.matches)
        seen["late"] += not is_found and begun - float(stored) > MOST_SECONDS
        seen["slowest"] = max(seen["slowest"], 0.0 if is_found else begun - float(stored))
    out.write_text(json.dumps(seen))


@contextmanager
def forked(work: Callable[[], None]) -> Iterator[int]:
    """A child process that does some work; it is killed at the end, if it is there still."""
    process = os.fork()
    if not process:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    try:
        yield process
    finally:
        try:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def crowd(database: str, chroma: str, count: int, *, kills: int = 0) -> dict[str, Any]:
    """Run writers and readers over some articles; return what readers saw, once all was checked.

    With `kills` that many writers are killed, with -9, and started anew.
    """
    retrieval.archive.index._BATCH = 8  # so that many batches meet
    embedded = OnnxEncoder()  # it has no thread yet, so that children can use it
    ServedArchive(database, chroma, embedded).__exit__()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        log = Path(folder, "log")
        handle = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

        def opened(work: Callable[[Archive], None]) -> Callable[[], None]:
            def run() -> None:
                with ServedArchive(database, chroma, embedded) as archive:
                    work(archive)

            return run

        def writer(number: int) -> int:
            work = opened(lambda archive: write_all(archive, number, count, handle))
            return stack.enter_context(forked(work))

        def end(processes: Iterable[int]) -> None:
            ends = [os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) for p in processes]
            assert ends == [0] * len(ends), ends

        outs = [Path(folder, f"reader-{n}") for n in range(READERS)]
        readers = [
            stack.enter_context(forked(opened(lambda a, n=n: read(a, n, log, outs[n]))))
            for n in range(READERS)
        ]
        writers = {n: writer(n) for n in range(WRITERS)}
        for n in range(kills):
            while len(log.read_text().splitlines()) < (n + 1) * WRITERS * count // (kills + 1) // 2:
                time.sleep(0.02)
            os.kill(writers[n % WRITERS], signal.SIGKILL)
            assert os.waitstatus_to_exitcode(os.waitpid(writers[n % WRITERS], 0)[1]) < 0
            writers[n % WRITERS] = writer(n % WRITERS)
        end(writers.values())
        end(
            [
                stack.enter_context(forked(opened(lambda a, n=n: write_edited(a, n, count))))
                for n in range(WRITERS)
            ]
        )
        took = time.monotonic() - begun
        Path(folder, "over").touch()
        end(readers)
        seen = [json.loads(out.read_text()) for out in outs]
    with ServedArchive(database, chroma, embedded) as archive:
        check(archive, count, tidy=not kills)
        if kills:
            archive.ingest()
            check(archive, count)
    return {"seconds": round(took, 1), "articles": 3 * count, "readers": seen}


def check(archive: Archive, count: int, *, tidy: bool = True) -> None:
    """Each article is there once, in its last edition, with what it says searched once."""
    uris = set(archive.catalog.uris().values())
    stored = {article.uri: article for article in archive.catalog.every_article()}
    for n in range(count):
        assert stored[f"made/{n}.md"] == edited(n)
        first, again, copy = articles_of(n)
        assert stored[copy.uri] == copy
        # The text that the article no longer has is that of its other place.
        assert stored[again.uri].body == first.body
    assert len(uris) == 3 * count
    assert_covered(archive, tidy=tidy)


def main() -> None:
    """Run rounds with servers of their own, for some seconds or over some articles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--database", default="")
    parser.add_argument("--chroma", default="")
    given = parser.parse_args()
    begun = time.monotonic()
    with ExitStack() as stack:
        chroma = given.chroma
        if not given.database:
            server = stack.enter_context(running())
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            chroma = stack.enter_context(chroma_running(Path(folder))).url
        while True:
            database = given.database or server.new_database()
            done = crowd(database, chroma, given.articles, kills=given.kills)
            print(json.dumps(done), flush=True)
            if time.monotonic() - begun >= given.seconds:
                return


if __name__ == "__main__":
    main()
