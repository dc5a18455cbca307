"""What the catalog knows of time: when articles came, and what stood in them before.

Articles under an embargo are left out. Times are in seconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from retrieval.archive.catalog import Catalog
from retrieval.archive.fulltext import HELD
from retrieval.archive.lookups import look_up
from retrieval.archive.passages import Passage
from retrieval.archive.rows import day

_FREE = f"NOT IN {HELD}"


@dataclass(frozen=True, slots=True)
class Version:
    """An article's title and body until they were replaced by others, at a time."""

    article_id: str
    replaced: float
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An article that its agency took out, with the reason that it gave, and the time."""

    article_id: str
    uri: str
    reason: str
    at: float


def arrived(catalog: Catalog, since: float) -> dict[str, float]:
    """Article id -> when it came, of those that came after a time.

    One under an embargo comes when that ends.
    """
    now = time.time()
    rows = catalog.database.rows(
        f"SELECT article_id, added FROM details WHERE added > ? AND article_id {_FREE} UNION ALL "
        "SELECT article_id, until FROM held WHERE until > ? AND until <= ?",
        since,
        now,
        since,
        now,
    )
    return dict(rows)


def last_arrival(catalog: Catalog) -> float:
    """Return when the newest of all articles came; 0 without any."""
    return float(catalog.database.one("SELECT max(added) FROM details") or 0.0)


def days(catalog: Catalog, ids: Iterable[str]) -> dict[str, date | None]:
    """Article id -> the day it was published, if known, of those that exist among these ids."""
    rows = look_up(catalog.database, "SELECT id, published FROM articles WHERE id IN (?)", ids)
    return {article_id: day(published) for article_id, published in rows}


def versions_since(catalog: Catalog, since: float) -> list[Version]:
    """Return the versions that were replaced since a time, the first of an article first."""
    rows = catalog.database.rows(
        "SELECT article_id, replaced, title, body FROM versions WHERE replaced >= ? "
        f"AND article_id {_FREE} ORDER BY replaced, article_id",
        since,
        time.time(),
    )
    return [Version(*row) for row in rows]


def last_change(catalog: Catalog) -> float | None:
    """Return when an article was last replaced, or None if none ever was."""
    found = catalog.database.one("SELECT max(replaced) FROM versions")
    return None if found is None else float(found)


def withdrawn_since(catalog: Catalog, since: float) -> list[Withdrawn]:
    """Return the withdrawals since a time, newest first."""
    rows = catalog.database.rows(
        "SELECT article_id, uri, reason, at FROM withdrawn WHERE at >= ? ORDER BY at DESC", since
    )
    return [Withdrawn(*row) for row in rows]


def ids_since(catalog: Catalog, since: float, first: date, last: date) -> list[str]:
    """Return the ids of the articles of some days, and of those without a date that came since.

    The newest come first, those without a date last.
    """
    rows = catalog.database.rows(
        "SELECT a.id FROM articles a JOIN details d ON d.article_id = a.id WHERE "
        "(a.published BETWEEN ? AND ? OR (a.published IS NULL AND d.added >= ?)) "
        f"AND a.id {_FREE} ORDER BY a.published IS NULL, a.published DESC, d.added DESC, a.id",
        first.isoformat(),
        last.isoformat(),
        since,
        time.time(),
    )
    return [row[0] for row in rows]


def beginnings(catalog: Catalog, ids: Iterable[str], most: int) -> dict[str, list[Passage]]:
    """Article id -> its first passages, in order, `most` of them."""
    sql = (
        "SELECT id FROM passages WHERE article_id IN (?) AND ordinal < ? "
        "ORDER BY article_id, ordinal"
    )
    found = [row[0] for row in look_up(catalog.database, sql, ids, most)]
    passages = catalog.passages(found)
    by_article: dict[str, list[Passage]] = {}
    for passage in (passages[i] for i in found if i in passages):
        by_article.setdefault(passage.article_id, []).append(passage)
    return by_article
