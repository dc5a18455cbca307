"""Tells which passages pass some filters, as far as one search has to know it.

A search asks whether the passages pass that it has found. Where few pass at all, these are found
by an index, and searched alone. So nothing is looked at as often as there are passages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from retrieval.archive.batches import batched
from retrieval.archive.filters import Filters, ids_of_themselves, standing_in_a_copy
from retrieval.archive.fulltext import LOOKED_AT, FullText, exactly
from retrieval.archive.lookups import look_up
from retrieval.databases.database import Database

_AT_ONCE = 500
"""Passages or articles that are looked at in one query."""

_FIRST_LOOK = 20
"""Passages that are looked at for each that is wanted, before those that pass are counted."""


class Passing:
    """What passes some filters; made anew for each search.

    Phrases are found by the full text, which finds any forms of their words, and compared with
    what is written there (`has_phrase`).

    Args:
        database: the catalog's.
        text: its full text.
        only: the filters.
        outlets: the names in the catalog, in full, that the sources stand for.
    """

    def __init__(
        self, database: Database, text: FullText, only: Filters, outlets: Collection[str]
    ) -> None:
        self._database = database
        self._text = text
        self._only = only
        self._outlets = outlets
        self._known: dict[str, bool] = {}
        self._numbers: dict[str, int] = {}
        self._unwanted: dict[str, bool] = {}
        self._more_than = 0
        self._few: dict[str, int] | None = None

    def of(self, ids: Iterable[str]) -> set[str]:
        """Return those of some passages that pass, by their ids."""
        wanted = list(ids)
        for some in batched([i for i in wanted if i not in self._known], _AT_ONCE):
            passed = self._passed(some)
            self._known |= {i: i in passed for i in some}
            self._numbers |= passed
        return {i for i in wanted if self._known[i]}

    def few(self, most: int) -> dict[str, int] | None:
        """Return the ids and numbers of all passages that pass, or None if they may be more."""
        if self._few is None and most > self._more_than:
            drawn = next((ids for ids in self._drawn(most) if ids is not None), None)
            if drawn is None:
                self._more_than = most
            else:
                self._few = {i: self._numbers[i] for i in self.of(drawn)}
        return self._few if self._few is not None and len(self._few) <= most else None

    def all(self) -> set[str]:
        """Return the ids of all passages that pass."""
        drawn = next(self._drawn(None), None)
        if drawn is None:
            drawn = [row[0] for row in self._database.rows("SELECT id FROM passages")]
        return self.of(drawn)

    def ranked(self, words: Iterable[str], limit: int) -> list[tuple[str, float]]:
        """Return the ids of the passages that pass with any of the words, best first by BM25."""
        wanted, ask = list(words), _FIRST_LOOK * limit
        while True:
            if (few := self.few(ask)) is not None:
                return self._text.ranked(wanted, limit, few.values())
            ranked = self._text.ranked(wanted, ask)
            kept: list[tuple[str, float]] = []
            for some in (ranked[: 2 * limit], ranked[2 * limit : 6 * limit], ranked[6 * limit :]):
                passing = self.of(i for i, _ in some)
                kept += [(i, score) for i, score in some if i in passing]
                if len(kept) >= limit:
                    return kept[:limit]
            if len(ranked) < ask and (ask >= LOOKED_AT or self._text.weighs_all(wanted)):
                return kept
            ask *= _FIRST_LOOK

    def _drawn(self, most: int | None) -> Iterator[list[str] | None]:
        """Yield for each filter that an index has the ids of the passages that may pass it.

        None stands for more than `most`.
        """
        for phrase in self._only.phrases:
            yield self._ids(self._text.with_phrase(phrase, most=most and most + 1), most)
        for title in self._only.titles:
            numbers = self._text.with_phrase(title, in_title=True, most=most and most + 1)
            yield self._ids(numbers, most)
        if self._only.since or self._only.until or self._only.sources:
            yield self._ids_by_article(most)

    def _ids(self, numbers: Collection[int], most: int | None) -> list[str] | None:
        if most is not None and len(numbers) > most:
            return None
        sql = "SELECT id FROM passages WHERE number IN (?)"
        return [row[0] for row in look_up(self._database, sql, numbers)]

    def _ids_by_article(self, most: int | None) -> list[str] | None:
        """Return the ids of the passages of articles of the outlets and the time, and of copies."""
        limit = "" if most is None else f" LIMIT {most + 1}"
        sql, values = ids_of_themselves(self._only, self._outlets)
        articles = [row[0] for row in self._database.rows(sql + limit, *values)]
        if most is not None and len(articles) > most:
            return None
        found: dict[str, None] = {}
        for some in batched(dict.fromkeys(articles), _AT_ONCE):
            rows = self._database.rows(
                "WITH RECURSIVE linked (id) AS ("
                f"SELECT id FROM articles WHERE id IN ({_marks(some)}) "
                "UNION SELECT c.other FROM linked JOIN copies c ON c.one = linked.id) "
                "SELECT p.id FROM linked JOIN passages p ON p.article_id = linked.id" + limit,
                *some,
            )
            found |= dict.fromkeys(row[0] for row in rows)
            if most is not None and len(found) > most:
                return None
        return list(found)

    def _passed(self, ids: Collection[str]) -> dict[str, int]:
        """Return those of some passages that pass: id -> number."""
        stands, values = standing_in_a_copy(self._only, self._outlets)
        rows = self._database.rows(
            "SELECT p.number, p.id, p.article_id FROM passages p "
            f"JOIN articles a ON a.id = p.article_id WHERE p.id IN ({_marks(ids)}) "
            + (f"AND {stands}" if stands else ""),
            *ids,
            *values,
        )
        left = {number: (i, article) for number, i, article in rows}
        for phrase in self._only.phrases:
            left = {n: left[n] for n in self._with(phrase, left)}
        for title in self._only.titles:
            left = {n: left[n] for n in self._with(title, left, in_title=True)}
        if self._only.without:
            self._look_for_unwanted({article for _, article in left.values()})
        return {i: n for n, (i, article) in left.items() if not self._unwanted.get(article)}

    def _with(
        self, phrase: str, numbers: Collection[int], *, in_title: bool = False
    ) -> Iterator[int]:
        found = self._text.with_phrase(phrase, in_title=in_title, among=numbers)
        return exactly(self._text, phrase, found, in_title=in_title)

    def _look_for_unwanted(self, articles: Collection[str]) -> None:
        """Find out which of some articles have a passage with an unwanted phrase."""
        for some in batched([i for i in articles if i not in self._unwanted], _AT_ONCE):
            sql = f"SELECT number, article_id FROM passages WHERE article_id IN ({_marks(some)})"
            article_of = dict(self._database.rows(sql, *some))
            for phrase in self._only.without:
                found = self._text.with_phrase(phrase, among=article_of)
                first = {article_of[number]: number for number in reversed(found)}
                for numbers in (first.values(), set(found) - {*first.values()}):
                    left = [n for n in numbers if not self._unwanted.get(article_of[n])]
                    for number in exactly(self._text, phrase, left):
                        self._unwanted[article_of[number]] = True
            self._unwanted |= {i: self._unwanted.get(i, False) for i in some}


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
