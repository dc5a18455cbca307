"""Measures how well copies are told from other articles, by the pairs of a half.

.venv/bin/python -m tests.quality.copies.measure dev
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from retrieval.archive.catalog import Catalog
from retrieval.archive.copies import Copies
from retrieval.archive.homes import catalog_in
from tests.quality.copies.pairs import Pair, load


@dataclass(frozen=True, slots=True)
class Measured:
    """The pairs of a half, and which of them were taken for copies."""

    pairs: list[Pair]
    taken: list[Pair]

    @property
    def right(self) -> int:
        """Return how many copies were taken for copies."""
        return sum(pair.is_copy for pair in self.taken)

    @property
    def precision(self) -> float:
        """Return the share of copies among what was taken for them."""
        return self.right / len(self.taken)

    @property
    def recall(self) -> float:
        """Return the share of the copies that was taken for them."""
        return self.right / sum(pair.is_copy for pair in self.pairs)

    @property
    def wrong(self) -> list[Pair]:
        """Return the pairs that were taken for what they are not."""
        return [pair for pair in self.pairs if pair.is_copy != (pair in self.taken)]


def measure(half: str, catalog: Catalog) -> Measured:
    """Place the two articles of each pair of a half, with an empty catalog."""
    copies, pairs = Copies(catalog), load(half)
    taken = [p for p in pairs if p.other.id in copies.place([p.one, p.other]).links[p.one.id]]
    return Measured(pairs, taken)


def main(half: str) -> None:
    """Print the figures of a half."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(half, catalog_in(Path(folder) / "catalog.db"))
    copies = sum(pair.is_copy for pair in found.pairs)
    print(f"{half}: {len(found.pairs)} pairs, {copies} of them copies")
    print(f"precision {found.precision:.3f} ({found.right} of {len(found.taken)})")
    print(f"recall    {found.recall:.3f} ({found.right} of {copies})")
    right = Counter(pair.kind for pair in found.pairs if pair not in found.wrong)
    for kind, count in Counter(pair.kind for pair in found.pairs).items():
        print(f"  {kind:12} {right[kind]} of {count} right")
    for pair in found.wrong:
        print(f"wrong: {pair.other.uri} and {pair.one.uri}")


if __name__ == "__main__":
    main(sys.argv[1])
