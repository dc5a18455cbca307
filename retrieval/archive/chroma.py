"""What Chroma in a folder and Chroma's server have in common.

Only this module turns Chroma's distances into similarities.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from retrieval.archive.batches import batched
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings

T = TypeVar("T")
Vectors = dict[str, npt.NDArray[np.float32]]

BATCH = 2000
"""Vectors per call to Chroma, which is limited by the variables that SQLite can bind."""

PAUSES = (0.0, 0.1, 0.5)
"""Seconds to wait before each new try of what failed."""


def load_chroma() -> None:
    """Import Chroma, which takes most of a second.

    Raises:
        SettingsError: a CHROMA_ variable has a value that Chroma cannot use.
    """
    try:
        import chromadb.config  # noqa: F401
    except ValueError as error:
        raise SettingsError(
            "Chroma cannot use a CHROMA_ variable of the environment or .env: "
            + " ".join(str(error).split())[:200]
        ) from error


def chroma_settings(**values: Any) -> Settings:
    """Return Chroma's settings with these values and its defaults.

    No CHROMA_ variable or .env of another program is read, which might send vectors, a token or
    traces to a server.
    """
    load_chroma()
    return _own_settings()(anonymized_telemetry=False, **values)


@cache
def _own_settings() -> type[Settings]:
    from chromadb.config import Settings

    class OwnSettings(Settings):
        @classmethod
        def settings_customise_sources(  # type: ignore[override]
            cls, _: Any, init_settings: Any, **__: Any
        ) -> Any:
            return (init_settings,)

    return OwnSettings


class ChromaStore(ABC):
    """A `VectorStore` in one or more collections of Chroma, between which no id is shared.

    Args:
        collection: the name of the index (see `retrieval.archive.index.index_name`).
    """

    def __init__(self, collection: str) -> None:
        self.collection = collection

    @abstractmethod
    def _trying(self, work: Callable[[], T]) -> T:
        """Return what some work returns that may be done twice, with errors people can use."""

    @abstractmethod
    def _collections(self) -> list[Collection]:
        """Return the collections that hold the vectors, the largest first.

        Reading never creates one.
        """

    @abstractmethod
    def _writable(self) -> Collection:
        """Return the collection that takes new vectors, which is created if needed."""

    def _batch(self) -> int:
        """Return how many vectors or ids one call may have."""
        return BATCH

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return at most `limit` passage ids with their cosine similarity (-1 to 1), best first."""

        def ask() -> Iterator[tuple[str, float]]:
            for collection in self._collections():
                found = collection.query(
                    query_embeddings=[vector.tolist()], n_results=limit, include=["distances"]
                )
                distances = (found["distances"] or [[]])[0]
                yield from zip(found["ids"][0], (1.0 - float(d) for d in distances), strict=True)

        return _best_first(self._trying(lambda: [*ask()]))[:limit]

    def rank(
        self, vector: npt.NDArray[np.float32], passage_ids: Sequence[str]
    ) -> list[tuple[str, float]]:
        """Return these passages with their cosine similarity, best first; some have no vector."""
        held = self.get(passage_ids)
        if not held:
            return []
        rows = np.stack([*held.values()])
        cosines = rows @ vector / (np.linalg.norm(rows, axis=1) * np.linalg.norm(vector))
        return _best_first(zip(held, cosines.tolist(), strict=True))

    def get(self, passage_ids: Sequence[str]) -> Vectors:
        """Return the vectors of these passages by their ids; some have none."""

        def fetch() -> Vectors:
            held: Vectors = {}
            for collection in self._collections():
                left = [i for i in passage_ids if i not in held]
                for ids in batched(left, self._batch()):
                    found = collection.get(ids=ids, include=["embeddings"])
                    vectors = np.asarray(found["embeddings"], dtype=np.float32)
                    held.update(zip(found["ids"], vectors, strict=True))
            return held

        return self._trying(fetch)

    def put(self, passage_ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Store `vectors`, of shape (passages, dimensions); an earlier vector is replaced."""

        def write() -> None:
            writable = self._writable()
            places = {passage_id: at for at, passage_id in enumerate(passage_ids)}
            for collection in self._collections():
                if collection.name != writable.name:
                    held = self._held(collection, [*places])
                    self._upsert(collection, {i: vectors[places.pop(i)] for i in held})
            self._upsert(writable, {i: vectors[at] for i, at in places.items()})

        self._trying(write)

    def remove(self, passage_ids: Iterable[str]) -> None:
        """Remove vectors, ignoring ids that have none."""
        ids = [*passage_ids]

        def delete() -> None:
            for collection in self._collections() if ids else []:
                for some in batched(ids, self._batch()):
                    collection.delete(ids=some)

        self._trying(delete)

    def count(self) -> int:
        """Return how many vectors there are."""
        return self._trying(lambda: sum(each.count() for each in self._collections()))

    def missing(self, passage_ids: Sequence[str]) -> list[str]:
        """Return the ids, of those given, that have no vector."""

        def look() -> list[str]:
            left = dict.fromkeys(passage_ids)
            for collection in self._collections():
                for passage_id in self._held(collection, [*left]):
                    del left[passage_id]
            return [*left]

        return self._trying(look)

    def _held(self, collection: Collection, passage_ids: Sequence[str]) -> list[str]:
        """Return the ids, of those given, that a collection has."""
        held: list[str] = []
        for ids in batched(passage_ids, self._batch()):
            held += collection.get(ids=ids, include=[])["ids"]
        return held

    def _upsert(self, collection: Collection, vectors: Vectors) -> None:
        for ids in batched(vectors, self._batch()):
            collection.upsert(ids=ids, embeddings=np.stack([vectors[i] for i in ids]))


def _best_first(scored: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(scored, key=lambda pair: -pair[1])
