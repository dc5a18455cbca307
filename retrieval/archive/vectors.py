"""Passage vectors in Chroma. Only this module turns Chroma's distances into similarities.

Chroma writes vectors to a log in SQLite, which survives a killed process. After every
`sync_threshold` vectors it also writes its HNSW graph to files, in place; a process killed
meanwhile leaves files that crash the next reader. So collections have a threshold that is never
reached, and `VectorStore.compact` writes the graph for a copy, which then replaces the collection.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from retrieval.errors import ArchiveUnreadable, IndexMismatch, NewsdeskError, SettingsError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import QueryResult

T = TypeVar("T")

_BATCH = 2000
"""Vectors per call to Chroma, which is limited by the variables that SQLite can bind."""

_NEVER = 2**31 - 1
"""A `sync_threshold` that is never reached, so that Chroma does not write its graph to files."""

_PAUSES = (0.0, 0.1, 0.5)
"""Seconds to wait before each new try of what failed."""

_COPY_SUFFIX = ".next"
"""Suffix of the name of a collection's compacted copy until the copy replaces it."""

_CHECKSUMS = "graph.json"
"""The file with the SHA-256 sums of the graph's files, in the same folder."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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


class VectorStore:
    """One collection of a Chroma folder on disk, compared by cosine.

    Args:
        folder: Chroma's folder, which is created when the first vector is written.
        collection: the name of the index (see `retrieval.archive.index.index_name`).

    Raises:
        ArchiveUnreadable: from any method, when Chroma cannot use its files.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self.folder = folder
        self.collection = collection
        self._client: ClientAPI | None = None
        self._opened: Collection | None = None
        self._copy: TemporaryDirectory[str] | None = None
        self._lock = Lock()

    def warm_up(self) -> None:
        """Import Chroma and open the collection now, so that the first search is not slower."""
        self._trying(self._find)

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return at most `limit` passage ids with their cosine similarity (-1 to 1), best first."""

        def ask(collection: Collection) -> QueryResult:
            return collection.query(
                query_embeddings=[vector.tolist()], n_results=limit, include=["distances"]
            )

        found = self._read(ask)
        if found is None:
            return []
        distances = found["distances"] or [[]]
        return [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    def rank(
        self, vector: npt.NDArray[np.float32], passage_ids: Sequence[str]
    ) -> list[tuple[str, float]]:
        """Return these passages with their cosine similarity, best first; some have no vector."""

        def score(collection: Collection) -> list[tuple[str, float]]:
            scored: list[tuple[str, float]] = []
            for at in range(0, len(passage_ids), _BATCH):
                ids = list(passage_ids[at : at + _BATCH])
                found = collection.get(ids=ids, include=["embeddings"])
                held = np.asarray(found["embeddings"], dtype=np.float32).reshape(-1, len(vector))
                cosines = held @ vector / (np.linalg.norm(held, axis=1) * np.linalg.norm(vector))
                scored += zip(found["ids"], cosines.tolist(), strict=True)
            return scored

        ranked = self._read(score) or []
        return sorted(ranked, key=lambda pair: -pair[1])

    def get(self, passage_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the vectors of these passages by their ids; some have none."""

        def fetch(collection: Collection) -> dict[str, npt.NDArray[np.float32]]:
            held: dict[str, npt.NDArray[np.float32]] = {}
            for at in range(0, len(passage_ids), _BATCH):
                ids = list(passage_ids[at : at + _BATCH])
                found = collection.get(ids=ids, include=["embeddings"])
                vectors = np.asarray(found["embeddings"], dtype=np.float32)
                held.update(zip(found["ids"], vectors, strict=True))
            return held

        return self._read(fetch) or {}

    def put(self, passage_ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Store `vectors`, of shape (passages, dimensions); an earlier vector is replaced."""

        def write() -> None:
            collection = self._writable() or self._create(self.collection, _NEVER)
            for at in range(0, len(passage_ids), _BATCH):
                part = slice(at, at + _BATCH)
                collection.upsert(ids=list(passage_ids[part]), embeddings=vectors[part])

        self._trying(write)

    def remove(self, passage_ids: Iterable[str]) -> None:
        """Remove vectors, ignoring ids that have none."""
        ids = list(passage_ids)

        def delete() -> None:
            collection = self._writable()
            for at in range(0, len(ids) if collection else 0, _BATCH):
                assert collection is not None
                collection.delete(ids=ids[at : at + _BATCH])

        self._trying(delete)

    def count(self) -> int:
        """Return how many vectors the collection holds."""
        return self._read(lambda collection: collection.count()) or 0

    def missing(self, passage_ids: Sequence[str]) -> list[str]:
        """Return the ids, of those given, that have no vector."""

        def look(collection: Collection) -> set[str]:
            held: set[str] = set()
            for at in range(0, len(passage_ids), _BATCH):
                ids = list(passage_ids[at : at + _BATCH])
                held.update(collection.get(ids=ids, include=[])["ids"])
            return held

        held = self._read(look) or set()
        return [passage_id for passage_id in passage_ids if passage_id not in held]

    def drop_others(self) -> None:
        """Delete the folder's other collections, which were made with earlier settings."""
        self._trying(self._drop_others)

    def _drop_others(self) -> None:
        self._writable()
        client = self._open()
        for other in client.list_collections():
            if other.name != self.collection:
                client.delete_collection(other.name)
        self._remove_orphaned_folders()

    def compact(self) -> None:
        """Write Chroma's graph to files, so that opening does not rebuild it from the log.

        The graph is written for a copy, which replaces the collection when it is complete. A
        process killed at any point leaves one of the two whole.
        """
        self._trying(self._compact)

    def _compact(self) -> None:
        collection = self._writable()
        total = collection.count() if collection else 0
        if collection is None or not total:
            return
        client, name = self._open(), self.collection + _COPY_SUFFIX
        if any(other.name == name for other in client.list_collections()):
            client.delete_collection(name)
        copy = self._create(name, total)
        for at in range(0, total, _BATCH):
            part = collection.get(limit=_BATCH, offset=at, include=["embeddings"])
            copy.upsert(ids=part["ids"], embeddings=part["embeddings"])
        copy.modify(configuration={"hnsw": {"sync_threshold": _NEVER}})
        client.delete_collection(self.collection)
        copy.modify(name=self.collection)
        self._remove_orphaned_folders()
        self._close()  # an open collection keeps the threshold it was opened with
        self._write_checksums()

    def reopen(self) -> None:
        """Reopen Chroma, whose client does not see what other processes write after it opened."""
        with self._lock, self._translating_errors():
            self._close()

    def close(self) -> None:
        """Close Chroma's files."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._client is not None:
            self._opened = None
            self._client.close()  # type: ignore[attr-defined]  # of Client, not in ClientAPI
            self._client = None
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None

    def _open(self) -> ClientAPI:
        if self._client is None:
            self._verify_checksums()
            load_chroma()
            import chromadb
            from chromadb.config import Settings

            # Set explicitly, so that no CHROMA_ variable or .env of another program sends our
            # vectors or traces to a server.
            settings = Settings(
                chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
                chroma_otel_collection_endpoint="",
                chroma_otel_granularity="none",
                anonymized_telemetry=False,
            )
            self._client = chromadb.PersistentClient(self._writable_folder(), settings=settings)
        return self._client

    def _writable_folder(self) -> str:
        """Return the folder, or a copy where it is read-only: Chroma writes even to read."""
        if not self.folder.exists() or os.access(self.folder, os.W_OK):
            return str(self.folder)
        self._copy = TemporaryDirectory(prefix="newsdesk-vectors-")
        return str(shutil.copytree(self.folder, Path(self._copy.name, "chroma")))

    def _find(self) -> Collection | None:
        """Return the collection, or None if it does not exist yet; reading never creates it.

        If only the compacted copy exists, a process is about to rename it or was killed before
        it could.
        """
        if self._opened is not None or not self.folder.exists():
            return self._opened
        from chromadb.errors import NotFoundError

        for name in (self.collection, self.collection + _COPY_SUFFIX, self.collection):
            try:
                self._opened = self._open().get_collection(name, embedding_function=None)
            except NotFoundError:
                continue
            return self._opened
        return None

    def _writable(self) -> Collection | None:
        """Return the collection for writing, and create it if needed."""
        collection = self._find()
        if collection is not None and collection.name != self.collection:
            collection.modify(name=self.collection)
        return collection

    def _create(self, name: str, sync_threshold: int) -> Collection:
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

    def _trying(self, work: Callable[[], T]) -> T:
        """Return what some work returns that may be done twice; if it fails, it is tried again.

        Chroma does most things in several steps, between which another process may compact the
        index, replace it or lock the file. It is opened anew each time.
        """
        with self._lock, self._translating_errors():
            for pause in _PAUSES:
                try:
                    return work()
                except NewsdeskError:
                    raise
                except Exception:  # it says of some of these no more than "Error finding id"
                    self._close()
                    time.sleep(pause)
            return work()

    def _read(self, use: Callable[[Collection], T]) -> T | None:
        """Return what `use` reads of the collection, or None if there is none yet."""

        def read() -> T | None:
            collection = self._find()
            return None if collection is None else use(collection)

        return self._trying(read)

    def _write_checksums(self) -> None:
        """Write the checksums of the graph's files. A damaged file would crash the process."""
        sums = {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in self.folder.iterdir()
            if folder.is_dir() and _UUID.fullmatch(folder.name)
            for path in folder.iterdir()
        }
        draft = self.folder / f"{_CHECKSUMS}.new"
        draft.write_text(json.dumps(sums), encoding="utf-8")
        draft.replace(self.folder / _CHECKSUMS)

    def _verify_checksums(self) -> None:
        """Compare the graph's files with their checksums, ignoring folders that were replaced."""
        checksums = self.folder / _CHECKSUMS
        sums = json.loads(checksums.read_text(encoding="utf-8")) if checksums.exists() else {}
        for name, expected in sums.items():
            path = self.folder / name
            if not path.parent.exists():
                continue
            held = path.read_bytes() if path.exists() else b""
            if hashlib.sha256(held).hexdigest() != expected and path.parent.exists():
                raise ValueError(f"{name} is damaged")

    def _remove_orphaned_folders(self) -> None:
        """Delete the folders of deleted collections, which Chroma leaves behind."""
        try:
            with closing(sqlite3.connect(self.folder / "chroma.sqlite3")) as chroma:
                held = {row[0] for row in chroma.execute("SELECT id FROM segments")}
        except sqlite3.Error:  # a Chroma with another schema: keep a folder rather than lose one
            return
        for path in self.folder.iterdir():
            if path.is_dir() and _UUID.fullmatch(path.name) and path.name not in held:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Turn any error of Chroma into an ArchiveUnreadable that says what to do."""
        try:
            yield
        except NewsdeskError:
            raise
        except Exception as error:  # Chroma raises sqlite3's, its Rust core's and its own
            text = (str(error).strip() or type(error).__name__).splitlines()[0]
            if "disk is full" in text or "No space left" in text:
                message = f"The disk that holds {self.folder} is full: free some space."
            elif "database is locked" in text:
                message = f"{self.folder} is in use by another program: try again in a moment."
            elif "with dimension of" in text:
                raise IndexMismatch(
                    f"The encoder now gives vectors of another length ({text[:200]}): put back the "
                    f"model that made the index, or move {self.folder} away and run `newsdesk "
                    "ingest --rebuild`."
                ) from error
            else:
                message = (
                    f"The vector store {self.folder} cannot be used ({text[:200]}). Nothing was "
                    "deleted. Move that folder away and run `newsdesk ingest --rebuild`."
                )
            raise ArchiveUnreadable(message) from error
