"""Passage vectors in Chroma. Distances become similarities here and nowhere else.

What is written goes to Chroma's log, in SQLite, and survives a killed process. Chroma also writes
its graph of the vectors to files, in place, every so many vectors, and a process killed while it
does so leaves files that crash whoever reads them. So collections are told never to do that, and
`VectorStore.compact` has it done now and then for a copy that takes the collection's place.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import ArchiveUnreadable, NewsdeskError, SettingsError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import QueryResult

_WRITE_BATCH = 2000
"""Vectors a call, below the limit that SQLite's bound variables set for Chroma."""

_NEVER = 2**31 - 1
"""As Chroma's `sync_threshold`, the number of vectors after which it writes its graph to files."""

_SUCCESSOR = ".next"
"""What is added to a collection's name for its copy until that takes its place."""

_SEAL = "graph.json"
"""The note of what the graph's files hold, beside them."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def load_chroma() -> None:
    """Import Chroma, which takes most of a second.

    Raises:
        SettingsError: one of its own variables has a value that it cannot use.
    """
    try:
        import chromadb.config  # noqa: F401
    except ValueError as error:
        raise SettingsError(
            "Chroma cannot use a CHROMA_ variable of the environment or .env: "
            + " ".join(str(error).split())[:200]
        ) from error


class VectorStore:
    """One collection of a Chroma folder on disk, compared by cosine.

    Args:
        folder: Chroma's folder; made when the first vector is written.
        collection: the name of the index (see `retrieval.archive.index.index_name`).

    Raises:
        ArchiveUnreadable: from any method, when Chroma cannot use its files.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self.folder = folder
        self.collection = collection
        self._client: ClientAPI | None = None
        self._found: Collection | None = None
        self._lock = Lock()

    def warm_up(self) -> None:
        """Import Chroma and open the collection, so that the first search need not."""
        with self._lock, self._explained():
            self._existing()

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine similarity, -1 to 1, best first; at most `limit`."""
        with self._lock, self._explained():
            found = self._query(vector, limit)
        if found is None:
            return []
        distances = found["distances"] or [[]]
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    def put(self, passage_ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Store one vector a passage, in place of an earlier one."""
        with self._lock, self._explained():
            collection = self._settled() or self._made(self.collection, _NEVER)
            for at in range(0, len(passage_ids), _WRITE_BATCH):
                part = slice(at, at + _WRITE_BATCH)
                collection.upsert(ids=list(passage_ids[part]), embeddings=vectors[part])

    def remove(self, passage_ids: Iterable[str]) -> None:
        """Remove vectors; those that are not there are passed over."""
        ids = list(passage_ids)
        with self._lock, self._explained():
            collection = self._settled()
            for at in range(0, len(ids) if collection else 0, _WRITE_BATCH):
                assert collection is not None
                collection.delete(ids=ids[at : at + _WRITE_BATCH])

    def count(self) -> int:
        """Return how many vectors the collection holds."""
        with self._lock, self._explained():
            collection = self._existing()
            return collection.count() if collection else 0

    def missing(self, passage_ids: Sequence[str]) -> list[str]:
        """Return the ids, of those given, that have no vector."""
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
            self._settled()
            client = self._open()
            for other in client.list_collections():
                if other.name != self.collection:
                    client.delete_collection(other.name)
            self._remove_left_folders()

    def compact(self) -> None:
        """Have Chroma write its graph to files, so that opening need not make it from the log.

        The graph is written for a copy of the collection, which takes its place when it is
        complete. A process killed at any point leaves the one or the other.
        """
        with self._lock, self._explained():
            collection = self._settled()
            total = collection.count() if collection else 0
            if collection is None or not total:
                return
            client, name = self._open(), self.collection + _SUCCESSOR
            if any(other.name == name for other in client.list_collections()):
                client.delete_collection(name)
            successor = self._made(name, total)
            for at in range(0, total, _WRITE_BATCH):
                part = collection.get(limit=_WRITE_BATCH, offset=at, include=["embeddings"])
                successor.upsert(ids=part["ids"], embeddings=part["embeddings"])
            successor.modify(configuration={"hnsw": {"sync_threshold": _NEVER}})
            client.delete_collection(self.collection)
            successor.modify(name=self.collection)
            self._remove_left_folders()
            self._close()  # a collection that is open goes by the threshold it was opened with
            self._seal()

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
            self._check_seal()
            load_chroma()
            import chromadb
            from chromadb.config import Settings

            # Said outright, so that no CHROMA_ variable or .env of another program sends our
            # vectors, or traces of our work, to a server.
            settings = Settings(
                chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
                chroma_otel_collection_endpoint="",
                anonymized_telemetry=False,
            )
            self._client = chromadb.PersistentClient(str(self.folder), settings=settings)
        return self._client

    def _existing(self) -> Collection | None:
        """Return the collection, or None if it does not exist yet; reading never creates it.

        Where only its successor is there, a process has died just before renaming it, or is
        about to.
        """
        if self._found is not None or not self.folder.exists():
            return self._found
        from chromadb.errors import NotFoundError

        for name in (self.collection, self.collection + _SUCCESSOR, self.collection):
            try:
                self._found = self._open().get_collection(name, embedding_function=None)
            except NotFoundError:
                continue
            return self._found
        return None

    def _settled(self) -> Collection | None:
        """Return the collection for writing, and create it if needed."""
        collection = self._existing()
        if collection is not None and collection.name != self.collection:
            collection.modify(name=self.collection)
        return collection

    def _made(self, name: str, sync_threshold: int) -> Collection:
        return self._open().create_collection(
            name,
            configuration={
                "hnsw": {
                    "space": "cosine",
                    "ef_search": 100,
                    "sync_threshold": sync_threshold,
                    "batch_size": min(100, sync_threshold),
                }
            },
            embedding_function=None,
        )

    def _query(self, vector: npt.NDArray[np.float32], limit: int) -> QueryResult | None:
        from chromadb.errors import NotFoundError

        for last in (False, True):
            collection = self._existing()
            if collection is None:
                break
            try:
                return collection.query(
                    query_embeddings=[vector.tolist()], n_results=limit, include=["distances"]
                )
            except NotFoundError:  # another process has just compacted or rebuilt the index
                if last:
                    raise
                self._close()
        return None

    def _seal(self) -> None:
        """Note what the graph's files hold: Chroma reads a damaged one until the process dies."""
        sums = {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in self.folder.iterdir()
            if folder.is_dir() and _UUID.fullmatch(folder.name)
            for path in folder.iterdir()
        }
        draft = self.folder / f"{_SEAL}.new"
        draft.write_text(json.dumps(sums), encoding="utf-8")
        draft.replace(self.folder / _SEAL)

    def _check_seal(self) -> None:
        """Compare the graph's files with the note; folders that are gone have been replaced."""
        seal = self.folder / _SEAL
        sums = json.loads(seal.read_text(encoding="utf-8")) if seal.exists() else {}
        for name, expected in sums.items():
            path = self.folder / name
            if not path.parent.exists():
                continue
            held = path.read_bytes() if path.exists() else b""
            if hashlib.sha256(held).hexdigest() != expected and path.parent.exists():
                raise ValueError(f"{name} is damaged")

    def _remove_left_folders(self) -> None:
        """Delete the folders of deleted collections, which Chroma leaves behind."""
        try:
            with closing(sqlite3.connect(self.folder / "chroma.sqlite3")) as chroma:
                held = {row[0] for row in chroma.execute("SELECT id FROM segments")}
        except sqlite3.Error:  # a Chroma that keeps its books differently: better too much than
            return  # too little
        for path in self.folder.iterdir():
            if path.is_dir() and _UUID.fullmatch(path.name) and path.name not in held:
                shutil.rmtree(path, ignore_errors=True)

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
