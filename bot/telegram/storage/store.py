"""The bot's tables, opened where they are kept: in an SQLite file, or in PostgreSQL."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from pathlib import Path

from bot.settings import Settings
from bot.telegram.storage.schema import TELEGRAM
from retrieval.databases.database import Database
from retrieval.databases.postgres import PostgresDatabase
from retrieval.databases.sqlite import SqliteDatabase
from retrieval.errors import ArchiveUnreadable, NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

FILE = "telegram.db"

_SECONDS = 3.0
"""How long a lost connection is waited for: nothing else goes on meanwhile."""
_AT_ONCE = 3
"""The most connections: the event loop's, that which shows life, and one for all other threads."""
_SESSION = (
    "-c idle_in_transaction_session_timeout=10s "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)
"""A process that stands still, or is cut off, in a transaction keeps the others no longer."""


class StoreUnusable(NewsdeskError):
    """The bot's file cannot be opened."""


class Store:
    """The bot's open tables. A statement outside a transaction is committed at once.

    Raises:
        ArchiveUnreadable: from any method, when the tables cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows, self.one, self.write = database.rows, database.one, database.write

    def close(self) -> None:
        """Close the tables."""
        self.database.close()

    def insert(self, sql: str, *values: object) -> int:
        """Insert a row and return its id."""
        return int(self.database.one(f"{sql} RETURNING id", *values))

    def transaction(self) -> AbstractContextManager[None]:
        """Commit everything inside, or roll it back on an error. Nested ones join the outer one."""
        return self.database.transaction()

    def compact(self) -> None:
        """Write an SQLite file anew, without what was deleted.

        Only so nothing of it is left: SQLite overwrites a deleted row, but not the copies that
        it made when it moved the row to another page. PostgreSQL cleans its files by itself.
        """
        if self.database.engine != "sqlite":
            return
        try:
            self.write("VACUUM")
        except ArchiveUnreadable as error:  # it takes as much room again
            _log.warning("%s could not be compacted: %s", self.database.name, error)
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def fact(self, name: str) -> str | None:
        """Return a named value, or None."""
        value = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def set_fact(self, name: str, value: str) -> None:
        """Store a named value."""
        self.write(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )


def open_store(settings: Settings) -> Store:
    """Open the bot's tables where the settings say.

    Raises:
        StoreUnusable: the file cannot be used.
        SettingsError, ArchiveUnreadable: the database cannot be used.
    """
    url = settings.database_url
    return store_at(url.get_secret_value()) if url else store_in(settings.home)


def has_store(settings: Settings) -> bool:
    """Return whether there may be tables to read: opening a file would make it."""
    return settings.database_url is not None or (settings.home / FILE).exists()


def store_at(url: str) -> Store:
    """Open the bot's tables in a PostgreSQL database.

    Raises:
        SettingsError: the address cannot be understood.
        ArchiveUnreadable: the server cannot be reached or used.
    """
    return Store(PostgresDatabase(url, TELEGRAM, _SECONDS, at_once=_AT_ONCE, session=_SESSION))


def store_in(home: Path) -> Store:
    """Open the bot's file. Only its owner may read it, and deleted rows are overwritten in it.

    Raises:
        StoreUnusable: the file cannot be opened.
    """
    path = home / FILE
    try:
        return Store(SqliteDatabase(path, TELEGRAM, {}, private=True))
    except ArchiveUnreadable as error:
        raise StoreUnusable(
            f"{path} cannot be used ({error.__cause__ or error}): make room, change its "
            "permissions, or move it away; a new one is made."
        ) from error
