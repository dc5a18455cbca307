"""Copies a store's tables from one database into another, whichever engines they are of.

Rows go in the order of their keys, some at a time. What the target has of a range of keys already
is compared and left, so that a copy that was stopped goes on, and one that is made again takes
over what has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from retrieval.databases.database import Database

AT_A_TIME = 1000
"""Rows of a transaction."""

_OF_FTS5 = ("_data", "_idx", "_content", "_docsize", "_config")
_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)
_KEYS = (
    "SELECT t.relname, c.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
    "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) "
    "JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number "
    "WHERE i.indisprimary AND t.relnamespace = current_schema()::regnamespace ORDER BY k.place"
)
_PARENTS = (
    "SELECT child.relname, parent.relname FROM pg_constraint c "
    "JOIN pg_class child ON child.oid = c.conrelid "
    "JOIN pg_class parent ON parent.oid = c.confrelid "
    "WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"
)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its columns, those of them that are its key, and what tables refer to it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    children: tuple[str, ...] = ()

    def key_of(self, row: Row) -> Row:
        """Return the key of a row."""
        return tuple(row[self.columns.index(column)] for column in self.key)

    def rows(
        self, database: Database, after: Row | None, upto: Row | None = None, limit: int = 0
    ) -> list[Row]:
        """Return the rows of a range of keys in their order, at most `limit` of them."""
        limits = [(">", after)] if after is not None else []
        limits += [("<=", upto)] if upto is not None else []
        key, marks = _listed(self.key), ", ".join("?" * len(self.key))
        where = " AND ".join(f"({key}) {sign} ({marks})" for sign, _ in limits)
        return database.rows(
            f"SELECT {_listed(self.columns)} FROM {self.name}"
            + (f" WHERE {where}" if where else "")
            + f" ORDER BY {key}"
            + (f" LIMIT {limit}" if limit else ""),
            *(value for _, values in limits for value in values),
        )

    def insert(self, database: Database, rows: Sequence[Row]) -> None:
        """Write rows."""
        marks = ", ".join("?" * len(self.columns))
        sql = f"INSERT INTO {self.name} ({_listed(self.columns)}) VALUES ({marks})"
        database.write_many(sql, rows)

    def delete_after(self, database: Database, after: Row | None) -> None:
        """Delete the rows behind a key, and all of the tables that refer to this one."""
        for child in self.children:
            database.write(f"DELETE FROM {child}")
        key, marks = _listed(self.key), ", ".join("?" * len(self.key))
        where = f" WHERE ({key}) > ({marks})" if after is not None else ""
        database.write(f"DELETE FROM {self.name}{where}", *(after or ()))

    def count(self, database: Database) -> int:
        """Return how many rows there are."""
        return int(database.one(f"SELECT count(*) FROM {self.name}"))


def tables_of(database: Database) -> list[Table]:
    """Return the tables of a database, those first to which others refer."""
    found = _sqlite_tables(database) if database.engine == "sqlite" else _server_tables(database)
    children: dict[str, set[str]] = {table.name: set() for table in found}
    for child, parent in database.rows(_PARENTS) if database.engine == "postgres" else []:
        children[parent].add(child)
    found = [replace(table, children=tuple(sorted(children[table.name]))) for table in found]
    return sorted(found, key=lambda table: (not table.children, table.name))


def copy_table(source: Database, target: Database, table: Table) -> Iterator[int]:
    """Make a table of the target the same as the source's; yields the rows of each step.

    Raises:
        ArchiveUnreadable: one of the databases cannot be used.
    """
    after: Row | None = None
    while batch := table.rows(source, after, limit=AT_A_TIME):
        upto = table.key_of(batch[-1])
        with target.transaction():
            there = table.rows(target, after, upto)
            pairs = zip(batch, there, strict=False)
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            if there[same:]:
                table.delete_after(target, table.key_of(batch[same - 1]) if same else after)
            if batch[same:]:
                table.insert(target, batch[same:])
        after = upto
        yield len(batch)
    if table.rows(target, after, limit=1):
        with target.transaction():
            table.delete_after(target, after)


def copy_counter(source: Database, target: Database, table: Table) -> None:
    """Have the target count the new rows of a table on from where the source is."""
    if len(table.key) != 1:
        return
    column = table.key[0]
    if not isinstance(source.one(f'SELECT max("{column}") FROM {table.name}'), int | None):
        return
    reached = max(_reached(source, table, column), _reached(target, table, column))
    if not reached:
        return
    if target.engine == "postgres":
        if sequence := _sequence(target, table, column):
            target.rows("SELECT setval(?, ?)", sequence, reached)
    elif _counts_by_itself(target, table):
        with target.transaction():
            sql = "UPDATE sqlite_sequence SET seq = ? WHERE name = ?"
            if not target.write(sql, reached, table.name):
                target.write("INSERT INTO sqlite_sequence VALUES (?, ?)", table.name, reached)


def fingerprint(database: Database, table: Table) -> tuple[int, str]:
    """Return how many rows a table has, and a digest of them all."""
    count, digest = 0, hashlib.sha256()
    after: Row | None = None
    while batch := table.rows(database, after, limit=AT_A_TIME):
        for row in batch:
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        count += len(batch)
        after = table.key_of(batch[-1])
    return count, digest.hexdigest()


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _sqlite_tables(database: Database) -> list[Table]:
    made = dict(database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    virtual = {name for name, sql in made.items() if sql and "VIRTUAL" in sql.upper()}
    hidden = {name + ending for name in virtual for ending in _OF_FTS5}
    tables = []
    for name in sorted(made.keys() - hidden):
        if name.startswith("sqlite_"):
            continue
        told = database.rows(f"PRAGMA table_info({name})")
        columns = tuple(row[1] for row in told)
        key = tuple(row[1] for row in sorted(told, key=lambda row: row[5]) if row[5])
        if name in virtual:
            columns, key = ("rowid", *columns), ("rowid",)
        tables.append(Table(name, columns, key))
    return tables


def _server_tables(database: Database) -> list[Table]:
    columns: dict[str, list[str]] = {}
    keys: dict[str, list[str]] = {}
    for found, sql in ((columns, _COLUMNS), (keys, _KEYS)):
        for table, column in database.rows(sql):
            found.setdefault(table, []).append(column)
    return [Table(name, tuple(columns[name]), tuple(key)) for name, key in sorted(keys.items())]


def _reached(database: Database, table: Table, column: str) -> int:
    """Return the greatest number that a table has given a row."""
    reached = int(database.one(f'SELECT max("{column}") FROM {table.name}') or 0)
    if database.engine == "postgres":
        if sequence := _sequence(database, table, column):
            [[last, called]] = database.rows(f"SELECT last_value, is_called FROM {sequence}")
            reached = max(reached, last if called else 0)
    elif _counts_by_itself(database, table):
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        reached = max(reached, int(database.one(sql, table.name) or 0))
    return reached


def _sequence(database: Database, table: Table, column: str) -> str | None:
    name: str | None = database.one("SELECT pg_get_serial_sequence(?, ?)", table.name, column)
    return name


def _counts_by_itself(database: Database, table: Table) -> bool:
    sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    return "AUTOINCREMENT" in str(database.one(sql, table.name)).upper()
