"""Sketches: a sample of an article's runs of words, by which its likely copies are looked up.

A run is kept where its hash is a multiple of a number (Manber, "Finding Similar Files in a Large
File System", 1994), so that two articles keep the same of the runs that they share. Unlike
MinHash, which compares whole articles, a part of a long article has its share of the long one's.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from retrieval.archive.batches import batched
from retrieval.archive.likeness import plain
from retrieval.archive.lookups import look_up
from retrieval.databases.database import Database

RUN = 5
"""Words of a run: shorter ones stand in unrelated articles too, longer ones miss edited texts."""

ONE_IN = 8
"""One run of this many is kept: about 40 of an article of 350 words."""

MOST_KEPT = 400
"""The most that is kept of an article: of the first 3,200 words or so."""

LEAST_SHARED = 0.2
"""The least share of the smaller sketch: half of the least that copies of the development set
share."""

MOST_OF_A_RUN = 100
"""The most articles looked at for a run of words, oldest first: set phrases have thousands."""

MOST_COMPARED = 16
"""The most likely copies whose sentences are compared with an article's."""

_AT_ONCE = 100
"""Runs that one statement looks up: a server answers it as soon as one for a single run."""

_WORD = re.compile(r"[^\W_]+")


def sketch(body: str) -> array[int]:
    """Return the hashes (48 bits each) of the runs of an article that are kept, each once."""
    words = _WORD.findall(plain(body).lower())
    kept: dict[int, None] = {}
    for at in range(max(1, len(words) - RUN + 1)):
        text = " ".join(words[at : at + RUN])
        value = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())
        if value % ONE_IN == 0:
            kept[value] = None
            if len(kept) == MOST_KEPT:
                break
    return array("q", kept)


class Unstored:
    """The sketches of articles that are not stored yet, looked up beside those that are."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.holders: dict[int, list[str]] = defaultdict(list)

    def add(self, article_id: str, hashes: array[int]) -> None:
        """Add an article's."""
        self.sizes[article_id] = len(hashes)
        for run in hashes:
            self.holders[run].append(article_id)


class Sketches:
    """The sketches of stored articles, and a table of the articles that have each run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def likely(self, hashes: array[int], unstored: Unstored, without: Collection[str]) -> list[str]:
        """Return the ids of an article's likely copies, best first.

        Stored articles that are `without` do not count. A run counts for less, the more articles
        have it.
        """
        shared: Counter[int | str] = Counter()
        weights: dict[int | str, float] = defaultdict(float)
        stored = self._holders(hashes)
        for run in hashes:
            holders: list[int | str] = [*stored[run], *unstored.holders.get(run, ())]
            for holder in holders:
                shared[holder] += 1
                weights[holder] += 1 / len(holders)
        best = sorted(weights, key=lambda holder: -weights[holder])[: 4 * MOST_COMPARED]
        known: dict[int | str, tuple[str, int]] = {i: (i, n) for i, n in unstored.sizes.items()}
        for number, i, size in self._stored([holder for holder in best if isinstance(holder, int)]):
            if i not in without:
                known[number] = i, size
        found = (
            known[holder][0]
            for holder in best
            if holder in known and _enough(shared[holder], known[holder][1], len(hashes))
        )
        return list(found)[:MOST_COMPARED]

    def write(self, sketches: Mapping[str, array[int]]) -> None:
        """Store the sketches of some articles that have none."""
        for article_id, hashes in sketches.items():
            number = self._database.one(
                "INSERT INTO sketches (article_id, hashes) VALUES (?, ?) RETURNING number",
                article_id,
                hashes.tobytes(),
            )
            for some in batched(hashes, _AT_ONCE):
                marks = ",".join([f"(?, {number})"] * len(some))
                self._database.write(f"INSERT INTO runs (hash, number) VALUES {marks}", *some)

    def forget(self, article_ids: Iterable[str]) -> None:
        """Remove the sketches of some articles."""
        ids = list(article_ids)
        sql = "SELECT number, hashes FROM sketches WHERE article_id IN (?)"
        for number, hashes in look_up(self._database, sql, ids):
            rows = [(run, number) for run in array("q", hashes)]
            self._database.write_many("DELETE FROM runs WHERE hash = ? AND number = ?", rows)
        self._database.write_many("DELETE FROM sketches WHERE article_id = ?", [(i,) for i in ids])

    def _holders(self, hashes: Iterable[int]) -> dict[int, list[int]]:
        """Return the stored articles that have some runs, the oldest of each, by their numbers."""
        found: dict[int, list[int]] = defaultdict(list)
        one = f"SELECT hash, number FROM runs WHERE hash = ? ORDER BY number LIMIT {MOST_OF_A_RUN}"
        for some in batched(hashes, _AT_ONCE):
            sql = " UNION ALL ".join([f"SELECT * FROM ({one}) oldest"] * len(some))
            for run, number in sorted(self._database.rows(sql, *some)):
                found[run].append(number)
        return found

    def _stored(self, numbers: Sequence[int]) -> list[tuple[int, str, int]]:
        """Return the number, article and size of some stored sketches."""
        sql = "SELECT number, article_id, length(hashes) / 8 FROM sketches WHERE number IN (?)"
        return [*look_up(self._database, sql, numbers)]


def _enough(shared: int, size: int, other: int) -> bool:
    """Return whether two sketches of some sizes have enough in common to look closer."""
    least = min(size, other)
    return shared >= max(1 if least <= 3 else 2, LEAST_SHARED * least)
