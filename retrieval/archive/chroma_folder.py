"""Vectors in a Chroma folder on disk, which needs no server.

Chroma writes vectors to a log in SQLite, which survives a killed process. After every
`sync_threshold` vectors it also writes its HNSW graph to files, in place; a process killed
meanwhile leaves files that crash the next reader. So collections have a threshold that is never
reached, and `ChromaFolder.compact` writes the graph for a copy, which then replaces the
collection.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from retrieval.archive.chroma import BATCH, PAUSES, ChromaStore, chroma_settings
from retrieval.errors import ArchiveUnreadable, IndexMismatch, NewsdeskError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_NEVER = 2**31 - 1
"""A `sync_threshold` that is never reached, so that Chroma does not write its graph to files."""

_COPY_SUFFIX = ".next"
"""Suffix of the name of a collection's compacted copy until the copy replaces it."""

_NOBODY = "-"
"""An id that no passage has: deleting it changes nothing."""

_CHECKSUMS = "graph.json"
"""The file with the SHA-256 sums of the graph's files, in the same folder."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ChromaFolder(ChromaStore):
    """The vectors of one index in a Chroma folder.

    Args:
        folder: Chroma's folder, which is created when the first vector is written.
        collection: the name of the index (see `retrieval.archive.index.index_name`).

    Raises:
        ArchiveUnreadable: from any method, when Chroma cannot use its files.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        super().__init__(collection)
        self.folder = folder
        self._client: ClientAPI | None = None
        self._opened: Collection | None = None
        self._copy: TemporaryDirectory[str] | None = None
        self._lock = Lock()

    def warm_up(self) -> None:
        """Import Chroma and open the collection now, so that the first search is not slower."""
        self._trying(self._find)

    def drop_others(self) -> None:
        """Delete the folder's other collections, which were made with earlier settings."""
        self._trying(self._drop_others)

    def _drop_others(self) -> None:
        if self._find():
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
        collection = self._writable() if self._find() else None
        total = collection.count() if collection else 0
        if collection is None or not total:
            return
        client, name = self._open(), self.collection + _COPY_SUFFIX
        if any(other.name == name for other in client.list_collections()):
            client.delete_collection(name)
        copy = self._create(name, total)
        for at in range(0, total, BATCH):
            part = collection.get(limit=BATCH, offset=at, include=["embeddings"])
            copy.upsert(ids=part["ids"], embeddings=part["embeddings"])
        copy.modify(configuration={"hnsw": {"sync_threshold": _NEVER}})
        client.delete_collection(self.collection)
        copy.modify(name=self.collection)
        self._remove_orphaned_folders()
        self._close()  # an open collection keeps the threshold it was opened with
        self._write_checksums()

    def reopen(self) -> None:
        """See what other processes have written since, without loading the graph again.

        Chroma's client reads its log on when it writes, even if that changes nothing; a search
        alone does not. Where the collection was replaced meanwhile, it is opened anew.
        """
        with self._lock, self._translating_errors():
            if not self._catch_up():
                self._close()

    def _catch_up(self) -> bool:
        """Have the open client read its log on; return False where that cannot be done."""
        if self._client is None or self._opened is None or self._copy is not None:
            return False
        try:
            found = self._client.get_collection(self._opened.name, embedding_function=None)
            if found.id != self._opened.id:
                return False
            self._opened.delete(ids=[_NOBODY])
        except Exception:  # it is opened anew, which says what is wrong if that is wrong too
            return False
        return True

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
            settings = chroma_settings(chroma_api_impl="chromadb.api.rust.RustBindingsAPI")
            import chromadb

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

    def _collections(self) -> list[Collection]:
        found = self._find()
        return [found] if found else []

    def _writable(self) -> Collection:
        collection = self._find() or self._create(self.collection, _NEVER)
        if collection.name != self.collection:
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
            for pause in PAUSES:
                try:
                    return work()
                except NewsdeskError:
                    raise
                except Exception:  # it says of some of these no more than "Error finding id"
                    self._close()
                    time.sleep(pause)
            return work()

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
