"""The catalog's SQLite file: opening, migrating, transactions, and errors that people can use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from corpus.article import article_id
from retrieval.archive.filters import has_phrase
from retrieval.archive.schema import SCHEMA
from retrieval.archive.texts import text_digest
from retrieval.errors import ArchiveUnreadable

MOST_VARIABLES = 900
"""The most variables of one statement: below the 999 of an SQLite before 3.32."""

_LOCK_SECONDS = 30
_LEAST_FREE = 1 << 18  # bytes; with less, an I/O error means that the disk is full
_HOW_TO_REBUILD = "Nothing was deleted. Move {path} away and ingest your articles again."


class Database:
    """An open SQLite file with the catalog's schema.

    Several threads may share it to read. One at a time may write, and while it does, the others
    see what is not committed: who writes beside answers opens the file for itself.

    Raises:
        ArchiveUnreadable: from any method, when the file is damaged, locked, cannot be
            written, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Statements run one at a time, which SQLite sees to by itself. But Python's sqlite3 waits
        # for SQLite with the interpreter's lock held, and a statement that calls one of our
        # functions waits for that lock: without ours, the two can wait for each other for ever.
        self._running = threading.RLock()
        with self._translating_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            fixed = path.exists() and not os.access(path.parent, os.W_OK)
            self._connection = sqlite3.connect(
                # Without a place for its locks SQLite opens only what it may take for unchanging.
                f"{path.absolute().as_uri()}?mode=ro&immutable=1" if fixed else path,
                uri=fixed,
                timeout=_LOCK_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            if self._schema_version() < len(SCHEMA):
                if fixed:
                    raise ArchiveUnreadable(
                        f"{path} was written by an older Newsdesk, and its folder cannot be "
                        "written: allow that once, so that it can be brought up to date."
                    )
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._migrate()
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.create_function("has_phrase", 2, has_phrase, deterministic=True)

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        with self._running:
            self._connection.close()

    def _schema_version(self) -> int:
        version = int(self.one("PRAGMA user_version"))
        if version > len(SCHEMA):
            raise ArchiveUnreadable(
                f"{self.path} was written by a newer Newsdesk: upgrade, or use another home."
            )
        return version

    def _migrate(self) -> None:
        """Bring the file to the present schema, in one transaction."""
        from corpus.web.addresses import same_article

        self._connection.create_function("text_digest", 1, text_digest)
        self._connection.create_function("same_article", 1, same_article)
        self._connection.create_function("article_id", 1, article_id)
        with self.transaction():
            version = self._schema_version()  # another process may have come first
            for statement in chain.from_iterable(SCHEMA[version:]):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(SCHEMA)}")
        with suppress(sqlite3.Error):  # give back the room of what was moved; it can wait
            self._connection.execute("VACUUM")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes made inside the `with` block together, or none if it raises."""
        with self._translating_errors():
            self.rows("BEGIN IMMEDIATE")
            try:
                yield
                self.rows("COMMIT")
            except BaseException:
                if (
                    self._connection.in_transaction
                ):  # SQLite rolls back by itself when the disk is full
                    self.rows("ROLLBACK")
                raise

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        with self._translating_errors(), self._running:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Run a query and return the first column of its first row, or None."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def write(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        with self._translating_errors(), self._running:
            self._connection.executemany(sql, rows)

    def insert(self, sql: str, *values: object) -> int:
        """Insert one row and return its number."""
        with self._translating_errors(), self._running:
            return self._connection.execute(sql, values).lastrowid or 0

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Turn errors of SQLite and the disk into an ArchiveUnreadable that says what to do."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise
            raise ArchiveUnreadable(f"The catalog {self.path} has been closed.") from error
        except sqlite3.OperationalError as error:
            raise ArchiveUnreadable(_explain_operational(self.path, error)) from error
        except sqlite3.DatabaseError as error:
            raise ArchiveUnreadable(
                f"The catalog {self.path} is damaged ({error}). "
                + _HOW_TO_REBUILD.format(path=self.path.parent)
            ) from error
        except OSError as error:
            raise ArchiveUnreadable(
                f"{self.path.parent} cannot be used: {error.strerror}."
            ) from error


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE
    except OSError:
        return False


def _explain_operational(path: Path, error: sqlite3.OperationalError) -> str:
    text = str(error)
    # On a full disk SQLite first fails to grow its shared memory, and reports an I/O error.
    if "full" in text or ("disk I/O" in text and _is_full(path.parent)):
        return f"The disk that holds {path.parent} is full: free some space and try again."
    if "locked" in text or "busy" in text:
        return f"The catalog {path} is in use by another program: try again when it has ended."
    if "readonly" in text or "unable to open" in text:
        return f"{path} cannot be opened for writing: check the folder's permissions."
    return f"The catalog {path} cannot be used ({text}). " + _HOW_TO_REBUILD.format(
        path=path.parent
    )
