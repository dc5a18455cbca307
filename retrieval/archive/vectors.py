"""What the archive asks of a store of vectors, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class VectorStore(Protocol):
    """The vectors of one archive's passages, made by one encoder, and compared by cosine.

    A store knows nothing of articles: it may hold vectors of passages that the catalog does not
    list, and who searches leaves those out. Several threads and processes may share a store.

    Raises:
        ArchiveError: from any method, when the vectors cannot be had.
    """

    @property
    def collection(self) -> str:
        """Return the name of the index (see `retrieval.archive.index.index_name`)."""
        ...

    def warm_up(self) -> None:
        """Load and open what the first search would otherwise wait for."""
        ...

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return at most `limit` passage ids with their cosine similarity (-1 to 1), best first."""
        ...

    def rank(
        self, vector: npt.NDArray[np.float32], passage_ids: Sequence[str]
    ) -> list[tuple[str, float]]:
        """Return these passages with their cosine similarity, best first; some have no vector."""
        ...

    def get(self, passage_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the vectors of these passages by their ids; some have none."""
        ...

    def put(self, passage_ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Store `vectors`, of shape (passages, dimensions); an earlier vector is replaced.

        Raises:
            IndexMismatch: the vectors that are stored have another length.
        """
        ...

    def remove(self, passage_ids: Iterable[str]) -> None:
        """Remove vectors, ignoring ids that have none."""
        ...

    def count(self) -> int:
        """Return how many vectors there are."""
        ...

    def missing(self, passage_ids: Sequence[str]) -> list[str]:
        """Return the ids, of those given, that have no vector."""
        ...

    def drop_others(self) -> None:
        """Delete the archive's vectors that were made with other settings."""
        ...

    def compact(self) -> None:
        """Bring what was written into the form that is opened fastest."""
        ...

    def reopen(self) -> None:
        """See what other processes have written since the store was opened."""
        ...

    def close(self) -> None:
        """Close files and connections; the next use opens them anew."""
        ...
