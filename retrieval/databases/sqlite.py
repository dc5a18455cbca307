"""A store's tables in an SQLite file: opening, migrating, and errors that people can use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from retrieval.databases.claims import OnlyOne
from retrieval.databases.database import NoTables, Schema, outdated
from retrieval.errors import ArchiveUnreadable

_LOCK_SECONDS = 30
_PAUSE = 0.01  # seconds between two tries where SQLite itself does not wait
_LEAST_FREE = 1 << 18  # bytes; with less, an I/O error means that the disk is full
_HOW_TO_REBUILD = "Nothing was deleted. Move {path} away and ingest your articles again."


class SqliteDatabase:
    """The open tables of one store in an SQLite file; see `Database`.

    Several threads may share it to read, one statement at a time: SQLite runs no more than one of
    a connection, and two threads that wait for it and for Python's lock, the one in a function of
    ours and the other on its way to SQLite, would wait for each other for ever. One thread at a
    time may write, and while it does, the others see what is not committed: who writes beside
    answers opens the file for itself.

    Args:
        path: the file, which is made or brought up to date if need be.
        schema: its tables.
        functions: functions that its statements, or those that bring it up to date, call by name.
        private: only its owner may read the file, and what is deleted is overwritten in it.
        wal: keep a new file's changes in a log beside it, so that nobody who reads waits for
            who writes. Without it the file is whole by itself whenever nobody writes.
        seconds: how long another program's lock is waited for.
        only_read: make nothing, bring nothing up to date, and write nothing.

    Raises:
        NoTables: the file, which is only to be read, is not there.
        ArchiveUnreadable: from any method, when the file is damaged, locked, cannot be
            written, or the disk is full.
    """

    engine: Literal["sqlite"] = "sqlite"

    def __init__(
        self,
        path: Path,
        schema: Schema,
        functions: Mapping[str, Callable[..., Any]],
        *,
        private: bool = False,
        wal: bool = True,
        seconds: float = _LOCK_SECONDS,
        only_read: bool = False,
    ) -> None:
        self.path = path
        self._schema = schema
        self._seconds = seconds
        self._lock = RLock()
        if only_read and not path.exists():
            raise NoTables(f"There is no {path}.")
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            fixed = path.exists() and not os.access(path.parent, os.W_OK)
            if private and not (fixed or only_read):
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                # Without a place for its locks SQLite opens only what it may take for unchanging.
                f"{path.absolute().as_uri()}?mode=ro&immutable=1" if fixed else path,
                uri=fixed,
                timeout=seconds,
                isolation_level=None,
                check_same_thread=False,
            )
            for name, function in functions.items():
                self._connection.create_function(name, -1, function, deterministic=True)
            try:
                if private:
                    self._connection.execute("PRAGMA secure_delete = ON")
                self._bring_up_to_date(fixed=fixed, only_read=only_read, wal=wal)
                self._connection.execute("PRAGMA synchronous = FULL")
                if only_read:
                    self._connection.execute("PRAGMA query_only = ON")
            except BaseException:
                self._connection.close()
                raise

    @property
    def name(self) -> str:
        """Return the file's path."""
        return str(self.path)

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        self._connection.close()

    def claims(self) -> OnlyOne:
        """Return claims without others: who writes articles holds a lock of the home."""
        return OnlyOne()

    def version(self) -> int:
        """Return SQLite's data_version, which changes with another process's commits."""
        return int(self.one("PRAGMA data_version"))

    def check(self) -> str | None:
        """Check the file with SQLite's `quick_check`. Return the first problem, or None."""
        verdict = str(self.one("PRAGMA quick_check(1)"))
        return None if verdict == "ok" else verdict

    def _stored_version(self) -> int:
        version = int(self.one("PRAGMA user_version"))
        if version > len(self._schema.sqlite):
            raise ArchiveUnreadable(
                f"{self.path} was written by a newer Newsdesk: upgrade, or use another home."
            )
        if not version and self.one("SELECT count(*) FROM sqlite_master"):
            return self._schema.unnumbered
        return version

    def _bring_up_to_date(self, *, fixed: bool, only_read: bool, wal: bool) -> None:
        version = self._stored_version()
        if version == len(self._schema.sqlite):
            return
        if only_read:
            raise outdated(self.name, version)
        if fixed:
            raise ArchiveUnreadable(
                f"{self.path} was written by an older Newsdesk, and its folder cannot be written: "
                "allow that once, so that it can be brought up to date."
            )
        if wal:
            self._keep_a_log()
        self._migrate()

    def _keep_a_log(self) -> None:
        """Keep changes in a log beside the file.

        For this SQLite wants the file to itself, and does not wait until others let it go.
        """
        end = time.monotonic() + self._seconds
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def _migrate(self) -> None:
        """Bring the file to the present schema, in one transaction."""
        steps = self._schema.sqlite
        with self.transaction():
            version = self._stored_version()  # another process may have come first
            for statement in chain.from_iterable(steps[version:]):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(steps)}")
        if not version:
            return
        with suppress(sqlite3.Error):  # give back the room of what was moved; it can wait
            self._connection.execute("VACUUM")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that is written inside the `with` block together, or nothing if it raises."""
        if self._connection.in_transaction:
            yield
            return
        with self._explained():
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
        """Run a statement and return all its rows."""
        with self._explained(), self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def write(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        with self._explained(), self._lock:
            return self._connection.execute(sql, values).rowcount

    def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        with self._explained(), self._lock:
            self._connection.executemany(sql, rows)

    @contextmanager
    def _explained(self) -> Iterator[None]:
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
            with suppress(sqlite3.Error):  # forget what was read: the file may be put right
                self._connection.execute("PRAGMA shrink_memory")
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
