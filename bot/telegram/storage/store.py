"""The bot's SQLite file and its schema."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrieval.errors import NewsdeskError

_log = logging.getLogger("newsdesk.telegram")

_FIRST = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER PRIMARY KEY,
    received REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,  -- NULL until the update has had its effect
    user_id INTEGER,
    raw TEXT NOT NULL  -- emptied then
);
CREATE INDEX IF NOT EXISTS updates_open ON updates (id) WHERE outcome IS NULL;
CREATE TABLE IF NOT EXISTS outbox (
    update_id INTEGER NOT NULL REFERENCES updates (id),
    ordinal INTEGER NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    message_id INTEGER,
    floor INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (update_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message_ids (
    counter INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (counter, message_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moved_chats (old INTEGER PRIMARY KEY, new INTEGER NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    cited TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS turns_by_conversation ON turns (chat_id, thread_id, user_id, id);
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY,
    update_id INTEGER NOT NULL UNIQUE,
    chat_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    question_message INTEGER NOT NULL,
    messages TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_question ON answers (chat_id, question_message);
CREATE TABLE IF NOT EXISTS presses (key TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
    answer_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (answer_id, user_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
    user_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    update_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, day, update_id)
) WITHOUT ROWID;
"""

_NOW = "CAST(strftime('%s', 'now') AS REAL)"
_DATED = f"""
ALTER TABLE turns ADD COLUMN at REAL NOT NULL DEFAULT 0;
UPDATE turns SET at = {_NOW};
DROP TABLE IF EXISTS seen_messages;
CREATE TABLE dated_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a button must not come to mean a later answer
    update_id INTEGER NOT NULL UNIQUE,
    at REAL NOT NULL,
    chat_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    question_message INTEGER NOT NULL,
    messages TEXT NOT NULL,
    answer TEXT NOT NULL
);
INSERT INTO dated_answers
    SELECT id, update_id, {_NOW}, chat_id, user_id, question_message, messages, answer FROM answers;
DROP TABLE answers;
ALTER TABLE dated_answers RENAME TO answers;
CREATE INDEX answers_by_question ON answers (chat_id, question_message);
ALTER TABLE updates DROP COLUMN user_id;
"""

_MEASURED = """
ALTER TABLE updates ADD COLUMN ms INTEGER;
ALTER TABLE updates ADD COLUMN cost_usd REAL;
ALTER TABLE updates ADD COLUMN cause TEXT;
"""

_FOLLOWING = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a button must not come to mean a later topic
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    words TEXT NOT NULL,
    old INTEGER NOT NULL,  -- whether articles of long ago count
    since REAL NOT NULL  -- articles that came later are new
);
CREATE INDEX topics_by_chat ON topics (chat_id, thread_id);
CREATE TABLE news (
    id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    at REAL NOT NULL,
    topics TEXT NOT NULL,
    articles TEXT NOT NULL,
    citations TEXT NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,  -- whether it is told together with others
    update_id INTEGER,  -- of the message that tells it
    told REAL  -- when that was planned
);
CREATE INDEX news_by_chat ON news (chat_id, thread_id, at);
CREATE TABLE wishes (
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    hours TEXT,
    digest INTEGER,  -- the hour of the daily digest
    digested TEXT,  -- the day of the last one
    corrections INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, thread_id)
) WITHOUT ROWID;
"""

_NARROWED = """
CREATE TABLE filters (
    chat_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,  -- from which on it stands
    filters TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (chat_id, thread_id, user_id, message_id)
) WITHOUT ROWID;
"""

_STEPS = (_FIRST, _DATED, _MEASURED, _FOLLOWING, _NARROWED)
"""The changes of the schema, in order. The file says how many it has had (`user_version`)."""

FILE = "telegram.db"


class StoreUnusable(NewsdeskError):
    """The bot's file cannot be opened, read or written."""


class Store:
    """An open SQLite file. A statement outside a transaction is committed to disk at once.

    Deleted rows are overwritten (`PRAGMA secure_delete`), so that they cannot be read back.

    Raises:
        StoreUnusable: the file cannot be opened.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        try:
            home.mkdir(parents=True, exist_ok=True)
            # Only the owner may read people's conversations.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                self.path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA secure_delete = ON")
            self._bring_up_to_date()
        except (OSError, sqlite3.Error) as error:
            raise StoreUnusable(
                f"{self.path} cannot be used ({error}): make room, change its permissions, or move "
                "it away; a new one is made."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Run a query and return the first column of its first row, or None."""
        row = self._connection.execute(sql, values).fetchone()
        return row[0] if row else None

    def write(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: object) -> int:
        """Insert a row and return its id."""
        return self._connection.execute(sql, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside, or roll it back on an error. Nested ones join the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def compact(self) -> None:
        """Write the file anew, without what was deleted.

        Only so nothing of it is left: SQLite overwrites a deleted row, but not the copies that
        it made when it moved the row to another page.
        """
        try:
            self._connection.execute("VACUUM")
        except sqlite3.OperationalError as error:  # it takes as much room again
            _log.warning("%s could not be compacted: %s", self.path, error)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _bring_up_to_date(self) -> None:
        with self.transaction():
            taken = int(self.one("PRAGMA user_version"))
            for number, step in enumerate(_STEPS[taken:], start=taken + 1):
                for statement in step.split(";\n"):
                    self.write(statement)
                self.write(f"PRAGMA user_version = {number}")

    def fact(self, name: str) -> str | None:
        """Return a named value, or None."""
        value = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def set_fact(self, name: str, value: str) -> None:
        """Store a named value."""
        self.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)
