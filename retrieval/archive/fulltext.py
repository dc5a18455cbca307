"""What the catalog asks of a full text of the passages; each engine has one of its own.

Both fold and stem words alike, and rank by the same BM25, so that both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from retrieval.archive.filters import Sql, has_phrase, plain
from retrieval.archive.lookups import look_up
from retrieval.databases.database import Database

HELD = "(SELECT article_id FROM held WHERE until > ?)"
"""The ids of the articles under an embargo at a time, in seconds since 1970."""

LOOKED_AT = 10_000
"""Passages that are weighed for one search, where more have some of the words.

A question of frequent words does not read the archive: its rarest words say which passages are
weighed, as long as they have no more together, and the others only add to the scores of those.
"""


class FullText(Protocol):
    """Finds passages by words, each in any of its forms, and by words that stand side by side.

    The engines take from here what is the same in both.

    Raises:
        ArchiveUnreadable: from any method, when the database cannot be read or written.
    """

    _database: Database

    def add(self, title: str, passages: Sequence[tuple[int, str]]) -> None:
        """Index passages, numbers and texts, with the title of their article."""
        ...

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove passages from the index."""
        ...

    def counting(self) -> AbstractContextManager[None]:
        """Count all that is added and removed inside the `with` block together, at its end."""
        ...

    def ranked(
        self, words: Iterable[str], limit: int, among: Collection[int] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the passages with any of the words, best first by BM25.

        A higher score is better. Those under an embargo are left out, and with `among`, the
        numbers of some passages, all others. At most `LOOKED_AT` or so are weighed.
        """
        ...

    def weighs_all(self, words: Iterable[str]) -> bool:
        """Return whether all passages with any of the words are weighed by `ranked`."""
        ...

    def with_phrase(
        self,
        phrase: str,
        *,
        in_title: bool = False,
        among: Collection[int] | None = None,
        most: int | None = None,
    ) -> list[int]:
        """Return the numbers of the passages with words side by side, each in any of its forms.

        They stand in the passage, or in the title of its article.
        """
        ...

    def selecting(self, phrase: str) -> Sql:
        """Return the query for the numbers of the passages `with_phrase`."""
        ...

    def texts(self, numbers: Iterable[int]) -> Iterator[tuple[int, str, str]]:
        """Yield the numbers of some passages with the titles of their articles and their texts."""
        sql = "SELECT rowid, title, text FROM passage_text WHERE rowid IN (?)"
        yield from look_up(self._database, sql, numbers)

    def has(self, words: str) -> bool:
        """Return whether a passage has some words side by side, each in any of its forms."""
        return bool(self.with_phrase(words, most=1))

    def count(self, word: str) -> int:
        """Return how many passages have a word, in any of its forms."""
        ...


def terms_of(words: Iterable[str]) -> list[str]:
    """Return the words that a full-text query can have, as it has them in quotation marks."""
    return [re.sub('[\0"]', " ", word) for word in words if re.search(r"\w", word)]


def exactly(
    text: FullText, phrase: str, numbers: Iterable[int], *, in_title: bool = False
) -> Iterator[int]:
    """Yield those of some passages that have a phrase as it is, not in other forms of its words."""
    wanted = plain(phrase)
    for number, title, body in text.texts(numbers):
        if has_phrase(title if in_title else f"{title}\n{body}", wanted):
            yield number
