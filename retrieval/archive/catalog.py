"""The catalog: articles, passages and their full text; the source of truth.

The archive holds what the catalog lists: a vector without a passage here is never found. Adding
an article and removing its old version is one transaction.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import inf
from typing import Any

from corpus.article import Article, Withdrawal, article_id
from retrieval.archive.batches import batched
from retrieval.archive.filters import Filters, named_by, standing
from retrieval.archive.fulltext import HELD, FullText
from retrieval.archive.passages import Passage
from retrieval.archive.passing import Passing
from retrieval.archive.postgres_text import PostgresText
from retrieval.archive.sqlite_text import SqliteText
from retrieval.archive.texts import Text, text_digest
from retrieval.archive.vocabulary import Vocabulary
from retrieval.databases.database import MOST_VARIABLES, Database
from retrieval.errors import ArchiveUnreadable

_ARCHIVE_FACT = "archive"
"""Name of the fact that tells the archive from others on one server."""

UNFINISHED_FACT = "unfinished copy of"
"""Name of the fact that an archive has until all of another was copied into it."""


@dataclass(frozen=True, slots=True)
class CatalogSummary:
    """Counts of articles and passages, and the first and last date (None if no article has one)."""

    articles: int
    passages: int
    earliest: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class Address:
    """Another place where the text of a stored article was found."""

    uri: str
    title: str
    source: str
    published: date | None
    url: str


class Catalog:
    """The archive's articles and passages. Several threads may share one, to read; see Database.

    Raises:
        ArchiveUnreadable: from any method, when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vocabulary = Vocabulary(database)
        on_server = database.engine == "postgres"
        self.text: FullText = PostgresText(database) if on_server else SqliteText(database)

    def close(self) -> None:
        """Close the database; the catalog cannot be used afterwards."""
        self.database.close()

    # Reading

    def version(self) -> int:
        """Return a number that changes when another process commits."""
        return self.database.version()

    def fact(self, name: str) -> str | None:
        """Return a named value stored beside the articles, or None."""
        value = self.database.one("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def require_whole(self) -> None:
        """Refuse an archive into which another was not copied to the end.

        Raises:
            ArchiveUnreadable: a copy was stopped.
        """
        if source := self.fact(UNFINISHED_FACT):
            raise ArchiveUnreadable(
                f"The archive is an unfinished copy of {source}: run the same `newsdesk copy` "
                "again."
            )

    def archive_id(self) -> str:
        """Return what tells this archive from others on one server; it is made at the first call.

        A copy of the catalog is the same archive.
        """
        if (held := self.fact(_ARCHIVE_FACT)) is None:
            with self.transaction():
                self.database.write(
                    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    *(_ARCHIVE_FACT, secrets.token_hex(8)),
                )
            held = self.fact(_ARCHIVE_FACT)
        return str(held)

    def fingerprints(self) -> dict[str, str]:
        """Article id -> fingerprint of the version that is stored, by id."""
        return dict(self.database.rows("SELECT id, fingerprint FROM articles ORDER BY id"))

    def ids_beginning(self, start: str) -> list[str]:
        """Return the ids of the articles whose ids begin so, in order."""
        sql = "SELECT id FROM articles WHERE id >= ? AND id < ? ORDER BY id"
        return [row[0] for row in self.database.rows(sql, start, f"{start}~")]

    def uris(self) -> dict[str, str]:
        """Article id -> URI, by id."""
        return dict(self.database.rows("SELECT id, uri FROM articles ORDER BY id"))

    def fingerprints_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Article id -> fingerprint of the version that is stored, of those among these ids."""
        return dict(self._of("SELECT id, fingerprint FROM articles WHERE id", ids))

    def digests_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Article id -> digest of the text that is stored, of those among these ids."""
        return dict(self._of("SELECT article_id, digest FROM texts WHERE article_id", ids))

    def texts_like(self, digests: Iterable[str]) -> dict[str, Text]:
        """Article id -> what tells its text from others, of the articles with some digests.

        Those of agencies, which count versions or have an article wait, are left out.
        """
        rows = self._of(
            "SELECT a.id, a.uri, a.title, t.digest FROM texts t "
            "JOIN articles a ON a.id = t.article_id LEFT JOIN details d ON d.article_id = a.id "
            "WHERE coalesce(d.version, 0) = 0 AND a.id NOT IN (SELECT article_id FROM held) "
            "AND t.digest",
            digests,
        )
        return {row[0]: Text(*row[1:]) for row in sorted(rows)}

    def _of(self, beginning: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Yield what a query, which ends in a column's name, finds for some of its values."""
        for some in batched(dict.fromkeys(values), MOST_VARIABLES):
            yield from self.database.rows(f"{beginning} IN ({','.join('?' * len(some))})", *some)

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return the articles that exist among these ids."""
        found: dict[str, Article] = {}
        for wanted in batched(dict.fromkeys(ids), MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self.database.rows(f"{_ARTICLES} WHERE a.id IN ({marks})", *wanted)
            found |= {article.id: article for article in map(_article, rows)}
        return found

    def addresses(self, article_ids: Iterable[str]) -> dict[str, list[Address]]:
        """Return the other places where the texts of some articles were found."""
        found: dict[str, list[Address]] = {}
        for wanted in batched(article_ids, MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            for i, uri, title, source, published, url in self.database.rows(
                "SELECT article_id, uri, title, source, published, url FROM addresses "
                f"WHERE article_id IN ({marks}) ORDER BY published IS NULL, published, uri",
                *wanted,
            ):
                address = Address(uri, title, source, _date(published), url)
                found.setdefault(i, []).append(address)
        return found

    def known(self, uris: Iterable[str]) -> set[str]:
        """Return those of some URIs that are of stored articles, or other places of their texts."""
        found: set[str] = set()
        for wanted in batched(dict.fromkeys(uris), MOST_VARIABLES // 2):
            marks = ",".join("?" * len(wanted))
            found |= {
                row[0]
                for row in self.database.rows(
                    f"SELECT uri FROM articles WHERE id IN ({marks}) UNION "
                    f"SELECT uri FROM addresses WHERE uri IN ({marks})",
                    *map(article_id, wanted),
                    *wanted,
                )
            }
        return found

    def every_article(self) -> Iterator[Article]:
        """Yield all articles, newest first, those without a date last."""
        for some in batched(self.days(), _READ_AT_ONCE):
            found = self.articles(some)
            yield from (found[i] for i in some if i in found)

    def days(self) -> dict[str, date | None]:
        """Return the days of all articles by their ids, in the order of `every_article`."""
        rows = self.database.rows(
            "SELECT id, published FROM articles ORDER BY published IS NULL, published DESC, id"
        )
        return {article_id: _date(day) for article_id, day in rows}

    def newest(self, most: int) -> list[Article]:
        """Return the newest articles that are under no embargo, those without a date last."""
        ids: list[str] = []
        for dated in ("IS NOT NULL", "IS NULL"):
            rows = self.database.rows(
                f"SELECT id FROM articles WHERE published {dated} AND id NOT IN {HELD} "
                "ORDER BY published DESC, id LIMIT ?",
                time.time(),
                most - len(ids),
            )
            ids += [row[0] for row in rows]
        found = self.articles(ids)
        return [found[i] for i in ids]

    def passages(self, ids: Sequence[str], *, held: bool = False) -> dict[str, Passage]:
        """Return the passages that exist among these ids.

        Those of an article under an embargo are left out, but with `held`.
        """
        found: dict[str, Passage] = {}
        for wanted in batched(ids, MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self.database.rows(
                f"SELECT {_PASSAGE} FROM {_WITH_TEXT} WHERE p.id IN ({marks}) AND {_FREE}",
                *wanted,
                inf if held else time.time(),
            )
            found |= {passage.id: passage for passage in map(_passage, rows)}
        return found

    def passage_ids(self) -> list[str]:
        """Return the ids of all passages."""
        return [row[0] for row in self.database.rows("SELECT id FROM passages ORDER BY number")]

    def passing(self, only: Filters) -> Passing:
        """Return what tells which passages pass the filters, for one search."""
        return Passing(self.database, self.text, only, self.outlets_of(only))

    def passage_ids_in(self, only: Filters) -> list[str]:
        """Return the ids of the passages that pass the filters."""
        return list(self.passing(only).all())

    def article_ids_in(self, only: Filters, among: Iterable[str] | None = None) -> set[str]:
        """Return the ids of the articles that pass the filters, with passages that do.

        Those of all articles, or of some.
        """
        passing = self.passing(only)
        ids = passing.all() if among is None else passing.of(self.passage_ids_of(among))
        articles: set[str] = set()
        for some in batched(ids, MOST_VARIABLES):
            marks = ",".join("?" * len(some))
            sql = f"SELECT DISTINCT article_id FROM passages WHERE id IN ({marks})"
            articles |= {row[0] for row in self.database.rows(sql, *some)}
        return self.standing_in(articles, only)

    def standing_in(self, ids: Iterable[str], only: Filters) -> set[str]:
        """Return those of some articles that are themselves of the outlets and time asked for."""
        sql, values = standing(only, self.outlets_of(only))
        if not sql:
            return set(ids)
        found: set[str] = set()
        for wanted in batched(ids, MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self.database.rows(
                f"SELECT a.id FROM articles a WHERE a.id IN ({marks}) AND {sql}", *wanted, *values
            )
            found |= {row[0] for row in rows}
        return found

    def outlets(self) -> list[str]:
        """Return the names of all outlets with an article that is under no embargo, in order."""
        rows = self.database.rows(
            f"{_EACH_SOURCE.format('articles')} SELECT name FROM each "
            "WHERE EXISTS (SELECT 1 FROM articles a WHERE a.source = each.name "
            f"AND a.id NOT IN {HELD})",
            time.time(),
        )
        rows += self.database.rows(
            f"{_EACH_SOURCE.format('addresses')} SELECT name FROM each WHERE name IS NOT NULL"
        )
        return sorted({row[0] for row in rows})

    def outlets_of(self, only: Filters) -> list[str]:
        """Return the names of the outlets, in full, that the sources stand for."""
        known = self.outlets() if only.sources else []
        named = (name for source in only.sources for name in named_by(source, known))
        return list(dict.fromkeys(named))

    def passage_ids_of(self, article_ids: Iterable[str]) -> list[str]:
        """Return the ids of the passages of some articles."""
        found: list[str] = []
        for wanted in batched(dict.fromkeys(article_ids), MOST_VARIABLES):
            marks = ",".join("?" * len(wanted))
            rows = self.database.rows(
                f"SELECT id FROM passages WHERE article_id IN ({marks})", *wanted
            )
            found += [row[0] for row in rows]
        return found

    def full_text(
        self,
        words: Iterable[str],
        limit: int,
        *,
        only: Passing | None = None,
        within: Collection[str] | None = None,
    ) -> list[tuple[Passage, float]]:
        """Return the passages with any of the words, best first by BM25 (higher is better).

        Those of all articles, or of the articles whose ids are `within`, a few at most.
        """
        if within is not None:
            ids = self.passage_ids_of(within)
            numbers = self._numbers(only.of(ids) if only else ids)
            ranked = self.text.ranked(words, limit, numbers)
        elif only is not None:
            ranked = only.ranked(words, limit)
        else:
            ranked = self.text.ranked(words, limit)
        found = self.passages([i for i, _ in ranked])
        return [(found[i], float(score)) for i, score in ranked if i in found]

    def _numbers(self, ids: Iterable[str]) -> list[int]:
        found: list[int] = []
        for some in batched(ids, MOST_VARIABLES):
            marks = ",".join("?" * len(some))
            sql = f"SELECT number FROM passages WHERE id IN ({marks})"
            found += [row[0] for row in self.database.rows(sql, *some)]
        return found

    def has_words(self, words: str) -> bool:
        """Return whether a passage has some words side by side, each in any of its forms."""
        return self.text.has(words)

    def count_with(self, word: str) -> int:
        """Return how many passages have a word, in any of its forms."""
        return self.text.count(word)

    def is_empty(self) -> bool:
        """Return whether the archive has no passage."""
        return self.database.one("SELECT 1 FROM passages LIMIT 1") is None

    def count_passages(self) -> int:
        """Return the number of passages in the archive."""
        return int(self.database.one("SELECT count(*) FROM passages"))

    def any_passage(self) -> str | None:
        """Return the id of some passage, or None if there is none."""
        found = self.database.one("SELECT id FROM passages LIMIT 1")
        return None if found is None else str(found)

    def summary(self) -> CatalogSummary:
        """Return what the archive holds, for people."""
        row = self.database.rows("SELECT count(*), min(published), max(published) FROM articles")[0]
        return CatalogSummary(int(row[0]), self.count_passages(), _date(row[1]), _date(row[2]))

    def check(self) -> str | None:
        """Look for damage. Return the first problem, or None."""
        return self.database.check()

    # Writing

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes made inside the `with` block together, or none if it raises."""
        with self.database.transaction(), self.text.counting():
            yield

    def replace_article(self, article: Article, passages: Sequence[Passage]) -> list[str]:
        """Store an article and its passages. Return the ids of the passages that they replace.

        A text or title that is replaced by another is kept (`retrieval.archive.history`), but not
        one that was only what a feed says of the article.
        """
        now = time.time()
        self._keep_version(article, now)
        digest = text_digest(article.body)
        self.forget_addresses([article.uri])
        retired = self._remove_rows(article.id)
        published = article.published.isoformat() if article.published else None
        self.database.write_many(
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
        self.database.write("INSERT INTO texts VALUES (?, ?)", article.id, digest)
        self._write_details(article, now)
        self.database.write_many(
            "INSERT INTO places VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(key, article.id) for key in places_of(article)],
        )
        self._add_passages(article, passages)
        return retired

    def replace_passages(self, article: Article, passages: Sequence[Passage]) -> list[str]:
        """Store other passages of a stored article. Return the ids of those that they replace."""
        retired = self._remove_passages(article.id)
        self._add_passages(article, passages)
        return retired

    def _add_passages(self, article: Article, passages: Sequence[Passage]) -> None:
        self.vocabulary.add(text for p in passages for text in (article.title, p.text))
        numbered: list[tuple[int, str]] = []
        for passage in passages:
            number = self.database.one(
                'INSERT INTO passages (id, article_id, ordinal, start, "end") '
                "VALUES (?, ?, ?, ?, ?) RETURNING number",
                passage.id,
                passage.article_id,
                passage.ordinal,
                passage.start,
                passage.end,
            )
            numbered.append((number, passage.text))
        self.text.add(article.title, numbered)

    def _keep_version(self, article: Article, now: float) -> None:
        """Keep the stored title and text of an article that are about to be replaced by others."""
        self.database.write_many(
            "INSERT INTO versions SELECT id, ?, title, body FROM articles "
            "WHERE id = ? AND (title, body) <> (?, ?) "
            "AND id NOT IN (SELECT article_id FROM details WHERE excerpt <> 0) "
            "ON CONFLICT (article_id, replaced) DO UPDATE SET "
            "title = excluded.title, body = excluded.body",
            [(now, article.id, article.title, article.body)],
        )

    def _write_details(self, article: Article, now: float) -> None:
        self.database.write_many(
            "INSERT INTO details (article_id, added, excerpt, version, pages) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (article_id) DO UPDATE SET "
            "excerpt = excluded.excerpt, version = excluded.version, pages = excluded.pages",
            [(article.id, now, article.excerpt, article.version, json.dumps(article.pages))],
        )
        self.database.write("DELETE FROM held WHERE article_id = ?", article.id)
        if article.embargo:
            row = (article.id, article.embargo.timestamp())
            self.database.write("INSERT INTO held VALUES (?, ?)", *row)

    def remove_article(self, article_id: str) -> list[str]:
        """Remove an article, with its versions, and return the ids of the passages removed."""
        for table in ("details", "held", "versions", "addresses"):
            self.database.write(f"DELETE FROM {table} WHERE article_id = ?", article_id)
        return self._remove_rows(article_id)

    def _remove_rows(self, article_id: str) -> list[str]:
        retired = self._remove_passages(article_id)
        for table in ("texts", "places"):
            self.database.write(f"DELETE FROM {table} WHERE article_id = ?", article_id)
        self.database.write("DELETE FROM articles WHERE id = ?", article_id)
        return retired

    def _remove_passages(self, article_id: str) -> list[str]:
        rows = self.database.rows(
            "SELECT number, id FROM passages WHERE article_id = ?", article_id
        )
        numbers = [row[0] for row in rows]
        self.vocabulary.remove(t for _, *texts in self.text.texts(numbers) for t in texts)
        self.text.remove(numbers)
        self.database.write("DELETE FROM passages WHERE article_id = ?", article_id)
        return [str(row[1]) for row in rows]

    def agency_versions(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the versions of those of some articles whose agency counts them, by article id."""
        sql = "SELECT article_id, version FROM details WHERE version > 0 AND article_id"
        return dict(self._of(sql, ids))

    def excerpts(self, ids: Iterable[str]) -> set[str]:
        """Return those of some articles of which there is only what a feed says."""
        sql = "SELECT article_id FROM details WHERE excerpt <> 0 AND article_id"
        return {row[0] for row in self._of(sql, ids)}

    def withdrawals(self, ids: Iterable[str]) -> dict[str, int]:
        """Article id -> the last version that its agency withdrew, of those of some articles."""
        return dict(self._of("SELECT article_id, version FROM withdrawn WHERE article_id", ids))

    def withdraw(self, order: Withdrawal) -> None:
        """Remember that an article was withdrawn, so that it does not come back."""
        self.database.write_many(
            "INSERT INTO withdrawn (article_id, uri, version, reason, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (article_id) DO UPDATE SET uri = excluded.uri, "
            "version = excluded.version, reason = excluded.reason, at = excluded.at",
            [(order.id, order.uri, order.version, order.reason, time.time())],
        )
        self.forget_addresses([order.uri])

    def add_address(self, article: Article, holder: str) -> None:
        """Remember where the text of the article `holder` was found again."""
        published = article.published.isoformat() if article.published else None
        row = (article.uri, holder, article.title, article.source, published, article.url)
        self.database.write_many(
            "INSERT INTO addresses (uri, article_id, title, source, published, url) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE SET "
            "article_id = excluded.article_id, title = excluded.title, source = excluded.source, "
            "published = excluded.published, url = excluded.url",
            [row],
        )

    def address_uris(self) -> list[str]:
        """Return the URIs of all other places of stored texts."""
        return [row[0] for row in self.database.rows("SELECT uri FROM addresses")]

    def move_addresses(self, heirs: Mapping[str, str]) -> None:
        """Give the other places of articles to those that hold their texts from now on."""
        rows = [(new, old) for old, new in heirs.items()]
        self.database.write_many("UPDATE addresses SET article_id = ? WHERE article_id = ?", rows)

    def leave_addresses(self, article: Article) -> None:
        """Forget the other places of a stored article that is to have another text: they have not.

        Call it before those of the text that it is to have are moved to it.
        """
        self.database.write_many(
            "DELETE FROM addresses WHERE article_id IN "
            "(SELECT article_id FROM texts WHERE article_id = ? AND digest <> ?)",
            [(article.id, text_digest(article.body))],
        )

    def forget_addresses(self, uris: Iterable[str]) -> None:
        """Forget other places of stored texts."""
        self.database.write_many("DELETE FROM addresses WHERE uri = ?", [(uri,) for uri in uris])

    def set_fact(self, name: str, value: str) -> None:
        """Store a named value, such as the name of the index; see `fact`."""
        self.database.write(
            "INSERT INTO facts VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )

    def add_strays(self, collection: str, passage_ids: Iterable[str], *, writer: str = "") -> None:
        """Record stray vectors: those that may be in a collection without having a passage.

        `writer` is who puts or deletes them now, where there are several (`Claims.name`).
        """
        self.database.write_many(
            "INSERT INTO stray_vectors VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(collection, passage_id, writer) for passage_id in passage_ids],
        )

    def stray_writers(self) -> set[str]:
        """Return who recorded stray vectors."""
        return {row[0] for row in self.database.rows("SELECT DISTINCT writer FROM stray_vectors")}

    def strays(self, writers: Collection[str] | None = None) -> dict[str, list[str]]:
        """Return the recorded stray vectors, as passage ids by collection.

        Of some writers, without those that another of them recorded too; or all.
        """
        sql = "SELECT collection, passage_id, writer FROM stray_vectors"
        others: set[tuple[str, str]] = set()
        found: dict[tuple[str, str], None] = {}
        for collection, passage_id, writer in self.database.rows(sql):
            is_theirs = writers is None or writer in writers
            found |= {(collection, passage_id): None} if is_theirs else {}
            others |= set() if is_theirs else {(collection, passage_id)}
        by_collection: dict[str, list[str]] = {}
        for collection, passage_id in found:
            if (collection, passage_id) not in others:
                by_collection.setdefault(collection, []).append(passage_id)
        return by_collection

    def forget_strays(
        self, collection: str, passage_ids: Iterable[str], writers: Collection[str] = ("",)
    ) -> None:
        """Remove what some writers recorded of strays: they have a passage now, or were deleted."""
        self.database.write_many(
            "DELETE FROM stray_vectors WHERE collection = ? AND passage_id = ? AND writer = ?",
            [(collection, i, writer) for i in passage_ids for writer in writers],
        )


_READ_AT_ONCE = 100
"""Articles that are read together where all are: some are long."""

_ARTICLES = (
    "SELECT a.uri, a.title, a.body, a.source, a.published, a.url, d.excerpt, d.version, d.pages, "
    "h.until FROM articles a LEFT JOIN details d ON d.article_id = a.id "
    "LEFT JOIN held h ON h.article_id = a.id"
)
_PASSAGE = 'p.id, p.article_id, p.ordinal, p.start, p."end", t.text'
_JOINED = "passages p JOIN articles a ON a.id = p.article_id"
_WITH_TEXT = f"{_JOINED} JOIN passage_text t ON t.rowid = p.number"
"""The text comes from the full-text index: SQLite can cut it from a body by reading all of that."""
_FREE = f"p.article_id NOT IN {HELD}"
_EACH_SOURCE = (
    "WITH RECURSIVE each (name) AS (SELECT min(source) FROM {0} WHERE source > '' UNION ALL "
    "SELECT (SELECT min(source) FROM {0} WHERE source > each.name) FROM each "
    "WHERE name IS NOT NULL)"
)
"""The names of outlets: the index is looked into once for each, however many articles it has."""


def places_of(article: Article) -> list[str]:
    """Return the keys under which an article's addresses are those of its twins."""
    places = (article.url, article.uri if is_of_the_web(article.uri) else "")
    return list(dict.fromkeys(place_of(place) for place in places if place))


def place_of(address: str) -> str:
    """Return the key of an address, which its twins share; empty for none."""
    from corpus.web.addresses import same_article  # with a client of HTTP: a question has no need

    return address and same_article(address)


def is_of_the_web(uri: str) -> bool:
    """Return whether an article was read from the web, or says so, and not from a file alone."""
    return uri.startswith(("http://", "https://"))


def _article(row: tuple[Any, ...]) -> Article:
    uri, title, body, source, published, url, excerpt, version, pages, until = row
    return Article(
        uri,
        title,
        body,
        source,
        _date(published),
        url,
        pages=tuple(json.loads(pages or "[]")),
        excerpt=bool(excerpt),
        embargo=until and datetime.fromtimestamp(until, UTC),
        version=version or 0,
    )


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
