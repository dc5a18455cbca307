"""Chroma on disk: what is written is found, by other processes too, and survives a kill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.errors import InternalError

from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import ArchiveUnreadable
from tests.conftest import ROOT
from tests.retrieval.archive_kit import DENSE, Archive, BagEncoder, made, nonce
from tests.retrieval.vectors_kit import IDS, VECTORS, fill, nearest_to

pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config")


Open = Callable[..., ChromaFolder]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    opened: list[ChromaFolder] = []

    def open_store(collection: str = "index-a") -> ChromaFolder:
        opened.append(ChromaFolder(tmp_path / "chroma", collection))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


def graph_files(store: ChromaFolder) -> dict[str, bytes]:
    """What Chroma keeps outside of SQLite."""
    return {
        str(path): path.read_bytes()
        for path in store.folder.rglob("*")
        if path.is_file() and not path.name.startswith("chroma.sqlite3")
    }


def test_looking_creates_nothing(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    assert store.nearest(VECTORS[0], 5) == []
    assert store.count() == 0
    assert store.missing(["a"]) == ["a"]
    store.remove(["a"])
    store.compact()
    assert list(tmp_path.iterdir()) == []


def test_collections_do_not_mix_and_others_can_be_dropped(open_store: Open) -> None:
    one, other = open_store("index-a"), open_store("index-b")
    fill(one, 2)
    other.put(["q"], np.ones((1, 3), dtype=np.float32))  # of other dimensions
    assert (one.count(), other.count()) == (2, 1)
    one.drop_others()
    assert nearest_to(one, 1) == "p1"
    other.reopen()
    assert other.count() == 0
    assert len([p for p in one.folder.iterdir() if p.is_dir()]) == 1


def test_chroma_never_rewrites_its_files_where_they_are_read(open_store: Open) -> None:
    store = open_store()
    fill(store, 10)
    store.compact()
    assert nearest_to(store, 3) == "p3"
    fill(store, 1, first=10)
    before = graph_files(store)
    fill(store, 1249, first=11)  # Chroma's own threshold is 1,000
    assert nearest_to(store, 1200) == "p1200"
    store.close()
    assert graph_files(store) == before
    again = open_store()
    assert [nearest_to(again, n) for n in (0, 9, 10, 700, 1259)] == [
        "p0", "p9", "p10", "p700", "p1259",
    ]  # fmt: skip


def test_what_the_process_has_in_memory_is_not_left_in_files(open_store: Open) -> None:
    """Chroma writes memory that it has not cleared when it opens vectors without a graph."""
    store = open_store()
    fill(store, 10)
    assert graph_files(store) == {}
    reader = open_store()
    assert nearest_to(reader, 3) == "p3"
    assert graph_files(reader) == {}
    store.compact()
    assert graph_files(store)
    fill(store, 10, first=10)
    written = graph_files(store)
    reader = open_store()
    assert nearest_to(reader, 13) == "p13"
    assert graph_files(reader) == written


def sizes(store: ChromaFolder) -> list[int]:
    """How many vectors each collection of the index has that counts."""
    return sorted(each.count() for each in store._collections())


def test_what_is_new_is_merged_with_what_is_no_larger(open_store: Open) -> None:
    store = open_store()
    seen = []
    for first in range(0, 600, 100):
        fill(store, 100, first)
        store.compact()
        seen.append(sizes(store))
        assert len(store._open().list_collections()) == len(seen[-1])
    assert seen == [[100], [200], [100, 200], [400], [100, 400], [200, 400]]
    assert [nearest_to(store, n) for n in range(0, 600, 50)] == IDS[0:600:50]
    fill(store, 300)  # of which each has its place already
    store.put(IDS[:1], VECTORS[900:901])
    assert (store.count(), nearest_to(store, 900)) == (600, "p0")
    assert sizes(store) == [0, 200, 400]
    store.compact()  # the log of one is long now
    assert sizes(store) == [600]
    assert [nearest_to(store, n) for n in (900, 150, 599)] == ["p0", "p150", "p599"]
    store.remove(IDS)
    store.compact()
    assert (store.count(), store.nearest(VECTORS[0], 5)) == (0, [])
    fill(store, 5)
    assert nearest_to(store, 4) == "p4"


def test_compaction_keeps_every_vector_and_no_old_file(open_store: Open) -> None:
    store = open_store()
    fill(store, 1200)
    store.remove(IDS[:100])
    for _ in range(2):
        store.compact()
        assert store.count() == 1100
        assert [nearest_to(store, n) for n in (100, 650, 1199)] == ["p100", "p650", "p1199"]
        assert nearest_to(store, 5) != "p5"
        assert len([p for p in store.folder.iterdir() if p.is_dir()]) == 1
    assert sum(map(len, graph_files(store).values())) > VECTORS[:1100].nbytes
    fill(store, 1)
    assert nearest_to(store, 0) == "p0"


@pytest.mark.parametrize("step", ["add", "modify", "rename", "delete", "delete the second"])
def test_a_compaction_cut_short_loses_and_doubles_nothing(
    open_store: Open, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    deleted: list[str] = []

    def die(collection: Collection, **fields: object) -> None:
        if step != "rename" or "name" in fields:
            raise KeyboardInterrupt

    def stop(client: Any, name: str) -> None:
        if step == "delete" or deleted:
            raise KeyboardInterrupt
        deleted.append(name)
        delete(client, name)

    store = open_store()
    fill(store, 20)
    store.compact()
    fill(store, 30, first=20)
    delete = Client.delete_collection
    with monkeypatch.context() as patch:
        if step.startswith("delete"):
            patch.setattr(Client, "delete_collection", stop)
        else:
            patch.setattr(Collection, "upsert" if step == "add" else "modify", die)
        with pytest.raises(KeyboardInterrupt):
            store.compact()
    store.close()
    reading = open_store()
    assert reading.count() == 50
    assert nearest_to(reading, 31) == "p31"
    writing = open_store()
    fill(writing, 10, first=50)
    assert (writing.count(), nearest_to(writing, 55)) == (60, "p55")
    writing.compact()
    writing.drop_others()
    assert (writing.count(), nearest_to(writing, 31)) == (60, "p31")
    assert len([p for p in writing.folder.iterdir() if p.is_dir()]) == len(sizes(writing))


@pytest.mark.process
def test_a_writer_beside_another_deletes_nothing_of_its(
    open_store: Open, elsewhere: Callable[..., None]
) -> None:
    store = open_store()
    fill(store, 50)
    store.compact()
    assert nearest_to(store, 3) == "p3"
    elsewhere("put 50 60")
    fill(store, 10, first=60)
    elsewhere("compact", "put 70 80")
    store.remove(IDS[70:75])
    store.drop_others()
    store.compact()
    assert store.missing(IDS[:90]) == [*IDS[70:75], *IDS[80:90]]
    assert (store.count(), nearest_to(store, 78), nearest_to(store, 55)) == (75, "p78", "p55")


def test_a_copy_that_an_earlier_version_left_counts_where_the_collection_is_gone(
    open_store: Open,
) -> None:
    store = open_store()
    copy = store._create("index-a.next", 1000)
    copy.upsert(ids=IDS[:20], embeddings=VECTORS[:20])
    store.close()
    reading, writing = open_store(), open_store()
    assert (reading.count(), nearest_to(reading, 7)) == (20, "p7")
    fill(writing, 10, first=20)
    assert [each.name for each in writing._collections()] == ["index-a"]
    incomplete = writing._create("index-a.next", 1000)
    incomplete.upsert(ids=IDS[:5], embeddings=VECTORS[:5])
    writing.close()
    again = open_store()
    assert (again.count(), nearest_to(again, 7)) == (30, "p7")
    again.compact()
    assert (again.count(), nearest_to(again, 27)) == (30, "p27")
    assert len(again._open().list_collections()) == 1


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Has another process write to the folder, step by step (see `vector_writer`)."""
    np.save(tmp_path / "vectors.npy", VECTORS)
    script = Path(__file__).with_name("vector_writer.py")
    process = subprocess.Popen(
        [sys.executable, script, tmp_path / "chroma", "index-a", tmp_path / "vectors.npy"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def elsewhere(*steps: str) -> None:
        assert process.stdin
        assert process.stdout
        for step in steps:
            print(step, file=process.stdin, flush=True)
            assert process.stdout.readline() == "done\n"

    yield elsewhere
    process.communicate()
    assert process.returncode == 0


@pytest.mark.process
def test_what_another_process_writes_is_seen_without_loading_the_graph_again(
    open_store: Open, elsewhere: Callable[..., None]
) -> None:
    reading = open_store()
    elsewhere("create")
    assert (reading.nearest(VECTORS[0], 5), reading.count()) == ([], 0)
    elsewhere("put 0 300", "compact", "put 300 400")
    reading.reopen()
    assert (nearest_to(reading, 350), reading.count()) == ("p350", 400)
    client = reading._client
    elsewhere("put 400 450", "remove 0 10")
    reading.reopen()
    assert [nearest_to(reading, n) for n in (11, 440)] == ["p11", "p440"]
    assert nearest_to(reading, 3) != "p3"
    assert reading.missing(IDS[:450]) == IDS[:10]
    elsewhere("put 0 1")
    reading.reopen()
    assert nearest_to(reading, 0) == "p0"
    assert reading._client is client
    elsewhere("compact", "put 500 550")
    reading.reopen()
    assert [nearest_to(reading, n) for n in (0, 440, 530)] == ["p0", "p440", "p530"]
    assert reading.count() == 491
    assert reading._client is client
    elsewhere("remove 0 450", "compact")
    reading.reopen()  # most of what it holds in memory is gone
    assert reading._client is None
    assert (nearest_to(reading, 530), reading.count()) == ("p530", 50)


def test_a_reader_follows_when_the_collection_is_replaced(open_store: Open) -> None:
    reading, writing = open_store(), open_store()
    fill(writing, 20)
    assert nearest_to(reading, 4) == "p4"
    writing.compact()
    assert nearest_to(reading, 4) == "p4"


def fail_once(
    monkeypatch: pytest.MonkeyPatch, method: str, reason: str, meanwhile: Callable[[], object]
) -> list[str]:
    """Have Chroma fail once, while something happens; return the faults that are still to come."""
    real, faults = getattr(Collection, method), [reason]

    def fail(*arguments: Any, **fields: Any) -> Any:
        if not faults:
            return real(*arguments, **fields)
        fault = faults.pop()
        meanwhile()
        raise InternalError(fault)

    monkeypatch.setattr(Collection, method, fail)
    return faults


@pytest.mark.parametrize("method", ["query", "get"])
def test_a_search_beside_a_process_that_replaces_the_index_is_tried_again(
    tmp_path: Path, embedded: OnnxEncoder, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    with (
        Archive(tmp_path, embedded, BagEncoder()) as reading,
        Archive(tmp_path, embedded, BagEncoder()) as writing,
    ):
        writing.ingest(made(1), made(2))
        within = {made(1).id} if method == "get" else None
        assert reading.uris(nonce(1), DENSE, within=within)[0] == made(1).uri
        faults = fail_once(
            monkeypatch,
            method,
            "Error executing plan: Internal error: Error finding id",
            writing.vectors.compact,
        )
        assert reading.uris(nonce(1), DENSE, within=within)[0] == made(1).uri
        assert faults == []


@pytest.mark.parametrize("method", ["upsert", "modify"])
def test_a_compaction_that_another_process_locks_out_is_tried_again(
    open_store: Open, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    store = open_store()
    fill(store, 50)
    reason = "Database error: error returned from database: (code: 5) database is locked"
    faults = fail_once(monkeypatch, method, reason, lambda: None)
    store.compact()
    assert faults == []
    assert (store.count(), nearest_to(store, 31)) == (50, "p31")
    assert len([p for p in store.folder.iterdir() if p.is_dir()]) == 1


def test_nobody_is_told_to_move_a_folder_that_is_only_locked(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **fields: object) -> None:
        raise InternalError("error returned from database: (code: 5) database is locked")

    store = open_store()
    fill(store, 5)
    monkeypatch.setattr(Collection, "query", locked)
    with pytest.raises(ArchiveUnreadable, match="try again") as caught:
        nearest_to(store, 1)
    assert "away" not in str(caught.value)


def noise(size: int) -> bytes:
    return np.random.default_rng(5).bytes(size)


def test_a_damaged_folder_is_explained_and_left_as_it_is(open_store: Open) -> None:
    store = open_store()
    fill(store, 20)
    store.close()
    database = store.folder / "chroma.sqlite3"
    content = noise(database.stat().st_size)
    database.write_bytes(content)
    damaged = open_store()
    uses: list[Callable[[], object]] = [
        lambda: damaged.nearest(VECTORS[0], 1),
        lambda: fill(damaged, 1),
        damaged.count,
        damaged.compact,
    ]
    for use in uses:
        with pytest.raises(ArchiveUnreadable) as caught:
            use()
        message = str(caught.value)
        assert str(store.folder) in message
        assert "Nothing was deleted" in message
        assert "newsdesk ingest --rebuild" in message
        assert "\n" not in message
    assert database.read_bytes() == content


def test_a_graph_file_cut_short_is_explained(open_store: Open) -> None:
    store = open_store()
    fill(store, 200)
    store.compact()
    (cut,) = store.folder.rglob("index_metadata.pickle")
    cut.write_bytes(cut.read_bytes()[:7])
    with pytest.raises(ArchiveUnreadable, match="--rebuild"):
        open_store().nearest(VECTORS[0], 1)


def test_a_folder_that_is_a_file_is_explained(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("in the way")
    with pytest.raises(ArchiveUnreadable, match="cannot be used"):
        fill(open_store(), 1)


def test_a_copied_folder_works_elsewhere(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    fill(store, 30)
    store.compact()
    fill(store, 10, first=30)
    store.close()
    shutil.copytree(tmp_path / "chroma", tmp_path / "copy")
    copy = ChromaFolder(tmp_path / "copy", "index-a")
    assert [nearest_to(copy, n) for n in (12, 35)] == ["p12", "p35"]
    copy.close()


def test_a_damaged_graph_is_said_and_not_read(tmp_path: Path) -> None:
    vectors = np.eye(50, dtype=np.float32)
    ids = [f"p{n}" for n in range(50)]
    store = ChromaFolder(tmp_path / "chroma", "some-index")
    store.put(ids[:40], vectors[:40])
    store.compact()
    store.put(ids[40:], vectors[40:])
    store.close()
    sound = ChromaFolder(tmp_path / "chroma", "some-index")
    assert sound.nearest(vectors[45], 1)[0][0] == "p45"
    sound.close()
    graph = next((tmp_path / "chroma").glob("*/index_metadata.pickle")).with_name("data_level0.bin")
    graph.write_bytes(graph.read_bytes()[:100])
    with pytest.raises(ArchiveUnreadable, match="--rebuild"):
        ChromaFolder(tmp_path / "chroma", "some-index").nearest(vectors[0], 1)
    assert graph.exists()
