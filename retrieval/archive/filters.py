"""Narrows a search to some articles and passages, in the catalog's own queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

_WORD = re.compile(r"[^\W_]+")


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


def condition(filters: Filters, outlets: Iterable[str]) -> tuple[str, list[object]]:
    """Return the SQL, with its values, that is true of passages `p` of articles `a` that pass.

    `outlets` are the names in the catalog, in full, that the sources stand for.
    """
    parts: list[str] = []
    values: list[object] = []

    def add(sql: str, *given: object) -> None:
        parts.append(sql)
        values.extend(given)

    for sql, given in _of_days(filters):
        add(sql, *given)
    if filters.sources:
        names, hosts = list(outlets), _hosts(filters)
        add(_of_outlets(len(names), len(hosts)), *names, *names, *names, *map(_below, hosts))
    for phrase in filters.phrases:
        add(f"p.number IN ({_HAVING})", _match(phrase), plain(phrase))
    for phrase in filters.titles:
        add(f"p.number IN ({_TITLED})", f"title : {_match(phrase)}", plain(phrase))
    for phrase in filters.without:
        add(
            f"p.article_id NOT IN (SELECT article_id FROM passages WHERE number IN ({_HAVING}))",
            _match(phrase),
            plain(phrase),
        )
    return " AND ".join(parts) or "1", values


def condition_of_articles(filters: Filters, outlets: Iterable[str]) -> tuple[str, list[object]]:
    """Return the SQL, with its values, that is true of the articles `a` of some time and outlets.

    Copies count by themselves here. Of what stands in an article only its title is looked at.
    """
    parts = list(_of_days(filters))
    if filters.sources:
        names, hosts = list(outlets), _hosts(filters)
        sql = _of_outlets(len(names), len(hosts), copies=False)
        parts.append((sql, [*names, *names, *map(_below, hosts)]))
    parts += [("has_phrase(a.title, ?)", [plain(phrase)]) for phrase in filters.titles]
    values = [value for _, given in parts for value in given]
    return " AND ".join(sql for sql, _ in parts) or "1", values


def passages_with(phrase: str) -> tuple[str, list[object]]:
    """Return the SQL, with its values, that selects the numbers of the passages with a phrase."""
    return _HAVING, [_match(phrase), plain(phrase)]


def _of_days(filters: Filters) -> Iterator[tuple[str, list[object]]]:
    if filters.since:
        yield "a.published >= ?", [filters.since.isoformat()]
    if filters.until:
        yield "a.published <= ?", [filters.until.isoformat()]


def _hosts(filters: Filters) -> list[str]:
    return [name.casefold() for name in filters.sources if "." in name]


_HAVING = (
    "SELECT rowid FROM passage_text WHERE passage_text MATCH ? "
    "AND has_phrase(title || char(10) || text, ?)"
)
_TITLED = "SELECT rowid FROM passage_text WHERE passage_text MATCH ? AND has_phrase(title, ?)"


def _of_outlets(names: int, hosts: int, *, copies: bool = True) -> str:
    """Return the condition for articles of outlets, or whose text those run too.

    What copies have in common is searched in the first of them, whose passages have to be let in.
    """
    marks = ",".join("?" * names)
    by_host = "".join(
        " OR a.id IN (SELECT article_id FROM places WHERE key GLOB ?)" for _ in range(hosts)
    )
    of_copies = (
        "OR a.id IN (SELECT c.other FROM copies c JOIN articles o ON o.id = c.one "
        f"WHERE o.source IN ({marks})) "
    )
    return (
        f"(a.source IN ({marks}) {of_copies if copies else ''}"
        f"OR a.id IN (SELECT article_id FROM addresses WHERE source IN ({marks})){by_host})"
    )


def _below(host: str) -> str:
    """Return the pattern of the keys of a site's articles (`corpus.web.addresses.same_article`)."""
    return f"{host.removeprefix('www.').replace('*', '').replace('?', '').replace('[', '')}/*"


def _match(phrase: str) -> str:
    """Return the full-text query for words side by side, in any of their forms."""
    return f'"{plain(phrase)}"'


def has_phrase(text: str, phrase: str) -> bool:
    """Return whether a text has a phrase that is `plain` already, in whole words."""
    return f" {phrase} " in f" {plain(text)} "


def plain(text: str) -> str:
    """Return a text's words in lower case, without accents, as the full text has them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c))))


def named_by(source: str, outlets: Iterable[str]) -> list[str]:
    """Return the outlets whose name has the words of a source that was asked for."""
    wanted = plain(source)
    return [name for name in outlets if wanted and has_phrase(name, wanted)]
