"""Keeps the other places where the texts of stored articles were found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from corpus.article import Article
from retrieval.archive.lookups import look_up
from retrieval.archive.rows import day
from retrieval.archive.texts import text_digest
from retrieval.databases.database import Database


@dataclass(frozen=True, slots=True)
class Address:
    """Another place where the text of a stored article was found."""

    uri: str
    title: str
    source: str
    published: date | None
    url: str


class Addresses:
    """The addresses of an archive. Writes in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, article_ids: Iterable[str]) -> dict[str, list[Address]]:
        """Return those of some articles, by their ids."""
        found: dict[str, list[Address]] = {}
        sql = (
            "SELECT article_id, uri, title, source, published, url FROM addresses "
            "WHERE article_id IN (?) ORDER BY published IS NULL, published, uri"
        )
        for i, uri, title, source, published, url in look_up(self._database, sql, article_ids):
            found.setdefault(i, []).append(Address(uri, title, source, day(published), url))
        return found

    def uris(self) -> list[str]:
        """Return the URIs of all."""
        return [row[0] for row in self._database.rows("SELECT uri FROM addresses")]

    def add(self, article: Article, holder: str) -> None:
        """Remember where the text of the article `holder` was found again."""
        published = article.published.isoformat() if article.published else None
        row = (article.uri, holder, article.title, article.source, published, article.url)
        self._database.write_many(
            "INSERT INTO addresses (uri, article_id, title, source, published, url) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE SET "
            "article_id = excluded.article_id, title = excluded.title, source = excluded.source, "
            "published = excluded.published, url = excluded.url",
            [row],
        )

    def move(self, heirs: Mapping[str, str]) -> None:
        """Give those of articles to the articles that hold their texts from now on."""
        rows = [(new, old) for old, new in heirs.items()]
        self._database.write_many("UPDATE addresses SET article_id = ? WHERE article_id = ?", rows)

    def leave(self, article: Article) -> None:
        """Forget those of a stored article that is to have another text: they have not.

        Call it before those of the text that it is to have are moved to it.
        """
        self._database.write_many(
            "DELETE FROM addresses WHERE article_id IN "
            "(SELECT article_id FROM texts WHERE article_id = ? AND digest <> ?)",
            [(article.id, text_digest(article.body))],
        )

    def forget(self, uris: Iterable[str]) -> None:
        """Forget some."""
        self._database.write_many("DELETE FROM addresses WHERE uri = ?", [(uri,) for uri in uris])
