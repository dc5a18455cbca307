"""Reads rows of the catalog as the articles and passages that they stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from corpus.article import Article
from retrieval.archive.passages import Passage

ARTICLES = (
    "SELECT a.uri, a.title, a.body, a.source, a.published, a.url, d.excerpt, d.version, d.pages, "
    "h.until FROM articles a LEFT JOIN details d ON d.article_id = a.id "
    "LEFT JOIN held h ON h.article_id = a.id"
)
"""Selects articles `a`."""

PASSAGES = (
    'SELECT p.id, p.article_id, p.ordinal, p.start, p."end", t.text FROM passages p '
    "JOIN articles a ON a.id = p.article_id JOIN passage_text t ON t.rowid = p.number"
)
"""Selects passages `p`.

The text comes from the full-text index: SQLite can cut it from a body by reading all of that.
"""


def article_in(row: Sequence[Any]) -> Article:
    """Return the article in a row of `ARTICLES`."""
    uri, title, body, source, published, url, excerpt, version, pages, until = row
    return Article(
        uri,
        title,
        body,
        source,
        day(published),
        url,
        pages=tuple(json.loads(pages or "[]")),
        excerpt=bool(excerpt),
        embargo=until and datetime.fromtimestamp(until, UTC),
        version=version or 0,
    )


def passage_in(row: Sequence[Any]) -> Passage:
    """Return the passage in a row of `PASSAGES`."""
    return Passage(*row)


def day(value: str | None) -> date | None:
    """Return the day that a column has, or None."""
    return date.fromisoformat(value) if value else None
