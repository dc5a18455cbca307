"""The full text of the passages in SQLite's FTS5, which folds and stems words and ranks by BM25."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import accumulate

from retrieval.archive.filters import Sql
from retrieval.archive.fulltext import HELD, LOOKED_AT, FullText, terms_of
from retrieval.databases.database import Database

_COUNTED = 50
"""For each passage that is weighed, so many occurrences of words are counted, which is as fast.

FTS5 counts all passages that have a word before it weighs one. The most frequent words are left out
where that would take long; they say the least.
"""


class SqliteText(FullText):
    """The full text in SQLite; see `FullText`.

    FTS5 ranks every passage that matches before it leaves one out. So what matches is bounded: the
    rarest words are looked for, and once more together with the others, which weighs these.
    """

    def __init__(self, database: Database, looked_at: int = LOOKED_AT) -> None:
        self._database = database
        self._looked_at = looked_at

    def add(self, title: str, passages: Sequence[tuple[int, str]]) -> None:
        """Index passages, numbers and texts, with the title of their article."""
        self._database.write_many(
            "INSERT INTO passage_text (rowid, title, text) VALUES (?, ?, ?)",
            [(number, title, text) for number, text in passages],
        )

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove passages from the index."""
        rows = [(number,) for number in numbers]
        self._database.write_many("DELETE FROM passage_text WHERE rowid = ?", rows)

    def counting(self) -> AbstractContextManager[None]:
        """Do nothing: FTS5 counts by itself."""
        return nullcontext()

    def ranked(
        self, words: Iterable[str], limit: int, among: Collection[int] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the passages with any of the words, best first by BM25."""
        terms = [f'"{term}"' for term in terms_of(words)]
        if not terms:
            return []
        if among is not None:
            return self._best(" OR ".join(terms), limit, _among(among)) if among else []
        rare, others, since = self._chosen(terms)
        found = dict(self._best(" OR ".join(rare), limit, since))
        if others:
            both = f"({' OR '.join(rare)}) AND ({' OR '.join(others)})"
            found |= dict(self._best(both, limit, since))  # with any of the others: the full score
        return sorted(found.items(), key=lambda one: -one[1])[:limit]

    def weighs_all(self, words: Iterable[str]) -> bool:
        """Return whether all passages with any of the words are weighed by `ranked`."""
        counts = (self._count(f'"{term}"') for term in terms_of(words))
        return sum(counts) <= self._looked_at

    def _chosen(self, terms: Sequence[str]) -> tuple[list[str], list[str], str]:
        """Return the rarest words, the others that may add to a score, and a further condition.

        Where even the rarest word is in too many passages, that leaves the newest of them.
        """
        counts = {term: self._count(term) for term in terms}
        by_count = sorted(terms, key=counts.__getitem__)
        totals = list(accumulate(counts[term] for term in by_count))
        rare = max(1, sum(total <= self._looked_at for total in totals))
        known = max(rare, sum(total <= _COUNTED * self._looked_at for total in totals))
        since = ""
        if totals[rare - 1] > self._looked_at:
            last = int(self._database.one("SELECT max(number) FROM passages"))
            since = f"AND rowid > {last - last * self._looked_at // totals[0]}"
        return by_count[:rare], by_count[rare:known], since

    def _count(self, term: str) -> int:
        """Return how many passages have a word; of a frequent one, about how many.

        Of that only the first are counted, and taken for as frequent as in all of the archive.
        """
        rows, last = self._database.rows(
            "SELECT count(*), max(rowid) FROM (SELECT rowid FROM passage_text "
            "WHERE passage_text MATCH ? ORDER BY rowid LIMIT ?)",
            term,
            self._looked_at + 1,
        )[0]
        if rows <= self._looked_at:
            return int(rows)
        return int(rows * self._database.one("SELECT max(number) FROM passages") / last)

    def _best(self, query: str, limit: int, condition: str) -> list[tuple[str, float]]:
        # FTS5's own `rank` weighs all that match before others are left out: slower for a few.
        rank = "bm25(passage_text)" if "IN" in condition else "rank"
        return self._database.rows(
            "SELECT p.id, -best.score FROM ("
            f"SELECT rowid, {rank} AS score FROM passage_text WHERE passage_text MATCH ? "
            f"{condition} "
            f"AND +rowid NOT IN (SELECT number FROM passages WHERE article_id IN {HELD}) "
            f"ORDER BY {'rank' if rank == 'rank' else 'score'} LIMIT ?) best "
            "JOIN passages p ON p.number = best.rowid ORDER BY best.score",
            query,
            time.time(),
            limit,
        )

    def with_phrase(
        self,
        phrase: str,
        *,
        in_title: bool = False,
        among: Collection[int] | None = None,
        most: int | None = None,
    ) -> list[int]:
        """Return the numbers of the passages with words side by side, each in any of its forms."""
        rows = self._database.rows(
            "SELECT rowid FROM passage_text WHERE passage_text MATCH ? "
            f"{'' if among is None else _among(among)} LIMIT ?",
            f"{'title : ' if in_title else ''}{_quoted(phrase)}",
            -1 if most is None else most,
        )
        return [row[0] for row in rows]

    def selecting(self, phrase: str) -> Sql:
        """Return the query for the numbers of the passages `with_phrase`."""
        return "SELECT rowid FROM passage_text WHERE passage_text MATCH ?", [_quoted(phrase)]

    def count(self, word: str) -> int:
        """Return how many passages have a word, in any of its forms."""
        sql = "SELECT count(*) FROM passage_text WHERE passage_text MATCH ?"
        return int(self._database.one(sql, _quoted(word)))


def _quoted(phrase: str) -> str:
    """Return the query for words side by side, in any of their forms.

    They are given as they are written: the full text folds them as it folded the passages.
    """
    written = re.sub('[\0"\ud800-\udfff]', " ", phrase)  # which SQLite cannot have in a query
    return f'"{written}"'


def _among(numbers: Collection[int]) -> str:
    """Return the condition that leaves these passages: in the text, as they may be thousands.

    Without the plus, SQLite would search the full text once for each of them. The bounds it uses.
    """
    listed = ",".join(map(str, map(int, numbers)))
    first, last = min(numbers, default=0), max(numbers, default=0)
    return f"AND rowid BETWEEN {first} AND {last} AND +rowid IN ({listed})"
