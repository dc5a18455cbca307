"""Narrows a search to some articles and passages, in the catalog's own queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_HOST = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; without any, everything.

    Passages found have all of the `phrases`. Their articles were published from `since` until
    `until` (one without a date is in no such time), run in one of the `sources` (an outlet's name,
    a part of it in whole words, or the host of its site), have all of the `titles` in their title,
    and mention nothing of `without`. Phrases are compared by their words: capitals, accents and
    typography make no difference.
    """

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is left out."""
        return self != EVERYTHING

    def __and__(self, other: Filters) -> Filters:
        """Return both together. Of sources, those of `other` are taken where it has any."""
        return Filters(
            max(filter(None, (self.since, other.since)), default=None),
            min(filter(None, (self.until, other.until)), default=None),
            other.sources or self.sources,
            _once(self.phrases + other.phrases),
            _once(self.titles + other.titles),
            _once(self.without + other.without),
        )

    def by(self, day: date | None) -> Filters:
        """Return them narrowed to what was published by a day."""
        return self & Filters(until=day) if day else self


EVERYTHING = Filters()


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


Sql = tuple[str, list[object]]
"""A condition or a query in SQL, with the values for its marks; an empty condition is true of
everything."""


def standing(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` of the outlets and the time, "" if of all of them.

    `outlets` are the names in the catalog, in full, that the sources stand for.
    """
    own = _of_itself("a", filters, outlets)
    return _either(own, _at_an_address(filters, outlets)) if own[0] else own


def standing_in_a_copy(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` that are `standing`, or with a copy that is by itself.

    What copies have in common is searched in the first of them: who asks for another outlet, or
    for a later time, finds it there (`retrieval.search.carried`). Links of links count.
    """
    own = _of_itself("a", filters, outlets)
    if not own[0]:
        return own
    passes, values = _of_itself("o", filters, outlets)
    copy = (
        "EXISTS (WITH RECURSIVE linked (id) AS (SELECT other FROM copies WHERE one = a.id "
        "UNION SELECT c.other FROM linked JOIN copies c ON c.one = linked.id) "
        f"SELECT 1 FROM linked JOIN articles o ON o.id = linked.id WHERE {passes})"
    )
    return _either(own, _at_an_address(filters, outlets), (copy, values))


def ids_of_themselves(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what selects the ids of the articles of the outlets and the time, some twice.

    Their whole texts may have been found at the outlets' addresses, too; copies do not count.
    """
    parts, times = _in_time("a", filters)
    time = " AND ".join(["1 = 1", *parts])
    if not filters.sources:
        return f"SELECT a.id FROM articles a WHERE {time}", times
    selects: list[Sql] = [
        (
            f"SELECT a.id FROM articles a WHERE a.source IN ({_marks(outlets)}) AND {time}",
            [*outlets, *times],
        )
    ]
    for keys in _below(filters):
        sql = (
            "SELECT a.id FROM places k JOIN articles a ON a.id = k.article_id "
            f"WHERE k.key >= ? AND k.key < ? AND {time}"
        )
        selects.append((sql, [*keys, *times]))
    ran, values = _ran_at(filters, outlets)
    selects.append(
        (f"SELECT a.id FROM addresses d JOIN articles a ON a.id = d.article_id WHERE {ran}", values)
    )
    return " UNION ALL ".join(sql for sql, _ in selects), [v for _, given in selects for v in given]


def _of_itself(article: str, filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of an article of the outlets and the time, by its name in the SQL."""
    parts, values = _in_time(article, filters)
    if filters.sources:
        below = _below(filters)
        by_host = (
            f" OR EXISTS (SELECT 1 FROM places k WHERE k.article_id = {article}.id "
            "AND k.key >= ? AND k.key < ?)"
        )
        parts.append(f"({article}.source IN ({_marks(outlets)}){by_host * len(below)})")
        values += [*outlets, *(key for keys in below for key in keys)]
    return " AND ".join(parts), values


def _at_an_address(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` whose whole text the outlets run too."""
    if not filters.sources:
        return "", []
    ran, values = _ran_at(filters, outlets)
    return f"EXISTS (SELECT 1 FROM addresses d WHERE d.article_id = a.id AND {ran})", values


def _ran_at(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of addresses `d` of the outlets and the time, of articles `a`."""
    parts, values = _in_time("d", filters)
    hosts = [
        f"{scheme}://{www}{host}/%"
        for host in _hosts(filters)
        for scheme in ("http", "https")
        for www in ("", "www.")
    ]
    parts.append(f"(d.source IN ({_marks(outlets)}){' OR lower(d.url) LIKE ?' * len(hosts)})")
    values += [*outlets, *hosts]
    if filters.until:
        parts.append("a.published <= ?")
        values.append(filters.until.isoformat())
    return " AND ".join(parts), values


def _in_time(article: str, filters: Filters) -> tuple[list[str], list[object]]:
    bounds = ((">=", filters.since), ("<=", filters.until))
    parts = [f"{article}.published {sign} ?" for sign, day in bounds if day]
    return parts, [day.isoformat() for _, day in bounds if day]


def _either(*conditions: Sql) -> Sql:
    some = [one for one in conditions if one[0]]
    return f"({' OR '.join(sql for sql, _ in some)})", [v for _, given in some for v in given]


def _marks(values: Collection[object]) -> str:
    """Return a mark for each value; without any, what nothing is equal to."""
    return ",".join("?" * len(values)) or "NULL"


def _hosts(filters: Filters) -> list[str]:
    """Return the sources that may be the hosts of sites, as keys of articles have them."""
    named = (name.casefold().removeprefix("www.") for name in filters.sources)
    return [name for name in named if _HOST.fullmatch(name)]


def _below(filters: Filters) -> list[tuple[str, str]]:
    """Return the bounds of the keys of `same_article` under the hosts that the sources name."""
    return [(f"{host}/", f"{host}0") for host in _hosts(filters)]  # a zero comes after a slash


def has_phrase(text: str, phrase: str) -> bool:
    """Return whether a text has a phrase that is `plain` already, in whole words."""
    return bool(phrase) and _pattern(phrase).search(_folded(text)) is not None


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    side_by_side = r"[\W_]+".join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<![^\W_]){side_by_side}(?![^\W_])")


def plain(text: str) -> str:
    """Return a text's words in lower case, without accents, as the full text has them."""
    return " ".join(_WORD.findall(_folded(text)))


def _folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    for mark in filter(unicodedata.combining, set(decomposed)):
        decomposed = decomposed.replace(mark, "")
    return decomposed


def named_by(source: str, outlets: Iterable[str]) -> list[str]:
    """Return the outlets whose name has the words of a source that was asked for."""
    wanted = plain(source)
    return [name for name in outlets if wanted and has_phrase(name, wanted)]
