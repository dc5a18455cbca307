"""Copies an archive from one home to another: tables, vectors, and all that people said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot import conversations
from bot.serving import allowance, ratings
from bot.settings import Settings
from bot.telegram.storage import store as telegram
from bot.telegram.storage.queue import LEASE
from bot.telegram.storage.schema import TELEGRAM
from bot.wiring import Desk
from retrieval.archive import homes
from retrieval.archive.catalog import Catalog
from retrieval.archive.facts import UNFINISHED_FACT, Facts
from retrieval.archive.homes import CATALOG, catalog_in
from retrieval.databases.copying import (
    AT_A_TIME,
    Row,
    Table,
    copy_counter,
    copy_table,
    fingerprint,
    tables_of,
)
from retrieval.databases.database import Database, NoTables, Schema
from retrieval.databases.postgres import PostgresDatabase, server_name
from retrieval.databases.sqlite import SqliteDatabase
from retrieval.errors import ArchiveError
from retrieval.models import ledger, reply_cache

_FILES = {
    CATALOG: homes.FILE,
    ledger.USAGE: ledger.FILE,
    reply_cache.REPLIES: reply_cache.FILE,
    conversations.CONVERSATIONS: conversations.FILE,
    ratings.RATINGS: ratings.FILE,
    allowance.ASKED: allowance.FILE,
    TELEGRAM: telegram.FILE,
}
_NOT_COPIED = {"copied", "change", "terms", "workers", "queue", "pauses", "rates"}
"""Tables of the home itself: what it is a copy of, what it counts, and who works there now."""

_MARK = "CREATE TABLE IF NOT EXISTS copied (source TEXT NOT NULL, digest TEXT NOT NULL)"
"""What a home is a copy of, and the digest of its tables when that was finished, or nothing."""

_ALIVE = "SELECT count(*) FROM workers WHERE seen > extract(epoch FROM clock_timestamp()) - ?"
_PASSAGES = Table("passages", ("number", "id"), ("number",))
_ROUNDED = 1e-6


class CannotCopy(ArchiveError):
    """An archive cannot be copied to where it was to go."""


class _FullText(Table):
    """The full text, which each engine indexes in its own way."""

    def insert(self, database: Database, rows: Sequence[Row]) -> None:
        """Write rows: those of one title are of one article."""
        text = Catalog(database).text
        with text.counting():
            for title, passages in groupby(rows, key=itemgetter(1)):
                text.add(title, [(number, words) for number, _, words in passages])

    def delete_after(self, database: Database, after: Row | None) -> None:
        """Delete the rows behind a key."""
        Catalog(database).text.remove([row[0] for row in self.rows(database, after)])


_TEXT = _FullText("passage_text", ("rowid", "title", "text"), ("rowid",))


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and found to be the same at both ends."""

    source: str
    target: str
    rows: int
    vectors: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A table at both ends."""

    store: Schema
    table: Table
    source: Database
    target: Database

    @property
    def name(self) -> str:
        return f"{self.store.name.removeprefix('newsdesk_')}: {self.table.name}"


class Copying:
    """A copy of one desk's archive for another. Closing it closes what it opened, not the desks.

    Raises:
        CannotCopy: there is no archive, the target holds another one, or a bot is running.
        ArchiveUnreadable: one of the homes cannot be used.
    """

    def __init__(self, source: Desk, target: Desk) -> None:
        self._desks = source, target
        self._stack = ExitStack()
        try:
            for settings in (source.settings, target.settings):
                if not settings.database_url and _is_held(settings.home):
                    raise _running(settings)
            self._from = self._opened(source.settings, only_read=True)
            if CATALOG not in self._from:
                raise CannotCopy(f"There is no archive at {_place(source.settings)}.")
            Facts(self._from[CATALOG]).require_whole()
            if _place(source.settings) == _place(target.settings):
                raise CannotCopy(f"{_place(source.settings)} cannot be copied to itself.")
            self._refuse_bots(source.settings, self._from)
            self._to = self._opened(target.settings, only_read=False)
            self._refuse_bots(target.settings, self._to)
            self._parts = list(self._all_parts())
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Close the databases."""
        self._stack.close()

    def steps(self) -> int:
        """Return how many steps it takes, of a copy from the beginning."""
        rows = [part.table.count(part.source) for part in self._parts]
        passages = _PASSAGES.count(self._from[CATALOG])
        return sum(_pages(n) for n in [*rows, passages, passages]) + len(self._parts)

    def run(self, advance: Callable[[], None]) -> Copied:
        """Copy everything and compare; `advance` is called after each step.

        Raises:
            CannotCopy: the target holds another archive, or the ends are not the same.
        """
        self._begin()
        self._mark("")
        for part in self._parts:
            for _ in copy_table(part.source, part.target, part.table):
                advance()
            copy_counter(part.source, part.target, part.table)
        self._copy_facts()
        vectors = self._copy_vectors(advance)
        rows, digest = self._compare(advance)
        self._mark(digest)
        source, target = (_place(desk.settings) for desk in self._desks)
        return Copied(source, target, rows, vectors)

    def _opened(self, settings: Settings, *, only_read: bool) -> dict[Schema, Database]:
        """Open the stores of a home: those that there are, or those that the source has."""
        found: dict[Schema, Database] = {}
        for schema, file in _FILES.items():
            if not only_read and schema not in self._from:
                continue
            try:
                database = _open(settings, schema, file, only_read=only_read)
            except NoTables:
                continue
            self._stack.callback(database.close)
            found[schema] = database
        return found

    def _refuse_bots(self, settings: Settings, stores: dict[Schema, Database]) -> None:
        """Refuse to copy the journal of a bot that writes it."""
        journal = stores.get(TELEGRAM)
        if journal and journal.engine == "postgres" and journal.one(_ALIVE, LEASE):
            raise _running(settings)

    def _all_parts(self) -> Iterator[_Part]:
        for schema, source in self._from.items():
            target = self._to[schema]
            there = {table.name: table for table in tables_of(source)}
            for table in tables_of(target):
                own = _NOT_COPIED | ({"facts"} if schema is CATALOG else set())
                if table.name in there and table.name not in own and table.key:
                    text = (schema, table.name) == (CATALOG, _TEXT.name)
                    yield _Part(schema, _TEXT if text else table, source, target)

    def _begin(self) -> None:
        """Take the target, which is empty or an unfinished copy or an unused one.

        Raises:
            CannotCopy: the target holds another archive, or something that was added to a copy.
        """
        catalog, name = self._to[CATALOG], _place(self._desks[1].settings)
        catalog.write(_MARK)
        marks = catalog.rows("SELECT source, digest FROM copied")
        if not marks:
            if any(part.table.rows(part.target, None, limit=1) for part in self._parts):
                raise CannotCopy(
                    f"{name} holds an archive already: name an empty folder or database."
                )
            return
        [[source, digest]] = marks
        if source != _place(self._desks[0].settings):
            raise CannotCopy(f"{name} holds a copy of {source}: name another place.")
        if digest and digest != _digest(
            [fingerprint(part.target, part.table) for part in self._parts]
        ):
            raise CannotCopy(
                f"{name} was used after it was copied, and what came in would be lost: name an "
                "empty folder or database."
            )

    def _mark(self, digest: str) -> None:
        """Note what the target is a copy of. Without the digest, it is not to be used yet."""
        catalog = self._to[CATALOG]
        source = _place(self._desks[0].settings)
        with catalog.transaction():
            catalog.write("DELETE FROM copied")
            catalog.write("INSERT INTO copied VALUES (?, ?)", source, digest)
            if digest:
                catalog.write("DELETE FROM facts WHERE name = ?", UNFINISHED_FACT)
            else:
                Facts(catalog).set(UNFINISHED_FACT, source)

    def _copy_facts(self) -> None:
        """Copy what the catalog knows of itself; what the target needs besides stays."""
        facts = self._from[CATALOG].rows("SELECT name, value FROM facts")
        self._to[CATALOG].write_many(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            facts,
        )

    def _copy_vectors(self, advance: Callable[[], None]) -> int:
        """Copy the vectors of all passages that have one, and compare; return how many."""
        source, target = (desk.vectors for desk in self._desks)
        changed = count = 0
        for ids in self._passages():
            there, here = source.get(ids), target.get(ids)
            put = [name for name in there if not _same(there[name], here.get(name))]
            if put:
                target.put(put, np.stack([there[name] for name in put]))
            target.remove(here.keys() - there.keys())
            changed += len(put)
            advance()
        if changed:
            target.compact()
        for ids in self._passages():
            there, here = source.get(ids), target.get(ids)
            if there.keys() != here.keys() or not all(_same(there[n], here[n]) for n in there):
                raise CannotCopy(_differing([f"vectors of passages such as {ids[0]}"]))
            count += len(there)
            advance()
        return count

    def _passages(self) -> Iterator[list[str]]:
        """Yield the ids of the passages, some at a time."""
        after = None
        while rows := _PASSAGES.rows(self._from[CATALOG], after, limit=AT_A_TIME):
            yield [name for _, name in rows]
            after = rows[-1][:1]

    def _compare(self, advance: Callable[[], None]) -> tuple[int, str]:
        """Return how many rows there are at both ends, and their digest.

        Raises:
            CannotCopy: they are not the same.
        """
        differing, found = [], []
        for part in self._parts:
            there = fingerprint(part.source, part.table)
            here = fingerprint(part.target, part.table)
            found.append(here)
            if there != here:
                differing.append(f"{part.name} ({there[0]:,} rows and {here[0]:,})")
            advance()
        if differing:
            raise CannotCopy(_differing(differing))
        return sum(count for count, _ in found), _digest(found)


def _open(settings: Settings, schema: Schema, file: str, *, only_read: bool) -> Database:
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        return PostgresDatabase(url, schema, only_read=only_read)
    path = settings.home / file
    if schema is CATALOG and not only_read:
        return catalog_in(path).database
    private = schema not in (CATALOG, ledger.USAGE, allowance.ASKED)
    return SqliteDatabase(
        path, schema, {}, private=private, wal=schema is TELEGRAM, only_read=only_read
    )


def _place(settings: Settings) -> str:
    """Return what a home is called: its database, without secrets, or its folder."""
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        return server_name(url)
    return str(settings.home)


def _running(settings: Settings) -> CannotCopy:
    return CannotCopy(
        f"`newsdesk telegram` is running on {_place(settings)}: stop it first, so that no message "
        "is lost or answered twice."
    )


def _is_held(home: Path) -> bool:
    """Return whether another process has the bot's file open, beside which is its memory then.

    That of a process that was killed is there too: opening and closing the file deletes it.
    """
    shared = home / f"{telegram.FILE}-shm"
    if shared.exists():
        telegram.store_in(home).close()
    return shared.exists()


def _pages(rows: int) -> int:
    return -(-rows // AT_A_TIME)


def _same(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32] | None) -> bool:
    """Return whether two vectors have one direction, but for the rounding of their length.

    Chroma scales vectors to length 1, as cosine allows, whenever it writes its graph.
    """
    if other is None or one.shape != other.shape:
        return False
    lengths = np.linalg.norm(one), np.linalg.norm(other)
    apart = np.abs(one * lengths[1] - other * lengths[0]).max()
    return bool(apart <= _ROUNDED * lengths[0] * lengths[1])


def _digest(found: list[tuple[int, str]]) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _differing(names: list[str]) -> str:
    return (
        f"The copy is not the same in {'; '.join(names)}: something was written meanwhile. Run the "
        "same command again, while nothing writes."
    )
