"""Vectors and their ids, for tests of what stores them."""

from __future__ import annotations

import numpy as np

from retrieval.archive.vectors import VectorStore

RANDOM = np.random.default_rng(11)
VECTORS = RANDOM.normal(size=(1300, 32)).astype(np.float32)
IDS = [f"p{n}" for n in range(len(VECTORS))]


def fill(store: VectorStore, count: int, first: int = 0) -> None:
    """Store some of the vectors."""
    store.put(IDS[first : first + count], VECTORS[first : first + count])


def nearest_to(store: VectorStore, number: int) -> str:
    """Return the id of the stored vector that is nearest to one of them."""
    return store.nearest(VECTORS[number], 1)[0][0]
