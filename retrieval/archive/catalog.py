"""The catalog: articles, passages and their full text; the source of truth.

The archive holds what the catalog lists: a vector without a passage here is never found. Adding
an article and removing its old version is one transaction.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from corpus.article import Article, Withdrawal, article_id
from retrieval.archive.addresses import Addresses
from retrieval.archive.batches import batched
from retrieval.archive.facts import Facts
from retrieval.archive.filters import Filters, standing
from retrieval.archive.fulltext import HELD, FullText
from retrieval.archive.lookups import look_up
from retrieval.archive.outlets import Outlets
from retrieval.archive.passages import Passage
from retrieval.archive.passing import Passing
from retrieval.archive.places import places_of
from retrieval.archive.postgres_text import PostgresText
from retrieval.archive.rows import ARTICLES, PASSAGES, article_in, day, passage_in
from retrieval.archive.sqlite_text import SqliteText
from retrieval.archive.strays import Strays
from retrieval.archive.texts import Text, text_digest
from retrieval.archive.vocabulary import Vocabulary
from retrieval.databases.database import Database

_READ_AT_ONCE = 100
"""Articles that are read together where all are: some are long."""


@dataclass(frozen=True, slots=True)
class CatalogSummary:
    """Counts of articles and passages, and the first and last date (None if no article has one)."""

    articles: int
    passages: int
    earliest: date | None
    latest: date | None


class Catalog:
    """The archive's articles and passages. Several threads may share one, to read; see Database.

    Raises:
        ArchiveUnreadable: from any method, when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vocabulary = Vocabulary(database)
        self.facts = Facts(database)
        self.addresses = Addresses(database)
        self.outlets = Outlets(database)
        self.strays = Strays(database)
        on_server = database.engine == "postgres"
        self.text: FullText = PostgresText(database) if on_server else SqliteText(database)

    def close(self) -> None:
        """Close the database; the catalog cannot be used afterwards."""
        self.database.close()

    # Reading

    def version(self) -> int:
        """Return a number that changes when another process commits."""
        return self.database.version()

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
        return dict(self._of("SELECT id, fingerprint FROM articles WHERE id IN (?)", ids))

    def digests_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Article id -> digest of the text that is stored, of those among these ids."""
        return dict(self._of("SELECT article_id, digest FROM texts WHERE article_id IN (?)", ids))

    def texts_like(self, digests: Iterable[str]) -> dict[str, Text]:
        """Article id -> what tells its text from others, of the articles with some digests.

        Those of agencies, which count versions or have an article wait, are left out.
        """
        rows = self._of(
            "SELECT a.id, a.uri, a.title, t.digest FROM texts t "
            "JOIN articles a ON a.id = t.article_id LEFT JOIN details d ON d.article_id = a.id "
            "WHERE coalesce(d.version, 0) = 0 AND a.id NOT IN (SELECT article_id FROM held) "
            "AND t.digest IN (?)",
            digests,
        )
        return {row[0]: Text(*row[1:]) for row in sorted(rows)}

    def _of(self, sql: str, values: Iterable[str], *more: object) -> Iterator[tuple[Any, ...]]:
        return look_up(self.database, sql, values, *more)

    def agency_versions(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the versions of those of some articles whose agency counts them, by article id."""
        sql = "SELECT article_id, version FROM details WHERE version > 0 AND article_id IN (?)"
        return dict(self._of(sql, ids))

    def excerpts(self, ids: Iterable[str]) -> set[str]:
        """Return those of some articles of which there is only what a feed says."""
        sql = "SELECT article_id FROM details WHERE excerpt <> 0 AND article_id IN (?)"
        return {row[0] for row in self._of(sql, ids)}

    def withdrawals(self, ids: Iterable[str]) -> dict[str, int]:
        """Article id -> the last version that its agency withdrew, of those of some articles."""
        sql = "SELECT article_id, version FROM withdrawn WHERE article_id IN (?)"
        return dict(self._of(sql, ids))

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return the articles that exist among these ids."""
        rows = self._of(f"{ARTICLES} WHERE a.id IN (?)", ids)
        return {article.id: article for article in map(article_in, rows)}

    def known(self, uris: Iterable[str]) -> set[str]:
        """Return those of some URIs that are of stored articles, or other places of their texts."""
        asked = list(uris)
        stored = self._of("SELECT uri FROM articles WHERE id IN (?)", map(article_id, asked))
        others = self._of("SELECT uri FROM addresses WHERE uri IN (?)", asked)
        return {row[0] for row in (*stored, *others)}

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
        return {article_id: day(published) for article_id, published in rows}

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
        sql = f"{PASSAGES} WHERE p.id IN (?) AND p.article_id NOT IN {HELD}"
        rows = self._of(sql, ids, inf if held else time.time())
        return {passage.id: passage for passage in map(passage_in, rows)}

    def passage_ids(self) -> list[str]:
        """Return the ids of all passages."""
        return [row[0] for row in self.database.rows("SELECT id FROM passages ORDER BY number")]

    def passing(self, only: Filters) -> Passing:
        """Return what tells which passages pass the filters, for one search."""
        return Passing(self.database, self.text, only, self.outlets.of(only))

    def passage_ids_in(self, only: Filters) -> list[str]:
        """Return the ids of the passages that pass the filters."""
        return list(self.passing(only).all())

    def article_ids_in(self, only: Filters, among: Iterable[str] | None = None) -> set[str]:
        """Return the ids of the articles that pass the filters, with passages that do.

        Those of all articles, or of some.
        """
        passing = self.passing(only)
        ids = passing.all() if among is None else passing.of(self.passage_ids_of(among))
        rows = self._of("SELECT DISTINCT article_id FROM passages WHERE id IN (?)", ids)
        return self.standing_in({row[0] for row in rows}, only)

    def standing_in(self, ids: Iterable[str], only: Filters) -> set[str]:
        """Return those of some articles that are themselves of the outlets and time asked for."""
        sql, values = standing(only, self.outlets.of(only))
        if not sql:
            return set(ids)
        rows = self._of(f"SELECT a.id FROM articles a WHERE a.id IN (?) AND {sql}", ids, *values)
        return {row[0] for row in rows}

    def passage_ids_of(self, article_ids: Iterable[str]) -> list[str]:
        """Return the ids of the passages of some articles."""
        rows = self._of("SELECT id FROM passages WHERE article_id IN (?)", article_ids)
        return [row[0] for row in rows]

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
            rows = self._of(
                "SELECT number FROM passages WHERE id IN (?)", only.of(ids) if only else ids
            )
            ranked = self.text.ranked(words, limit, [row[0] for row in rows])
        elif only is not None:
            ranked = only.ranked(words, limit)
        else:
            ranked = self.text.ranked(words, limit)
        found = self.passages([i for i, _ in ranked])
        return [(found[i], float(score)) for i, score in ranked if i in found]

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
        return CatalogSummary(int(row[0]), self.count_passages(), day(row[1]), day(row[2]))

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
        self.addresses.forget([article.uri])
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

    def withdraw(self, order: Withdrawal) -> None:
        """Remember that an article was withdrawn, so that it does not come back."""
        self.database.write_many(
            "INSERT INTO withdrawn (article_id, uri, version, reason, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (article_id) DO UPDATE SET uri = excluded.uri, "
            "version = excluded.version, reason = excluded.reason, at = excluded.at",
            [(order.id, order.uri, order.version, order.reason, time.time())],
        )
        self.addresses.forget([order.uri])
