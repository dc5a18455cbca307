"""What the archive may expect of its store of vectors: in a folder and on a server alike."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chroma_server import ChromaServer, ServerAddress
from retrieval.archive.vectors import VectorStore
from retrieval.errors import IndexMismatch
from tests.chroma_kit import ServerProcess
from tests.retrieval.vectors_kit import IDS, RANDOM, VECTORS, fill, nearest_to

pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config")


Open = Callable[..., VectorStore]


@pytest.fixture(params=["folder", pytest.param("server", marks=pytest.mark.process)])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the vectors of one archive, each time as another process would."""
    opened: list[VectorStore] = []
    archive = secrets.token_hex(8)

    def folder(collection: str) -> VectorStore:
        return ChromaFolder(tmp_path / "chroma", collection)

    def server(collection: str) -> VectorStore:
        running: ServerProcess = request.getfixturevalue("chroma_server")
        return ChromaServer(ServerAddress(running.url), archive, collection)

    def open_store(collection: str = "index-a") -> VectorStore:
        opened.append((folder if request.param == "folder" else server)(collection))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


def test_scores_are_cosines_best_first(open_store: Open) -> None:
    store = open_store()
    square = np.asarray([[1, 0], [3, 4], [0, 2], [-5, 0]], dtype=np.float32)
    store.put(["east", "between", "north", "west"], square)
    found = store.nearest(np.asarray([2, 0], dtype=np.float32), 10)
    assert [i for i, _ in found] == ["east", "between", "north", "west"]
    assert [score for _, score in found] == pytest.approx([1, 0.6, 0, -1], abs=1e-6)
    assert len(store.nearest(square[0], 2)) == 2


def test_given_vectors_are_ranked_as_a_search_ranks_them(open_store: Open) -> None:
    store = open_store()
    assert store.rank(VECTORS[0], ["p1"]) == []
    fill(store, 60)
    wanted = IDS[10:40]
    found = store.rank(VECTORS[3], [*wanted, "none"])
    expected = [pair for pair in store.nearest(VECTORS[3], 60) if pair[0] in wanted]
    assert [i for i, _ in found] == [i for i, _ in expected]
    assert [score for _, score in found] == pytest.approx(
        [score for _, score in expected], abs=1e-5
    )
    assert store.rank(VECTORS[3], []) == []


def test_vectors_come_back_as_they_were_put(open_store: Open) -> None:
    store = open_store()
    fill(store, 30)
    held = store.get(["p7", "never there", "p3"])
    assert held.keys() == {"p3", "p7"}
    assert held["p7"] == pytest.approx(VECTORS[7], abs=1e-6)
    assert store.get([]) == {}


def test_an_empty_store_says_so_and_stays_empty(open_store: Open) -> None:
    store = open_store()
    assert store.nearest(VECTORS[0], 5) == []
    assert store.count() == 0
    assert store.missing(["a"]) == ["a"]
    assert store.get(["a"]) == {}
    for change in (lambda: store.remove(["a"]), store.compact, store.warm_up, store.reopen):
        change()
    assert store.count() == 0


def test_a_vector_is_replaced_and_removed(open_store: Open) -> None:
    store = open_store()
    fill(store, 3)
    store.put(["p0"], VECTORS[7:8])
    assert nearest_to(store, 7) == "p0"
    assert store.count() == 3
    store.remove(["p0", "never there"])
    assert nearest_to(store, 7) != "p0"
    assert store.missing(["p2", "p0", "p1"]) == ["p0"]
    store.remove([])
    assert store.count() == 2


def test_collections_do_not_mix_and_others_can_be_dropped(open_store: Open) -> None:
    one, other = open_store("index-a"), open_store("index-b")
    fill(one, 2)
    other.put(["q"], np.ones((1, 3), dtype=np.float32))  # of other dimensions
    assert (one.count(), other.count()) == (2, 1)
    one.drop_others()
    assert nearest_to(one, 1) == "p1"
    other.reopen()
    assert other.count() == 0


def test_vectors_of_another_length_are_refused(open_store: Open) -> None:
    store = open_store()
    fill(store, 3)
    with pytest.raises(IndexMismatch, match="another length"):
        store.put(["q"], np.ones((1, 3), dtype=np.float32))
    with pytest.raises(IndexMismatch, match="another length"):
        store.nearest(np.ones(3, dtype=np.float32), 1)
    assert store.count() == 3
    assert nearest_to(store, 2) == "p2"


def test_a_reader_sees_what_another_writes_whenever_it_opened(open_store: Open) -> None:
    before = open_store()
    assert before.count() == 0
    writing = open_store()
    for first in (0, 20, 40):
        fill(writing, 20, first)
        before.reopen()
        assert nearest_to(before, first + 13) == IDS[first + 13]
        assert before.count() == first + 20
    writing.remove(IDS[:30])
    writing.put(["p35"], VECTORS[200:201])
    before.reopen()
    assert nearest_to(before, 3) != "p3"
    assert nearest_to(before, 200) == "p35"
    assert (before.count(), before.missing(IDS[25:35])) == (30, IDS[25:30])


def test_compaction_changes_nothing_that_is_found(open_store: Open) -> None:
    reading, store = open_store(), open_store()
    fill(store, 200)
    store.remove(IDS[:50])
    assert nearest_to(reading, 130) == "p130"
    for first in (200, 250):
        store.compact()
        assert store.count() == first - 50
        assert [nearest_to(store, n) for n in (50, 199)] == ["p50", "p199"]
        assert nearest_to(store, 5) != "p5"
        reading.reopen()
        assert [nearest_to(reading, n) for n in (50, 199)] == ["p50", "p199"]
        fill(store, 50, first)
    reading.reopen()
    assert (nearest_to(reading, 299), reading.count()) == ("p299", 250)


def test_a_closed_store_opens_again(open_store: Open) -> None:
    store = open_store()
    fill(store, 3)
    store.close()
    store.close()
    assert nearest_to(store, 2) == "p2"


def test_vectors_of_any_number_fit_in_one_call(open_store: Open) -> None:
    store = open_store()
    many: npt.NDArray[np.float32] = RANDOM.normal(size=(2500, 4)).astype(np.float32)
    ids = [f"v{n}" for n in range(len(many))]
    store.put(ids, many)
    assert store.missing(ids) == []
    assert len(store.get(ids)) == len(ids)
    store.remove(ids[:2400])
    assert store.missing(ids) == ids[:2400]
