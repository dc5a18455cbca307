"""Counts the words of all passages as they come and go, so that nobody has to read them all.

By these words the spelling of a question is corrected.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterable

from retrieval.archive.batches import batched
from retrieval.databases.database import MOST_VARIABLES, Database

_WORD = re.compile(r"[^\W\d_]+")

_LAST = "\U0010ffff"
"""No letter comes behind it."""


class Vocabulary:
    """The words of an archive's titles and passages: each as it is written, with its count.

    A title counts once for each of its article's passages. Writes in the caller's transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, texts: Iterable[str]) -> None:
        """Count the words of titles and passages that are stored."""
        counts = sorted(written(texts).items())  # in one order, so that two writers never deadlock
        for some in batched(counts, MOST_VARIABLES // 3):
            marks = ",".join(["(?, ?, ?)"] * len(some))
            self._database.write(
                f"INSERT INTO words (word, form, count) VALUES {marks} "
                "ON CONFLICT (word, form) DO UPDATE SET count = words.count + excluded.count",
                *(value for form, count in some for value in (form.lower(), form, count)),
            )

    def remove(self, texts: Iterable[str]) -> None:
        """Count the words of titles and passages no more."""
        counts = sorted(written(texts).items())
        self._database.write_many(
            "UPDATE words SET count = count - ? WHERE word = ? AND form = ?",
            [(count, form.lower(), form) for form, count in counts],
        )
        self._database.write_many(
            "DELETE FROM words WHERE word = ? AND form = ? AND count <= 0",
            [(form.lower(), form) for form, _ in counts],
        )

    def forms(self, word: str) -> dict[str, int]:
        """Return the forms in which a word in lower case is written, with their counts.

        What is under an embargo does not count.
        """
        held = self._held()
        rows = self._database.rows("SELECT form, count FROM words WHERE word = ?", word)
        return {form: count - held[form] for form, count in rows if count > held[form]}

    def beginning(self, letters: str, shortest: int, longest: int) -> list[str]:
        """Return the words, in lower case, of some lengths that begin with some letters."""
        rows = self._database.rows(
            "SELECT DISTINCT word FROM words WHERE word >= ? AND word < ? "
            "AND length(word) BETWEEN ? AND ?",
            letters,
            letters + _LAST,
            shortest,
            longest,
        )
        return [row[0] for row in rows]

    def _held(self) -> Counter[str]:
        """Return the words of the articles under an embargo, of which there are few."""
        rows = self._database.rows(
            # In this order: SQLite would look through all passages for those that are held.
            "SELECT t.title, t.text FROM held h CROSS JOIN passages p CROSS JOIN passage_text t "
            "WHERE h.until > ? AND p.article_id = h.article_id AND t.rowid = p.number",
            time.time(),
        )
        return written(text for row in rows for text in row)


def written(texts: Iterable[str]) -> Counter[str]:
    """Return the words of some texts as they are written, with their counts."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text))
    return counts


def as_json(title: str, text: str) -> str:
    """Return the words of a passage and its title with their counts, for a schema's SQL."""
    return json.dumps(written([title, text]))
