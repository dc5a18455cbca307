"""The full text of the passages in PostgreSQL, by the terms and the BM25 of SQLite's FTS5.

A passage has a `tsvector` of those terms with their places, those of its title with the label A,
behind which a place is left free: no phrase reaches from one to the other. How many passages have
a term stands in `terms`, where the empty term counts all passages, and a space all their terms.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from math import log

from retrieval.archive.filters import Sql
from retrieval.archive.fulltext import HELD, LOOKED_AT, FullText, terms_of
from retrieval.archive.lookups import look_up
from retrieval.archive.terms import terms_in
from retrieval.databases.database import Database

_K1, _B = 1.2, 0.75
"""BM25's constants as FTS5 has them (https://sqlite.org/fts5.html, `bm25`)."""

_LAST_PLACE = 16_383
"""The last place of a term that a `tsvector` has."""

_PASSAGES, _TERMS = "", " "

_SUMS = list(accumulate(1 / n**2 for n in range(1, 65)))
_RANKS = [
    (one + other) / 2 / 1.64493406685 for one, other in zip([0.0, *_SUMS], _SUMS, strict=False)
]
"""Between which values of `ts_rank` the one of a term lies that a passage has once, twice, ….

For one term of even weights it is the sum of 1/n² over its n places, through π²/6 (`calc_rank_or`
in PostgreSQL's tsrank.c). Nothing else that is as fast says how often a passage has a term.
"""


class PostgresText(FullText):
    """The full text in PostgreSQL; see `FullText`."""

    def __init__(self, database: Database, looked_at: int = LOOKED_AT) -> None:
        self._database = database
        self._looked_at = looked_at
        self._changes: Counter[str] | None = None

    def add(self, title: str, passages: Sequence[tuple[int, str]]) -> None:
        """Index passages, numbers and texts, with the title of their article."""
        if not passages:
            return
        titled, *terms = terms_in([title, *(text for _, text in passages)])
        self._database.write_many(
            "INSERT INTO passage_text (rowid, title, text, words, size) "
            "VALUES (?, ?, ?, ?::tsvector, ?)",
            [
                (number, title, text, _vector(titled, own), len(titled) + len(own))
                for (number, text), own in zip(passages, terms, strict=True)
            ],
        )
        sizes = len(terms) * len(titled) + sum(map(len, terms))
        self._changed(Counter(t for own in terms for t in {*titled, *own}), len(terms), sizes)

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove passages from the index."""
        sql = "DELETE FROM passage_text WHERE rowid IN (?) RETURNING tsvector_to_array(words), size"
        rows = [*look_up(self._database, sql, numbers)]
        went = Counter[str]()
        went.subtract(term for own, _ in rows for term in own)
        self._changed(went, -len(rows), -sum(size for _, size in rows))

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Write the counts of all that is added and removed inside the `with` block at its end.

        A row that is written again and again within a transaction becomes ever slower.
        """
        if self._changes is not None:
            yield
            return
        self._changes = changes = Counter[str]()
        try:
            yield
        finally:
            self._changes = None
        counted = sorted((term, count) for term, count in changes.items() if count)
        if counted:
            self._database.write(
                "INSERT INTO terms (term, passages) "
                "SELECT * FROM unnest(?::text[], ?::bigint[]) ON CONFLICT (term) "
                "DO UPDATE SET passages = terms.passages + excluded.passages",
                *map(list, zip(*counted, strict=True)),
            )

    def _changed(self, terms: Mapping[str, int], passages: int, size: int) -> None:
        """Count the terms of passages that came, or that went, with counts below zero."""
        with self.counting():
            assert self._changes is not None
            self._changes.update({**terms, _PASSAGES: passages, _TERMS: size})

    def ranked(
        self, words: Iterable[str], limit: int, among: Collection[int] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the passages with any of the words, best first by BM25."""
        queries = [_query(terms) for terms in terms_in(terms_of(words)) if terms]
        if not queries or (among is not None and not among):
            return []
        sizes = self._counts([_PASSAGES, _TERMS])
        passages, average = sizes[_PASSAGES], sizes[_TERMS] / (sizes[_PASSAGES] or 1) or 1.0
        counts = self._counts_of(queries)
        score = " + ".join(
            f"{_weight(counts[query], passages)!r}::float8 * (1 - c / (c + {_times(query)}))"
            for query in queries
        )
        rows: list[tuple[str, float]] = []
        most = f"LIMIT {self._looked_at}" if among is None else "OFFSET 0"  # weighed one by one
        for wanted in self._wanted(counts) if among is None else [" | ".join(counts)]:
            rows = self._database.rows(
                f"SELECT p.id, best.score FROM (SELECT rowid, {score} AS score FROM ("
                f"SELECT rowid, words, {_K1 * (1 - _B)!r}::float8 "
                f"+ {_K1 * _B / average!r}::float8 * size AS c "
                f"FROM passage_text WHERE words @@ ?::tsquery {_among(among)} "
                f"AND rowid NOT IN (SELECT number FROM passages WHERE article_id IN {HELD}) "
                f"{most}) t ORDER BY score DESC, rowid LIMIT ?) best "
                "JOIN passages p ON p.number = best.rowid ORDER BY best.score DESC, best.rowid",
                *(*queries, wanted, time.time(), limit),
            )
            if len(rows) >= limit:
                break
        return rows

    def _wanted(self, counts: Mapping[str, int]) -> Iterator[str]:
        """Yield what to look for, one after the other until there is enough.

        That is any of the rarest words, as far as they are together in few passages. Where even
        the rarest one is in more, it is looked for together with the others, ever fewer of them.
        """
        by_count = sorted(counts, key=counts.__getitem__)
        rare = self._rare(by_count, counts)
        if rare:
            yield " | ".join(by_count[:rare])
            return
        for most in range(len(by_count), 0, -1):
            yield " & ".join(by_count[:most])

    def _rare(self, by_count: Sequence[str], counts: Mapping[str, int]) -> int:
        """Return how many of some words, the rarest first, are together in few passages."""
        totals = accumulate(counts[query] for query in by_count)
        return sum(total <= self._looked_at for total in totals)

    def weighs_all(self, words: Iterable[str]) -> bool:
        """Return whether all passages with any of the words are weighed by `ranked`."""
        counts = self._counts_of([_query(terms) for terms in terms_in(terms_of(words)) if terms])
        return self._rare(list(counts), counts) == len(counts)

    def _counts_of(self, queries: Iterable[str]) -> dict[str, int]:
        """Return how many passages have each of some words, by their queries."""
        single = {_only_term(query): query for query in queries if not _is_phrase(query)}
        found = {single[term]: count for term, count in self._counts(single).items()}
        for query in filter(_is_phrase, queries):
            sql = "SELECT count(*) FROM passage_text WHERE words @@ ?::tsquery"
            found[query] = int(self._database.one(sql, query))
        return found

    def _counts(self, terms: Iterable[str]) -> dict[str, int]:
        wanted = list(terms)
        rows = self._database.rows(
            "SELECT term, passages FROM terms WHERE term = ANY(?::text[])", wanted
        )
        return dict.fromkeys(wanted, 0) | dict(rows)

    def with_phrase(
        self,
        phrase: str,
        *,
        in_title: bool = False,
        among: Collection[int] | None = None,
        most: int | None = None,
    ) -> list[int]:
        """Return the numbers of the passages with words side by side, each in any of its forms."""
        [terms] = terms_in([phrase])
        if not terms or (among is not None and not among):
            return []
        rows = self._database.rows(
            f"SELECT rowid FROM passage_text WHERE words @@ ?::tsquery {_among(among)}"
            + (f" LIMIT {int(most)}" if most is not None else ""),
            _query(terms, ":A" if in_title else ""),
        )
        return [row[0] for row in rows]

    def selecting(self, phrase: str) -> Sql:
        """Return the query for the numbers of the passages `with_phrase`."""
        [terms] = terms_in([phrase])
        if not terms:
            return "SELECT rowid FROM passage_text WHERE false", []
        return "SELECT rowid FROM passage_text WHERE words @@ ?::tsquery", [_query(terms)]

    def count(self, word: str) -> int:
        """Return how many passages have a word, in any of its forms."""
        [terms] = terms_in([word])
        return self._counts_of([_query(terms)])[_query(terms)] if terms else 0


def _vector(title: Sequence[str], text: Sequence[str]) -> str:
    """Return the `tsvector` of a passage, as PostgreSQL reads it."""
    places: dict[str, list[str]] = {}
    for place, term in enumerate(title, 1):
        places.setdefault(term, []).append(f"{min(place, _LAST_PLACE)}A")
    for place, term in enumerate(text, len(title) + 2):
        places.setdefault(term, []).append(str(min(place, _LAST_PLACE)))
    return " ".join(f"{_literal(term)}:{','.join(at)}" for term, at in places.items())


def _query(terms: Iterable[str], label: str = "") -> str:
    """Return the `tsquery` of terms side by side."""
    written = [f"{_literal(term)}{label}" for term in terms]
    return written[0] if len(written) == 1 else f"({' <-> '.join(written)})"


def _is_phrase(query: str) -> bool:
    return query.startswith("(")


def _only_term(query: str) -> str:
    return query[1:-1].replace("''", "'").replace("\\\\", "\\")


def _literal(term: str) -> str:
    doubled = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _weight(passages_with: int, passages: int) -> float:
    """Return what a term weighs at most: its inverse document frequency, as FTS5 has it."""
    odds = (passages - passages_with + 0.5) / (passages_with + 0.5)
    return (_K1 + 1) * max(log(odds) if odds > 0 else 0.0, 1e-6)


def _times(query: str) -> str:
    """Return how often a passage has a term; of a phrase, whether it does."""
    if _is_phrase(query):
        return "(words @@ ?::tsquery)::int"
    ranks = ",".join(map(repr, _RANKS))
    return f"width_bucket(ts_rank('{{1,1,1,1}}', words, ?::tsquery)::float8, '{{{ranks}}}')"


def _among(numbers: Collection[int] | None) -> str:
    """Return the condition that leaves these passages: in the text, as they may be thousands."""
    if numbers is None:
        return ""
    return f"AND rowid = ANY('{{{','.join(map(str, map(int, numbers)))}}}'::bigint[])"
