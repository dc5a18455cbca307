"""The tables of a small store: an SQLite file that is opened for each use, or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Protocol

from retrieval.databases.database import Database, Schema
from retrieval.databases.postgres import PostgresDatabase
from retrieval.databases.sqlite import SqliteDatabase
from retrieval.errors import ArchiveUnreadable

_LOCK_SECONDS = 10


class Tables(Protocol):
    """The tables of a small store. Several processes and threads may use them.

    Raises:
        ArchiveUnreadable: from every method, when they cannot be used; says what to do.
    """

    @property
    def read_only(self) -> Path | None:
        """The folder that does not let them be written, if it is so."""
        ...

    def reading(self) -> AbstractContextManager[Database | None]:
        """Open them in a `with` block; None where nothing was written yet.

        What is written all the same is committed by each statement.
        """
        ...

    def writing(self) -> AbstractContextManager[Database]:
        """Open them in a `with` block, made if need be, and commit what is written in it together.

        Other processes that write wait until it ends.
        """
        ...

    def clear(self, table: str) -> None:
        """Delete what a table holds, from the disk too."""
        ...

    def close(self) -> None:
        """Close what is open. Tables that are used afterwards are opened anew."""
        ...


class FileTables:
    """Tables in an SQLite file, which the first write makes; see `Tables`.

    Args:
        path: the file.
        schema: its tables.
        private: only the owner may read the file, and what is deleted is overwritten.
        seconds: how long another program's lock is waited for.
    """

    def __init__(
        self,
        path: Path,
        schema: Schema,
        *,
        private: bool = False,
        seconds: float = _LOCK_SECONDS,
    ) -> None:
        self._path = path
        self._schema = schema
        self._private = private
        self._seconds = seconds

    @property
    def read_only(self) -> Path | None:
        """The folder, if it is there and cannot be written."""
        home = self._path.parent
        return home if home.exists() and not os.access(home, os.W_OK) else None

    @contextmanager
    def reading(self) -> Iterator[Database | None]:
        """Open the file; None if there is none, or if who made it was stopped before the tables."""
        with self._explained():
            if not self._path.exists() or not self._path.stat().st_size:
                yield None
                return
            with self._opened() as database:
                yield database

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Open the file, made if need be, and commit what is written together."""
        with self._explained(), self._opened() as database, database.transaction():
            yield database

    def clear(self, table: str) -> None:  # noqa: ARG002
        """Delete the file: one that is damaged goes too."""
        with self._explained():
            for suffix in ("", "-journal"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Do nothing: the file is closed after each use."""

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        database = SqliteDatabase(
            self._path,
            self._schema,
            {},
            private=self._private,
            wal=False,
            seconds=self._seconds,
        )
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ArchiveUnreadable, OSError) as error:
            cause = error.__cause__ if isinstance(error, ArchiveUnreadable) else error
            if cause is None:
                raise
            raise ArchiveUnreadable(
                f"{self._path} cannot be used ({cause}): make room, change its permissions, or "
                "move it away; a new one is made."
            ) from error


class ServerTables:
    """Tables in a PostgreSQL database, which the first use connects to; see `Tables`."""

    read_only = None

    def __init__(self, url: str, schema: Schema) -> None:
        self._url = url
        self._schema = schema
        self._lock = Lock()
        self._database: PostgresDatabase | None = None

    @contextmanager
    def reading(self) -> Iterator[Database | None]:
        """Give the database, whose tables are made if need be."""
        yield self._opened()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Give the database in a transaction."""
        database = self._opened()
        with database.transaction():
            yield database

    def clear(self, table: str) -> None:
        """Empty a table, so that the server deletes its file."""
        with self.writing() as database:
            database.write(f"TRUNCATE {table}")

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    def _opened(self) -> PostgresDatabase:
        with self._lock:
            if self._database is None:
                self._database = PostgresDatabase(self._url, self._schema, at_once=1)
            return self._database
