"""The catalog: articles, passages and their full-text index in SQLite; the source of truth.

The archive holds what the catalog lists: a vector without a passage here is never found. Adding
an article and removing its old version is one transaction.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from corpus.article import Article
from retrieval.archive.batches import batched
from retrieval.archive.passages import Passage
from retrieval.archive.schema import SCHEMA
from retrieval.archive.texts import Text, text_digest
from retrieval.errors import ArchiveUnreadable

_LOCK_SECONDS = 30
_LEAST_FREE = 1 << 18  # bytes; with less, an I/O error means that the disk is full
_MOST_VARIABLES = 900  # below the 999 that an SQLite before 3.32 binds to one statement
_HOW_TO_REBUILD = "Nothing was deleted. Move {path} away and ingest your articles again."


@dataclass(frozen=True, slots=True)
class CatalogSummary:
    """Counts of articles and passages, and the first and last date (None if no article has one)."""

    articles: int
    passages: int
    earliest: date | None
    latest: date | None


class Catalog:
    """The archive's SQLite file. Open one per process; several threads may share it.

    Raises:
        ArchiveUnreadable: from any method, when the file is damaged, locked, cannot be
            written, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
            if self._schema_version() < len(SCHEMA) and not fixed:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._migrate()
            self._connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close the file; the catalog cannot be used afterwards."""
        self._connection.close()

    def _schema_version(self) -> int:
        version = int(self._one("PRAGMA user_version"))
        if version > len(SCHEMA):
            raise ArchiveUnreadable(
                f"{self.path} was written by a newer Newsdesk: upgrade, or use another home."
            )
        return version

    def _migrate(self) -> None:
        """Bring the file to the present schema, in one transaction."""
        self._connection.create_function("text_digest", 1, text_digest)
        with self.transaction():
            version = self._schema_version()  # another process may have come first
            for statement in chain.from_iterable(SCHEMA[version:]):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(SCHEMA)}")
        with suppress(sqlite3.Error):  # give back the room of what was moved; it can wait
            self._connection.execute("VACUUM")

    # Reading

    def version(self) -> int:
        """Return SQLite's data_version, which changes with another process's commits."""
        return int(self._one("PRAGMA data_version"))

    def fact(self, name: str) -> str | None:
        """Return a named value stored beside the articles, or None."""
        value = self._one("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def fingerprints(self) -> dict[str, str]:
        """Article id -> fingerprint of the version that is stored, by id."""
        return dict(self._rows("SELECT id, fingerprint FROM articles ORDER BY id"))

    def uris(self) -> dict[str, str]:
        """Article id -> URI, by id."""
        return dict(self._rows("SELECT id, uri FROM articles ORDER BY id"))

    def texts(self) -> dict[str, Text]:
        """Article id -> what tells its text from others, by id."""
        rows = self._rows(
            "SELECT a.id, a.uri, a.title, t.digest FROM articles a "
            "JOIN texts t ON t.article_id = a.id ORDER BY a.id"
        )
        return {row[0]: Text(*row[1:]) for row in rows}

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return the articles that exist among these ids."""
        found: dict[str, Article] = {}
        for wanted in batched(dict.fromkeys(ids), _MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id IN ({marks})", *wanted)
            found |= {article.id: article for article in map(_article, rows)}
        return found

    def every_article(self) -> Iterator[Article]:
        """Yield all articles, newest first, those without a date last."""
        ids = self._rows("SELECT id FROM articles ORDER BY published IS NULL, published DESC, id")
        for (article_id,) in ids:
            yield from self.articles([article_id]).values()

    def passages(self, ids: Sequence[str], *, until: date | None = None) -> dict[str, Passage]:
        """Return the passages that exist among these ids, of articles published by `until`.

        An article without a date is never left out.
        """
        found: dict[str, Passage] = {}
        for wanted in batched(ids, _MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self._rows(
                f"SELECT {_PASSAGE} FROM {_WITH_TEXT} WHERE p.id IN ({marks}) AND {_NOT_AFTER}",
                *wanted,
                *_until(until),
            )
            found |= {passage.id: passage for passage in map(_passage, rows)}
        return found

    def passage_ids(self) -> list[str]:
        """Return the ids of all passages."""
        return [row[0] for row in self._rows("SELECT id FROM passages ORDER BY number")]

    def passage_ids_until(self, day: date) -> list[str]:
        """Return the ids of the passages of articles not published after a day."""
        rows = self._rows(f"SELECT p.id FROM {_IN_TIME} WHERE {_NOT_AFTER}", *_until(day))
        return [row[0] for row in rows]

    def passage_ids_of(self, article_ids: Iterable[str]) -> list[str]:
        """Return the ids of the passages of some articles."""
        found: list[str] = []
        for wanted in batched(dict.fromkeys(article_ids), _MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self._rows(f"SELECT id FROM passages WHERE article_id IN ({marks})", *wanted)
            found += [row[0] for row in rows]
        return found

    def full_text(
        self,
        words: Iterable[str],
        limit: int,
        *,
        until: date | None = None,
        within: Collection[str] | None = None,
    ) -> list[tuple[Passage, float]]:
        """Return the passages with any of the words, best first by BM25 (higher is better).

        Those of all articles, or of the articles whose ids are `within`, a few at most.
        """
        terms = [re.sub('[\0"]', " ", word) for word in words if re.search(r"\w", word)]
        if not terms:
            return []
        # Without the plus, SQLite would search the full text once for each passage in time.
        in_time = (
            f"AND +rowid IN (SELECT number FROM {_IN_TIME} WHERE {_NOT_AFTER})" if until else ""
        )
        marks = ",".join("?" * len(within or ()))
        among = (
            ""
            if within is None
            else f"AND +rowid IN (SELECT number FROM passages WHERE article_id IN ({marks}))"
        )
        ranked = self._rows(
            "SELECT p.id, -best.rank FROM ("
            f"SELECT rowid, rank FROM passage_text WHERE passage_text MATCH ? {in_time} {among} "
            "ORDER BY rank LIMIT ?) best JOIN passages p ON p.number = best.rowid "
            "ORDER BY best.rank",
            " OR ".join(f'"{term}"' for term in terms),
            *(_until(until) if until else ()),
            *(within or ()),
            limit,
        )
        found = self.passages([row[0] for row in ranked])
        return [(found[row[0]], float(row[1])) for row in ranked if row[0] in found]

    def has_words(self, words: str) -> bool:
        """Return whether a passage has some words side by side, each in any of its forms."""
        sql = "SELECT 1 FROM passage_text WHERE passage_text MATCH ? LIMIT 1"
        return self._one(sql, f'"{words}"') is not None

    def passage_texts(self) -> Iterator[str]:
        """Yield the titles and texts of all passages."""
        for row in self._rows("SELECT title, text FROM passage_text"):
            yield from row

    def count_passages(self) -> int:
        """Return the number of passages in the archive."""
        return int(self._one("SELECT count(*) FROM passages"))

    def summary(self) -> CatalogSummary:
        """Return what the archive holds, for people."""
        row = self._rows("SELECT count(*), min(published), max(published) FROM articles")[0]
        return CatalogSummary(int(row[0]), self.count_passages(), _date(row[1]), _date(row[2]))

    def check(self) -> str | None:
        """Check the file with SQLite's `quick_check`. Return the first problem, or None."""
        verdict = str(self._one("PRAGMA quick_check(1)"))
        return None if verdict == "ok" else verdict

    # Writing

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes made inside the `with` block together, or none if it raises."""
        with self._translating_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if (
                    self._connection.in_transaction
                ):  # SQLite rolls back by itself when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def replace_article(self, article: Article, passages: Sequence[Passage]) -> list[str]:
        """Store an article and its passages. Return the ids of the passages that they replace."""
        retired = self.remove_article(article.id)
        published = article.published.isoformat() if article.published else None
        self._write(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    article.id,
                    article.uri,
                    published,
                    article.fingerprint,
                    article.title,
                    article.source,
                    article.url,
                    article.body,
                )
            ],
        )
        self._write("INSERT INTO texts VALUES (?, ?)", [(article.id, text_digest(article.body))])
        for passage in passages:
            row = (passage.id, passage.article_id, passage.ordinal, passage.start, passage.end)
            number = self._connection.execute(
                'INSERT INTO passages (id, article_id, ordinal, start, "end") '
                "VALUES (?, ?, ?, ?, ?)",
                row,
            ).lastrowid
            self._write(
                "INSERT INTO passage_text (rowid, title, text) VALUES (?, ?, ?)",
                [(number, article.title, passage.text)],
            )
        return retired

    def remove_article(self, article_id: str) -> list[str]:
        """Remove an article and return the ids of its passages, which are removed too."""
        rows = self._rows("SELECT number, id FROM passages WHERE article_id = ?", article_id)
        self._write("DELETE FROM passage_text WHERE rowid = ?", [(row[0],) for row in rows])
        self._write("DELETE FROM passages WHERE article_id = ?", [(article_id,)])
        self._write("DELETE FROM texts WHERE article_id = ?", [(article_id,)])
        self._write("DELETE FROM articles WHERE id = ?", [(article_id,)])
        return [str(row[1]) for row in rows]

    def set_fact(self, name: str, value: str) -> None:
        """Store a named value, such as the name of the index; see `fact`."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", [(name, value)])

    def add_strays(self, collection: str, passage_ids: Iterable[str]) -> None:
        """Record stray vectors: those that may be in a collection without having a passage."""
        self._write(
            "INSERT OR IGNORE INTO stray_vectors VALUES (?, ?)",
            [(collection, passage_id) for passage_id in passage_ids],
        )

    def strays(self) -> dict[str, list[str]]:
        """Return the recorded stray vectors, as passage ids by collection."""
        found: dict[str, list[str]] = {}
        for collection, passage_id in self._rows("SELECT * FROM stray_vectors"):
            found.setdefault(collection, []).append(passage_id)
        return found

    def forget_strays(self, collection: str, passage_ids: Iterable[str]) -> None:
        """Remove vectors from the record of strays: they have a passage now, or were deleted."""
        self._write(
            "DELETE FROM stray_vectors WHERE collection = ? AND passage_id = ?",
            [(collection, passage_id) for passage_id in passage_ids],
        )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._translating_errors():
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._rows(sql, *values)
        return rows[0][0] if rows else None

    def _write(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with self._translating_errors():
            self._connection.executemany(sql, rows)

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


_ARTICLE = "uri, title, body, source, published, url"
_PASSAGE = 'p.id, p.article_id, p.ordinal, p.start, p."end", t.text'
_JOINED = "passages p JOIN articles a ON a.id = p.article_id"
_IN_TIME = "articles a CROSS JOIN passages p ON p.article_id = a.id"
"""The same with the articles looked through first: there are fewer of them."""
_WITH_TEXT = f"{_JOINED} JOIN passage_text t ON t.rowid = p.number"
"""The text comes from the full-text index: SQLite can cut it from a body by reading all of that."""
_NOT_AFTER = "(? IS NULL OR a.published <= ?)"
"""With a day, true of no article without a date: that may be of any day."""


def _until(until: date | None) -> tuple[str | None, str | None]:
    day = until.isoformat() if until else None
    return day, day


def _article(row: tuple[str, ...]) -> Article:
    uri, title, body, source, published, url = row
    return Article(uri, title, body, source, _date(published), url)


def _passage(row: Sequence[object]) -> Passage:
    passage_id, article_id, ordinal, start, end, text = row[:6]
    return Passage(
        str(passage_id),
        str(article_id),
        int(str(ordinal)),
        int(str(start)),
        int(str(end)),
        str(text),
    )


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


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
