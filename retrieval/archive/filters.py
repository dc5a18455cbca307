"""Narrows a search to some articles and passages, in the catalog's own queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import filterfalse

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
"""A condition in SQL, with the values for its marks; an empty one is true of everything."""


def condition(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of passages `p` of articles `a` that pass, or may in a copy.

    What copies have in common is searched in the first of them. So passages of an article pass
    where a copy of it is of the outlets and the time asked for, too (`retrieval.search.carried`).

    `outlets` are the names in the catalog, in full, that the sources stand for.
    """
    parts: list[Sql] = []
    own = _of_itself("a", filters, outlets)
    if own[0]:
        parts.append(_either(own, _by_a_copy(filters, outlets), _by_an_address(filters, outlets)))
    for sql, column, phrases in (
        (f"p.number IN ({_HAVING})", "", filters.phrases),
        (f"p.number IN ({_TITLED})", "title : ", filters.titles),
        (_WITHOUT, "", filters.without),
    ):
        parts += [(sql, [f"{column}{_match(phrase)}", plain(phrase)]) for phrase in phrases]
    return _all(parts)


def standing(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` of the outlets and the time, "" if of all of them."""
    own = _of_itself("a", filters, outlets)
    return _either(own, _by_an_address(filters, outlets)) if own[0] else own


def condition_of_articles(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` of the outlets and the time, with the titles asked for.

    Copies count by themselves here. Phrases are not looked at.
    """
    own = standing(filters, outlets)
    parts = [own] if own[0] else []
    parts += [("has_phrase(a.title, ?)", [plain(phrase)]) for phrase in filters.titles]
    return _all(parts)


def passages_with(phrase: str) -> Sql:
    """Return what selects the numbers of the passages with a phrase."""
    return _HAVING, [_match(phrase), plain(phrase)]


_HAVING = (
    "SELECT rowid FROM passage_text WHERE passage_text MATCH ? "
    "AND has_phrase(title || char(10) || text, ?)"
)
_TITLED = "SELECT rowid FROM passage_text WHERE passage_text MATCH ? AND has_phrase(title, ?)"
_WITHOUT = f"p.article_id NOT IN (SELECT article_id FROM passages WHERE number IN ({_HAVING}))"


def _of_itself(article: str, filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of an article of the outlets and the time, by its name in the SQL."""
    parts, values = _in_time(article, filters)
    if filters.sources:
        hosts = _hosts(filters)
        # The keys of `same_article`: what begins with a host and a slash, which comes before 0.
        below = [f"{host}{end}" for host in hosts for end in "/0"]
        by_host = f" OR {article}.id IN (SELECT article_id FROM places WHERE key >= ? AND key < ?)"
        parts.append(f"({article}.source IN ({_marks(outlets)}){by_host * len(hosts)})")
        values += [*outlets, *below]
    return " AND ".join(parts), values


def _by_a_copy(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` with a copy that passes, over any number of links."""
    passes, values = _of_itself("o", filters, outlets)
    return (
        "a.id IN (WITH RECURSIVE linked (id) AS ("
        f"SELECT c.other FROM copies c JOIN articles o ON o.id = c.one WHERE {passes} "
        "UNION SELECT c.other FROM copies c JOIN linked ON c.one = linked.id) "
        "SELECT id FROM linked)",
        values,
    )


def _by_an_address(filters: Filters, outlets: Collection[str]) -> Sql:
    """Return what is true of articles `a` whose whole text the outlets run too."""
    if not filters.sources:
        return "", []
    parts, values = _in_time("d", filters)
    hosts = [
        f"{scheme}://{www}{host}/%"
        for host in _hosts(filters)
        for scheme in ("http", "https")
        for www in ("", "www.")
    ]
    parts.append(f"(d.source IN ({_marks(outlets)}){' OR lower(d.url) LIKE ?' * len(hosts)})")
    sql = f"a.id IN (SELECT d.article_id FROM addresses d WHERE {' AND '.join(parts)})"
    values += [*outlets, *hosts]
    if filters.until:
        return f"({sql} AND a.published <= ?)", [*values, filters.until.isoformat()]
    return sql, values


def _in_time(article: str, filters: Filters) -> tuple[list[str], list[object]]:
    bounds = ((">=", filters.since), ("<=", filters.until))
    parts = [f"{article}.published {sign} ?" for sign, day in bounds if day]
    return parts, [day.isoformat() for _, day in bounds if day]


def _all(conditions: Collection[Sql]) -> Sql:
    """Return what is true where all conditions are; of none, what always is."""
    sql = " AND ".join(sql for sql, _ in conditions)
    return sql or "1 = 1", [v for _, given in conditions for v in given]


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


def _match(phrase: str) -> str:
    """Return the full-text query for words side by side, in any of their forms.

    They are given as they are written: the full text folds them as it folded the passages.
    """
    written = re.sub('[\0"\ud800-\udfff]', " ", phrase)  # which SQLite cannot have in a query
    return f'"{written}"'


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
    return "".join(filterfalse(unicodedata.combining, decomposed))


def named_by(source: str, outlets: Iterable[str]) -> list[str]:
    """Return the outlets whose name has the words of a source that was asked for."""
    wanted = plain(source)
    return [name for name in outlets if wanted and has_phrase(name, wanted)]
