"""Passage vectors in Chroma. Distances become similarities here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import ArchiveUnreadable, NewsdeskError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

_WRITE_BATCH = 2000
"""Vectors a call, below the limit that SQLite's bound variables set for Chroma."""


class VectorStore:
    """One collection of a Chroma folder on disk, compared by cosine.

    Args:
        folder: Chroma's folder; made when the first vector is written.
        collection: the name of the index (see `retrieval.index.index_name`).

    Raises:
        ArchiveUnreadable: from any method, when Chroma cannot use its files.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self.folder = folder
        self.collection = collection
        self._client: ClientAPI | None = None
        self._found: Collection | None = None
        self._lock = Lock()

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine similarity, -1 to 1, best first; at most `limit`."""
        with self._lock, self._explained():
            collection = self._existing()
            if collection is None:
                return []
            found = collection.query(
                query_embeddings=[vector], n_results=limit, include=["distances"]
            )
        distances = found["distances"] or [[]]
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    def put(self, passage_ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Store one vector a passage, in place of an earlier one."""
        with self._lock, self._explained():
            collection = self._open().get_or_create_collection(
                self.collection,
                configuration={"hnsw": {"space": "cosine", "ef_search": 100}},
                embedding_function=None,
            )
            for at in range(0, len(passage_ids), _WRITE_BATCH):
                part = slice(at, at + _WRITE_BATCH)
                collection.upsert(ids=list(passage_ids[part]), embeddings=vectors[part])

    def remove(self, passage_ids: Iterable[str]) -> None:
        """Remove vectors; those that are not there are passed over."""
        ids = list(passage_ids)
        with self._lock, self._explained():
            collection = self._existing()
            for at in range(0, len(ids) if collection else 0, _WRITE_BATCH):
                assert collection is not None
                collection.delete(ids=ids[at : at + _WRITE_BATCH])

    def count(self) -> int:
        """How many vectors the collection holds."""
        with self._lock, self._explained():
            collection = self._existing()
            return collection.count() if collection else 0

    def missing(self, passage_ids: Sequence[str]) -> list[str]:
        """Those of some passages that have no vector."""
        with self._lock, self._explained():
            collection = self._existing()
            held: set[str] = set()
            for at in range(0, len(passage_ids) if collection else 0, _WRITE_BATCH):
                assert collection is not None
                ids = list(passage_ids[at : at + _WRITE_BATCH])
                held.update(collection.get(ids=ids, include=[])["ids"])
        return [passage_id for passage_id in passage_ids if passage_id not in held]

    def drop_others(self) -> None:
        """Delete every other collection of the folder: indexes of settings no longer used."""
        with self._lock, self._explained():
            client = self._open()
            for other in client.list_collections():
                if other.name != self.collection:
                    client.delete_collection(other.name)

    def reopen(self) -> None:
        """See what other processes have written: a client never does after its first look."""
        with self._lock, self._explained():
            self._close()

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._client is not None:
            self._found = None
            self._client.close()  # type: ignore[attr-defined]  # of Client, not in ClientAPI
            self._client = None

    def _open(self) -> ClientAPI:
        if self._client is None:
            import chromadb  # noqa: PLC0415 - takes most of a second; `--help` need not wait
            from chromadb.config import Settings  # noqa: PLC0415

            self._client = chromadb.PersistentClient(
                str(self.folder), settings=Settings(anonymized_telemetry=False)
            )
        return self._client

    def _existing(self) -> Collection | None:
        """The collection, or None before its first vector; nothing is created by looking."""
        if self._found is not None or not self.folder.exists():
            return self._found
        from chromadb.errors import NotFoundError  # noqa: PLC0415

        try:
            self._found = self._open().get_collection(self.collection, embedding_function=None)
        except NotFoundError:
            return None
        return self._found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Chroma's many errors, as one of ours that says what to do."""
        try:
            yield
        except NewsdeskError:
            raise
        except Exception as error:  # Chroma raises sqlite3's, its Rust core's and its own
            text = (str(error).strip() or type(error).__name__).splitlines()[0]
            if "disk is full" in text or "No space left" in text:
                message = f"The disk that holds {self.folder} is full: free some space."
            else:
                message = (
                    f"The vector store {self.folder} cannot be used ({text[:200]}). Nothing was "
                    "deleted. Move that folder away and run `newsdesk ingest --rebuild`."
                )
            raise ArchiveUnreadable(message) from error
