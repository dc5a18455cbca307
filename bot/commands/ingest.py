"""`newsdesk ingest`: read articles into the archive."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import (
    INTERRUPTED,
    AsJson,
    EnvFile,
    Home,
    UsageError,
    open_desk,
    print_json,
    print_message,
    progress,
)
from retrieval.text.counted import counted

if TYPE_CHECKING:
    from bot.wiring import Desk
    from corpus.article import Item
    from retrieval.archive.index import Indexer
    from retrieval.archive.sorting import IngestReport

_MOST_KINDS = 10
"""The most kinds of files that are named as not read."""

_MOST_LINES = 10
"""Lines of one kind that are printed one by one."""

_WEB = re.compile(r"(?i)https?://")

_NOTHING_TO_DO = "Name the files or folders to ingest; `newsdesk ingest --help` has examples."


def ingest(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            show_default=False,
            help="Files, folders with their subfolders, and web addresses: text, pages, PDFs, "
            "documents, records, mail, agencies' items, feeds, crawls, archives of these.",
        ),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Also remove articles whose file is gone from PATH."),
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="First index every stored article anew."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 if anything was rejected."),
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Read articles into the archive.

    Those that it has already are left alone, and so is a text that it has under another name. What
    cannot be read is named on stderr with the reason, and the rest goes in; a folder's files of
    other kinds are counted. More than ten texts that are there already are counted, too; --json
    names all. Where a setting that shapes the index has changed, the index is built
    anew first.
    """
    if prune and not paths:
        raise UsageError("--prune needs the folders or files to compare the archive with.")
    desk = open_desk(home, env_file)
    addresses = [path for path in paths or () if _WEB.match(path)]
    files = [Path(path) for path in paths or () if not _WEB.match(path)]
    if not (paths or rebuild or desk.has_catalog):
        raise UsageError(_NOTHING_TO_DO)
    from corpus.reading import other_files
    from retrieval.archive.sorting import IngestReport

    report = IngestReport()
    others = other_files(files)
    before: dict[str, str] | None = None
    try:
        fetched = list(_fetched(desk, addresses)) if addresses else []  # while others may write
        with desk.indexer(_say_waiting) as indexer:
            before = desk.catalog.fingerprints()
            stale = indexer.is_stale()
            if not (paths or rebuild or stale):
                raise UsageError(_NOTHING_TO_DO)
            if rebuild or stale:
                _rebuild(indexer, len(before), stale=stale)
            if paths:
                stored = desk.catalog.uris if prune else None
                report = _ingest(indexer, files, fetched, stored, others)
    except KeyboardInterrupt:
        after = desk.catalog.fingerprints() if before is not None else {}
        _say_interrupted(before or {}, after)
        raise typer.Exit(INTERRUPTED) from None
    if paths or as_json:
        _print_report(report, others, as_json=as_json)
    if (paths and not report.anything_read) or (strict and report.rejected):
        raise typer.Exit(1)


def _rebuild(indexer: Indexer, articles: int, *, stale: bool) -> None:
    if stale:
        print_message("The settings call for another index than the archive has: building it anew.")
    with progress("Indexing", lambda: articles) as advance:
        done = indexer.rebuild(lambda _: advance(), keep=stale)
    print_message(f"Indexed {counted(done, 'article')} anew.")


def _fetched(desk: Desk, addresses: list[str]) -> Iterator[Item]:
    """Yield what lies at some addresses of the web."""
    from retrieval.following.looking import read_address

    for address in addresses:
        yield from read_address(desk.fetcher, address, time.time())


def _ingest(
    indexer: Indexer,
    paths: list[Path],
    fetched: Iterable[Item],
    stored: Callable[[], dict[str, str]] | None,
    others: Counter[str],
) -> IngestReport:
    """Ingest the paths, and what was fetched.

    With `stored`, which returns id -> URI, remove articles that are gone from the paths. What is
    inside files and of a kind that is not read is counted in `others`.
    """
    from bot.pruning import ScanResult, bare_folders, gone, within
    from corpus.article import Article, Rejection
    from corpus.reading import find_files, path_uri, read_file

    files, unread = find_files(paths)
    found: set[str] = set()
    unreadable: set[str] = set()

    def read() -> Iterator[Item]:
        yield from unread
        for file in files:
            for item in read_file(file, others):
                if stored and isinstance(item, Article):
                    found.add(item.uri)
                elif stored and isinstance(item, Rejection):
                    unreadable.add(path_uri(file))
                yield item
        yield from fetched

    there = {path_uri(file) for file in files}
    scan = ScanResult(
        folders={path_uri(path) for path in paths if path.is_dir()},
        files=there,
        unseen={item.uri for item in unread},
        articles=found,
        unreadable=unreadable,
    )

    def lost(known: dict[str, str]) -> list[str]:
        return gone(known, scan, lambda uri: uri in there or os.path.exists(uri))

    with progress("Ingesting", lambda: len(unread) + sum(map(_count, files))) as advance:
        report = indexer.ingest(
            read(), lambda _: advance(), lambda uri: bool(stored and lost({"": uri}))
        )
    if stored:
        known = stored()
        for folder in bare_folders(scan):
            if any(within(uri, folder) for uri in known.values()):
                print_message(
                    f"{folder} holds no article file, as if its disk were not mounted: "
                    "the articles that came from it are kept."
                )
        removed, moved = indexer.prune(lost)
        report.removed.extend(removed)
        report.updated.extend(moved)
    return report


def _count(file: Path) -> int:
    """Return how many articles a file may hold, for the progress bar."""
    if file.suffix.lower() != ".jsonl":
        return 1
    try:
        with file.open("rb") as lines:
            return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b"")) or 1
    except OSError:
        return 1


def _print_report(report: IngestReport, others: Counter[str], *, as_json: bool) -> None:
    from corpus.cleaning import clean_line

    for rejection in report.rejected:
        print_message(f"rejected {rejection.uri}: {rejection.reason}")
    _say_all(
        [f"{d.uri}: same text as {d.kept}, which is kept once" for d in report.duplicates],
        "texts are stored already under other names, and kept once",
    )
    for uri in report.withdrawn_before:
        print_message(f"{uri}: withdrawn by its agency, and stays out")
    for copy in report.copies_left:
        print_message(f"{copy.uri}: a copy of {copy.original}, which is withdrawn; it stays")
    _say_all(
        [
            f"{c.uri}: a copy of {c.original}, with which it is searched as one"
            for c in report.copies
        ],
        "are copies of articles that are there, with which they are searched as one",
    )
    if as_json:
        print_json(asdict(report) | {"not_read": others})
    else:
        outcomes = ("added", "updated", "unchanged", "removed", "rejected")
        print(", ".join(f"{len(getattr(report, outcome))} {outcome}" for outcome in outcomes))
        if copies := len(report.copies):
            print(f"{counted(copies, 'copy', 'copies')} of articles that are there")
        if withdrawn := len(report.withdrawn):
            print(f"{counted(withdrawn, 'article')} withdrawn by their agency")
        if unclear := len(report.ambiguous_date):
            print(
                f"{counted(unclear, 'article')} stored without a date: it reads as two days "
                "(03/04/2024)"
            )
        if others:
            print(clean_line(f"not read: {_kinds(others)}"))


def _say_all(lines: list[str], summed: str) -> None:
    """Print lines of one kind, or how many there are of them if they are many."""
    if len(lines) <= _MOST_LINES:
        for line in lines:
            print_message(line)
    else:
        print_message(f"{len(lines):,} {summed}, such as {lines[0]}; --json names all")


def _kinds(others: Counter[str]) -> str:
    """Return how many files there are of each kind, commonest first: "3 .rtf, 1 .xlsx"."""
    named = others.most_common(_MOST_KINDS)
    parts = [f"{count:,} {suffix or 'without an ending'}" for suffix, count in named]
    if rest := others.total() - sum(count for _, count in named):
        parts.append(f"{rest:,} of other kinds")
    return ", ".join(parts)


def _say_waiting() -> None:
    print_message("Another ingest is running; waiting for it to finish…")


def _say_interrupted(before: dict[str, str], after: dict[str, str]) -> None:
    stored = sum(before.get(article_id) != mark for article_id, mark in after.items())
    print_message(
        f"Interrupted: {counted(stored, 'article')} stored before that; the same command goes on "
        "from there."
    )
