"""The full text of the passages in SQLite's FTS5, which folds and stems words and ranks by BM25."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator

from retrieval.archive.batches import batched
from retrieval.archive.filters import Sql, plain
from retrieval.databases.database import MOST_VARIABLES, Database

HELD = "(SELECT article_id FROM held WHERE until > ?)"
"""The ids of the articles under an embargo at a time, in seconds since 1970."""


class FullText:
    """Finds passages by words, each in any of its forms, and by words that stand side by side."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, number: int, title: str, text: str) -> None:
        """Index a passage, by its number, with the title of its article."""
        sql = "INSERT INTO passage_text (rowid, title, text) VALUES (?, ?, ?)"
        self._database.write(sql, number, title, text)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove passages from the index."""
        rows = [(number,) for number in numbers]
        self._database.write_many("DELETE FROM passage_text WHERE rowid = ?", rows)

    def ranked(
        self, words: Iterable[str], limit: int, among: Collection[int] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the passages with any of the words, best first by BM25.

        A higher score is better. Those under an embargo are left out, and with `among`, the
        numbers of some passages, all others.
        """
        terms = terms_of(words)
        if not terms:
            return []
        # `rank` weighs all that match before others are left out, which is slower for a few. And
        # without the plus, SQLite would search the full text once for each passage of them.
        rank, within = ("rank", "") if among is None else ("bm25(passage_text)", _among(among))
        return self._database.rows(
            "SELECT p.id, -best.score FROM ("
            f"SELECT rowid, {rank} AS score FROM passage_text WHERE passage_text MATCH ? {within} "
            f"AND +rowid NOT IN (SELECT number FROM passages WHERE article_id IN {HELD}) "
            f"ORDER BY {rank if among is None else 'score'} LIMIT ?) best "
            "JOIN passages p ON p.number = best.rowid ORDER BY best.score",
            " OR ".join(f'"{term}"' for term in terms),
            time.time(),
            limit,
        )

    def with_phrase(
        self,
        phrase: str,
        *,
        in_title: bool = False,
        among: Collection[int] | None = None,
        most: int = -1,
    ) -> list[int]:
        """Return the numbers of the passages with words side by side, each in any of its forms.

        They stand in the passage, or in the title of its article. At most `most`, if not -1.
        """
        within = "" if among is None else _among(among)
        rows = self._database.rows(
            f"SELECT rowid FROM passage_text WHERE passage_text MATCH ? {within} LIMIT ?",
            f"{'title : ' if in_title else ''}{_quoted(phrase)}",
            most,
        )
        return [row[0] for row in rows]

    def selecting(self, phrase: str, *, exactly: bool = False) -> Sql:
        """Return the query for the numbers of the passages with words side by side.

        They stand there in any of their forms, or as they are in the phrase (`has_phrase`).
        """
        sql = "SELECT rowid FROM passage_text WHERE passage_text MATCH ?"
        if not exactly:
            return sql, [_quoted(phrase)]
        return (
            f"{sql} AND has_phrase(title || char(10) || text, ?)",
            [_quoted(phrase), plain(phrase)],
        )

    def texts(self, numbers: Iterable[int]) -> Iterator[tuple[int, str, str]]:
        """Yield the numbers of some passages with the titles of their articles and their texts."""
        for some in batched(numbers, MOST_VARIABLES):
            marks = ",".join("?" * len(some))
            yield from self._database.rows(
                f"SELECT rowid, title, text FROM passage_text WHERE rowid IN ({marks})", *some
            )

    def all_texts(self) -> Iterator[str]:
        """Yield the titles and texts of all passages that may be answered from."""
        sql = (
            "SELECT t.title, t.text FROM passages p JOIN passage_text t ON t.rowid = p.number "
            f"WHERE p.article_id NOT IN {HELD}"
        )
        for row in self._database.rows(sql, time.time()):
            yield from row

    def has(self, words: str) -> bool:
        """Return whether a passage has some words side by side, each in any of its forms."""
        return bool(self.with_phrase(words, most=1))

    def count(self, word: str) -> int:
        """Return how many passages have a word, in any of its forms."""
        sql = "SELECT count(*) FROM passage_text WHERE passage_text MATCH ?"
        return int(self._database.one(sql, _quoted(word)))


def terms_of(words: Iterable[str]) -> list[str]:
    """Return the words that a full-text query can have, as it has them in quotation marks."""
    return [re.sub('[\0"]', " ", word) for word in words if re.search(r"\w", word)]


def _quoted(phrase: str) -> str:
    """Return the query for words side by side, in any of their forms.

    They are given as they are written: the full text folds them as it folded the passages.
    """
    written = re.sub('[\0"\ud800-\udfff]', " ", phrase)  # which SQLite cannot have in a query
    return f'"{written}"'


def _among(numbers: Collection[int]) -> str:
    """Return the condition that leaves these passages: in the text, as they may be thousands."""
    return f"AND +rowid IN ({','.join(map(str, map(int, numbers)))})"
