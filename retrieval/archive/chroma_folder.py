"""Vectors in a Chroma folder on disk, which needs no server.

Chroma writes vectors to a log in SQLite, which survives a killed process. After every
`sync_threshold` vectors it also writes its HNSW graph to files, in place; a process killed
meanwhile leaves files that crash the next reader. So collections have a threshold that is never
reached, and `ChromaFolder.compact` writes the graph for a copy, which then replaces what was
copied.

An index is one or more collections, of which one takes what is new. Compaction merges this one
with those that are no larger, as a log-structured merge tree does, so that each vector is copied
about as often as the archive doubles. A merged collection has the ids of those it replaces in its
metadata: from the moment it has its name it counts, and they do not, deleted or not.
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
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from retrieval.archive.chroma import BATCH, PAUSES, ChromaStore, Vectors, chroma_settings
from retrieval.errors import ArchiveUnreadable, IndexMismatch, NewsdeskError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_NEVER = 2**31 - 1
"""A `sync_threshold` that is never reached, so that Chroma does not write its graph to files."""

_DRAFT = ".draft"
"""Suffix of the name of a merged collection until it is complete."""

_OLD_COPY = ".next"
"""Suffix that earlier versions gave a copy; it is whole where the collection itself is gone."""

_REPLACES = "replaces"
"""Key of a collection's metadata, with the ids of those that it was merged from."""

_LONG_LOG = 8
"""A collection is written anew when its log is longer than this part of its vectors."""

_NOBODY = "-"
"""An id that no passage has: deleting it changes nothing."""

_WRITTEN = "index_metadata.pickle"
"""A file of each graph that Chroma has written; without it, Chroma makes the graph from its log."""

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
        self._sizes: dict[UUID, int] = {}
        self._verified: set[str] = set()
        self._copy: TemporaryDirectory[str] | None = None
        self._lock = Lock()

    def warm_up(self) -> None:
        """Import Chroma and open the collection now, so that the first search is not slower."""
        self._trying(self._collections)

    def drop_others(self) -> None:
        """Delete the folder's other collections, which were made with earlier settings."""
        self._trying(self._drop_others)

    def _drop_others(self) -> None:
        client, live = self._open(), {each.name for each in self._collections()}
        for other in client.list_collections():
            if other.name not in live:
                client.delete_collection(other.name)
        self._remove_orphaned_folders()

    def compact(self) -> None:
        """Write Chroma's graph to files, so that opening does not rebuild it from the log.

        The graph is written for a copy. A process killed at any point leaves the vectors whole,
        and files that the next compaction deletes.
        """
        self._trying(self._compact)

    def _compact(self) -> None:
        if not self._collections():
            return
        self._drop_replaced()
        due, total = self._due()
        if not total:
            return
        parts = (
            source.get(limit=BATCH, offset=at, include=["embeddings"])
            for source in due
            for at in range(0, source.count(), BATCH)
        )
        self._write(total, ((part["ids"], part["embeddings"]) for part in parts), due)

    def _write(
        self, total: int, parts: Iterable[tuple[list[str], Any]], replaced: Sequence[Collection]
    ) -> None:
        """Write so many vectors into a collection of their own, and its graph to files."""
        merged = self._create(self.collection + _DRAFT, total, replaced)
        for ids, vectors in parts:
            merged.upsert(ids=ids, embeddings=vectors)
        merged.modify(configuration={"hnsw": {"sync_threshold": _NEVER}})
        merged.modify(name=self._next_name())  # from here on it counts
        self._drop_replaced()
        self._close()  # an open collection keeps the threshold it was opened with
        self._write_checksums()

    def _due(self) -> tuple[list[Collection], int]:
        """Return the collections to merge, and how many vectors they have."""
        logged = self._logged()
        sizes = {each.id: each.count() for each in self._collections()}
        smallest_first = sorted(self._collections(), key=lambda each: sizes[each.id])
        due = [
            each
            for each in smallest_first
            if logged.get(each.id, sizes[each.id]) * _LONG_LOG > sizes[each.id]
        ]
        total = sum(sizes[each.id] for each in due)
        for each in smallest_first:
            if each not in due and sizes[each.id] <= total:
                due.append(each)
                total += sizes[each.id]
        return due, total

    def _logged(self) -> dict[UUID, int]:
        """Return how many entries the log has of each collection, by its id."""
        try:
            with closing(sqlite3.connect(self.folder / "chroma.sqlite3")) as chroma:
                rows = chroma.execute("SELECT topic, COUNT(*) FROM embeddings_queue GROUP BY topic")
                counts = {topic.rpartition("/")[2]: count for topic, count in rows}
        except sqlite3.Error:  # a Chroma with another schema: write all anew
            return {}
        return {each.id: counts.get(str(each.id), 0) for each in self._collections()}

    def _next_name(self) -> str:
        names = (each.name for each in self._open().list_collections())
        numbers = (name.removeprefix(f"{self.collection}.") for name in names)
        return f"{self.collection}.{max((int(n) for n in numbers if n.isdecimal()), default=0) + 1}"

    def _drop_replaced(self) -> None:
        """Delete this index's collections that do not count: replaced ones, and drafts."""
        client, live = self._open(), {each.name for each in self._collections()}
        for each in client.list_collections():
            if self._is_ours(each.name) and each.name not in live:
                client.delete_collection(each.name)
        self._remove_orphaned_folders()

    def reopen(self) -> None:
        """See what other processes have written since, without loading graphs again.

        Chroma's client reads its log on when it writes, even if that changes nothing; a search
        alone does not.
        """
        with self._lock, self._translating_errors():
            if not self._catch_up():
                self._close()

    def _catch_up(self) -> bool:
        """Have the open client read its log on; return False where it is to be opened anew.

        Chroma keeps the graphs of collections that were replaced in memory: when they are as
        many as those that count, it is.
        """
        if self._client is None or self._copy is not None:
            return False
        try:
            live = self._collections()
            for each in live:
                each.delete(ids=[_NOBODY])
                self._sizes[each.id] = each.count()
            self._remove_empty_graphs(live)
        except Exception:  # it is opened anew, which says what is wrong if that is wrong too
            return False
        return sum(self._sizes.values()) <= 2 * sum(self._sizes[each.id] for each in live)

    def close(self) -> None:
        """Close Chroma's files."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._client is not None:
            self._sizes.clear()
            self._verified.clear()
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

    def _collections(self) -> list[Collection]:
        """Return the collections that count; the others were replaced, or are not complete.

        They are looked up each time, as another process may have merged them.
        """
        if not self.folder.exists():
            return []
        found = {each.name: each for each in self._open().list_collections()}
        ours = {name: each for name, each in found.items() if self._is_ours(name)}
        ours.pop(self.collection + _DRAFT, None)
        if self.collection in ours:
            ours.pop(self.collection + _OLD_COPY, None)
        replaced = {i for each in ours.values() for i in _replaced_by(each)}
        live = [each for each in ours.values() if str(each.id) not in replaced]
        if unseen := [each for each in live if each.id not in self._sizes]:
            self._verify_checksums()
            self._sizes |= {each.id: each.count() for each in unseen}
            self._remove_empty_graphs(unseen)
        return sorted(live, key=lambda each: -self._sizes[each.id])

    def _upsert(self, collection: Collection, vectors: Vectors) -> None:
        super()._upsert(collection, vectors)
        self._remove_empty_graphs([collection])

    def _remove_empty_graphs(self, opened: Sequence[Collection]) -> None:
        """Delete what Chroma wrote when it opened collections whose graph is not on disk yet.

        It reserves room for a hundred vectors and writes that memory to files without clearing
        it: whatever the process held there before, a question perhaps, would stay on the disk.
        Nothing reads these files. Only the collection that takes what is new is without a graph
        for good; of a merged one, another process may be writing it.
        """
        new = {str(each.id) for each in opened if each.name == self.collection}
        if not new or self._copy is not None:  # a copy is deleted whole
            return
        for segment, collection in self._segments() or ():
            folder = self.folder / segment
            if collection in new and not (folder / _WRITTEN).exists():
                for path in folder.glob("*.bin"):
                    with suppress(OSError):  # another process deletes them too
                        path.unlink()

    def _segments(self) -> list[tuple[str, str]] | None:
        """Return the id of each segment, which names its folder, and of its collection.

        None for a Chroma with another schema.
        """
        try:
            with closing(sqlite3.connect(self.folder / "chroma.sqlite3")) as chroma:
                return chroma.execute("SELECT id, collection FROM segments").fetchall()
        except sqlite3.Error:
            return None

    def _is_ours(self, name: str) -> bool:
        return name == self.collection or name.startswith(f"{self.collection}.")

    def _writable(self) -> Collection:
        held = {each.name: each for each in self._collections()}
        if copy := held.get(self.collection + _OLD_COPY):
            copy.modify(name=self.collection)
            return copy
        if self.collection not in held:
            self._drop_replaced()  # one of its name may be there still
            return self._create(self.collection, _NEVER)
        return held[self.collection]

    def _create(
        self, name: str, sync_threshold: int, sources: Sequence[Collection] = ()
    ) -> Collection:
        return self._open().create_collection(
            name,
            metadata={_REPLACES: " ".join(str(each.id) for each in sources)} if sources else None,
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
        """Write the checksums of the graphs' files. A damaged file would crash the process."""
        known = self._checksums()
        sums = {
            name: known.get(name) or hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in self.folder.iterdir()
            if folder.is_dir() and _UUID.fullmatch(folder.name)
            for path in folder.iterdir()
            if (name := str(path.relative_to(self.folder)))
        }
        draft = self.folder / f"{_CHECKSUMS}.new"
        draft.write_text(json.dumps(sums), encoding="utf-8")
        draft.replace(self.folder / _CHECKSUMS)

    def _checksums(self) -> dict[str, str]:
        checksums = self.folder / _CHECKSUMS
        return json.loads(checksums.read_text(encoding="utf-8")) if checksums.exists() else {}

    def _verify_checksums(self) -> None:
        """Compare the graphs' files with their checksums, once while they are open.

        The folders of collections that were replaced are ignored.
        """
        for name, expected in self._checksums().items():
            path = self.folder / name
            if name in self._verified or not path.parent.exists():
                continue
            held = path.read_bytes() if path.exists() else b""
            if hashlib.sha256(held).hexdigest() != expected and path.parent.exists():
                raise ValueError(f"{name} is damaged")
            self._verified.add(name)

    def _remove_orphaned_folders(self) -> None:
        """Delete the folders of deleted collections, which Chroma leaves behind."""
        segments = self._segments()
        if segments is None:  # keep a folder rather than lose one
            return
        held = {segment for segment, _ in segments}
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


def _replaced_by(collection: Collection) -> list[str]:
    """Return the ids of the collections that one was merged from."""
    return str((collection.metadata or {}).get(_REPLACES, "")).split()
