"""The conversations at this machine: what was asked and answered, kept in a SQLite file."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from retrieval.archive.filters import plain
from retrieval.errors import NewsdeskError

FILE = "conversations.db"

_SCHEMA = (
    (
        "CREATE TABLE conversations (id INTEGER PRIMARY KEY AUTOINCREMENT)",  # no id comes again
        """CREATE TABLE questions (
            conversation INTEGER NOT NULL REFERENCES conversations (id),
            number INTEGER NOT NULL,
            at REAL NOT NULL,  -- seconds since 1970
            answer TEXT NOT NULL,
            PRIMARY KEY (conversation, number)
        )""",
        "CREATE INDEX questions_by_time ON questions (at)",
    ),
)
"""The statements that make each version of the schema from the one before."""

_LOCK_SECONDS = 10
_DAY = 86_400
_ID = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?")


class ConversationsUnusable(NewsdeskError):
    """The file of conversations cannot be read or written."""


class NoConversation(NewsdeskError):
    """No conversation or question has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A question and its answer: the `number`th of a conversation, and when it was answered.

    `answer` is the JSON object of `newsdesk ask --json`.
    """

    conversation: int
    number: int
    at: datetime
    answer: dict[str, Any]

    @property
    def id(self) -> str:
        """Return the id by which people name it: "7.2" is the second question of the seventh."""
        return f"{self.conversation}.{self.number}"


class Conversations:
    """Keeps questions with their answers for some days. Several processes may use one file.

    The first question makes the file, which only its owner may read. What was deleted is
    overwritten.

    Raises:
        ConversationsUnusable: from every method, when the file cannot be used; says what to do.
    """

    def __init__(self, path: Path, days: int = 90, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._seconds = days * _DAY
        self._clock = clock

    def keep(self, answer: dict[str, Any], conversation: int | None = None) -> Kept:
        """Keep an answer as the last of a conversation, or of a new one. Delete what is old."""
        now = self._clock()
        with self._writing() as connection:
            connection.execute("DELETE FROM questions WHERE at < ?", (self._oldest(),))
            connection.execute(
                "DELETE FROM conversations WHERE id NOT IN (SELECT conversation FROM questions)"
            )
            begun = "INSERT OR IGNORE INTO conversations VALUES (?)"
            place = connection.execute(begun, (conversation,)).lastrowid
            if conversation is None:
                conversation = place or 0
            [number] = connection.execute(
                "INSERT INTO questions SELECT ?, coalesce(max(number), 0) + 1, ?, ? "
                "FROM questions WHERE conversation = ? RETURNING number",
                (conversation, now, json.dumps(answer), conversation),
            ).fetchone()
        return Kept(conversation, number, _time(now), answer)

    def last(self) -> list[Kept]:
        """Return the conversation in which something was asked last, oldest first."""
        newest = self.newest(1)
        return self._of(newest[0].conversation) if newest else []

    def find(self, name: str) -> list[Kept]:
        """Return the questions of a conversation such as "7", or the one question "7.2".

        Raises:
            NoConversation: there is none.
        """
        parts = _ID.fullmatch(name.strip())
        found = self._of(int(parts[1])) if parts else []
        if parts and parts[2]:
            found = [kept for kept in found if kept.number == int(parts[2])]
        if not found:
            raise NoConversation(
                f"{name[:40]!r} is no conversation that is kept, such as 7, nor a question, such "
                "as 7.2: `newsdesk log` lists them."
            )
        return found

    def newest(self, limit: int, words: str = "") -> list[Kept]:
        """Return the newest questions, those only whose question or answer has all the words.

        Words are parts of words too; capitals and accents make no difference.
        """
        wanted = plain(words).split()
        having = f"AND instr({_TEXT}, ?)" * len(wanted)
        return self._rows(f"{having} ORDER BY at DESC, number DESC LIMIT ?", *wanted, limit)

    def _of(self, conversation: int) -> list[Kept]:
        return self._rows("AND conversation = ? ORDER BY number", conversation)

    def _rows(self, further: str, *values: object) -> list[Kept]:
        if not self._path.exists():
            return []
        sql = f"SELECT conversation, number, at, answer FROM questions WHERE at >= ? {further}"
        with self._open() as connection:
            if not _version(connection):  # whoever made the file was stopped
                return []
            connection.create_function("plain", 1, plain, deterministic=True)
            rows = connection.execute(sql, (self._oldest(), *values)).fetchall()
        return [Kept(c, n, _time(at), json.loads(answer)) for c, n, at, answer in rows]

    def _oldest(self) -> float:
        return self._clock() - self._seconds

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Make the file if need be, and commit what is done inside, or nothing."""
        home = self._path.parent
        if home.exists() and not os.access(home, os.W_OK):
            raise ConversationsUnusable(f"{home} cannot be written.")
        with self._explained():
            home.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            for statements in _SCHEMA[_version(connection) :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(_SCHEMA)}")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._explained():
            connection = sqlite3.connect(self._path, timeout=_LOCK_SECONDS, isolation_level=None)
            with closing(connection):
                if _version(connection) > len(_SCHEMA):
                    raise ConversationsUnusable(
                        f"{self._path} was written by a newer Newsdesk: upgrade, or move it away."
                    )
                yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise ConversationsUnusable(
                f"{self._path} cannot be used ({error}): make room, change its permissions, or "
                "move it away; a new one is made."
            ) from error


_TEXT = "plain(json_extract(answer, '$.question') || ' ' || json_extract(answer, '$.answer'))"


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
