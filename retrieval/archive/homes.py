"""Opens the catalog where it is kept: in an SQLite file, or in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.article import article_id
from retrieval.archive.catalog import Catalog
from retrieval.archive.postgres_schema import POSTGRES
from retrieval.archive.schema import SCHEMA
from retrieval.archive.texts import text_digest
from retrieval.archive.vocabulary import as_json
from retrieval.databases.database import Schema
from retrieval.databases.postgres import PostgresDatabase
from retrieval.databases.sqlite import SqliteDatabase

FILE = "catalog.db"
CATALOG = Schema("newsdesk_catalog", SCHEMA, POSTGRES)


def catalog_in(path: Path) -> Catalog:
    """Open the catalog in a file, which is made or brought up to date if need be.

    Raises:
        ArchiveUnreadable: the file is damaged, locked, cannot be written, or the disk is full.
    """
    return Catalog(SqliteDatabase(path, CATALOG, FUNCTIONS))


def catalog_at(url: str) -> Catalog:
    """Open the catalog in a PostgreSQL database, which gets its tables if need be.

    Raises:
        SettingsError: the address cannot be understood.
        ArchiveUnreadable: the server cannot be reached or used.
    """
    return Catalog(PostgresDatabase(url, CATALOG))


def _same_article(address: str) -> str:
    from corpus.web.addresses import same_article  # with a client of HTTP: few files need it

    return same_article(address)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "text_digest": text_digest,
    "same_article": _same_article,
    "article_id": article_id,
    "words_of": as_json,
    "lower_case": str.lower,
}
"""What the catalog's statements in SQLite call by name."""
