"""A Chroma server that several archives share: whose is whose, who gets the token, what fails."""

from __future__ import annotations

import logging
import secrets
import ssl
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import numpy as np
import numpy.typing as npt
import pytest
import trustme
from chromadb import HttpClient

from retrieval.archive.chroma_server import PAUSE, ChromaServer, ServerAddress
from retrieval.archive.index import Indexer
from retrieval.archive.storing import Storer
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import VectorsUnavailable
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from tests.chroma_kit import Gate, Reply, ServerProcess
from tests.in_process import shared_reader
from tests.ports import free_port
from tests.retrieval.archive_kit import Archive, made, nonce

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("ignore:legacy embedding function config"),
]

SQUARE = np.eye(4, dtype=np.float32)
IDS = ["a", "b", "c", "d"]
TOKEN = "s3cret-t0ken-of-the-server"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(clock: Clock) -> Iterator[Callable[..., ChromaServer]]:
    with ExitStack() as stack:

        def open_store(
            url: str, archive: str = "", collection: str = "index", **address: object
        ) -> ChromaServer:
            place = ServerAddress(url, **address)  # type: ignore[arg-type]
            store = ChromaServer(place, archive or secrets.token_hex(8), collection, clock)
            stack.callback(store.close)
            return store

        yield open_store


Open = Callable[..., ChromaServer]


@pytest.fixture
def gate(chroma_server: ServerProcess) -> Iterator[Gate]:
    with Gate(chroma_server.url) as gate:
        yield gate


def refusal(store: ChromaServer) -> str:
    """What a store says for a search that cannot be had: one line, without the token."""
    with pytest.raises(VectorsUnavailable) as caught:
        store.nearest(SQUARE[0], 1)
    message = str(caught.value)
    assert "\n" not in message
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return message


def test_archives_of_one_server_do_not_see_or_drop_each_other(
    chroma_server: ServerProcess, open_store: Open
) -> None:
    strangers = HttpClient("127.0.0.1", chroma_server.port)
    name = f"strangers-{secrets.token_hex(4)}"
    strangers.create_collection(name, embedding_function=None)
    one, two, old = (
        open_store(chroma_server.url, archive, collection)
        for archive, collection in (("one", "index"), ("two", "index"), ("one", "earlier"))
    )
    for store, vector in ((one, 0), (two, 1), (old, 2)):
        store.put(["p"], SQUARE[vector : vector + 1])
    one.drop_others()
    assert [store.count() for store in (one, two, old)] == [1, 1, 0]
    assert [*two.nearest(SQUARE[1], 1)[0]] == ["p", pytest.approx(1)]
    assert strangers.get_collection(name, embedding_function=None).count() == 0
    one.remove(["p"])
    assert two.count() == 1


def test_others_are_dropped_however_many_there_are(
    chroma_server: ServerProcess, open_store: Open
) -> None:
    client = HttpClient("127.0.0.1", chroma_server.port)
    for number in range(103):
        client.create_collection(f"newsdesk-many.index-{number}", embedding_function=None)
    open_store(chroma_server.url, "many", "index-0").drop_others()
    names = [collection.name for collection in client.list_collections(1000)]
    assert [name for name in names if "many" in name] == ["newsdesk-many.index-0"]


@pytest.mark.parametrize(
    ("header", "sent", "value"),
    [
        (None, "authorization", f"Bearer {TOKEN}"),
        ("X-Chroma-Token", "x-chroma-token", TOKEN),
        ("X-Own", "x-own", TOKEN),
    ],
)
def test_the_token_goes_with_every_request_in_its_header(
    gate: Gate, open_store: Open, header: str | None, sent: str, value: str
) -> None:
    store = open_store(gate.url, token=TOKEN, header=header)
    store.put(IDS, SQUARE)
    assert store.nearest(SQUARE[2], 1)[0][0] == "c"
    assert len(gate.seen) > 3
    assert {seen.get(sent) for seen in gate.seen} == {value}
    assert {seen.get("authorization") for seen in gate.seen} <= {None, f"Bearer {TOKEN}"}


def test_chroma_cloud_gets_its_own_header() -> None:
    cloud = ServerAddress("https://api.trychroma.com", token=TOKEN)
    assert cloud.headers == {"X-Chroma-Token": TOKEN}
    assert ServerAddress("https://trychroma.com.example.org", token=TOKEN).headers == {
        "Authorization": f"Bearer {TOKEN}"
    }
    assert TOKEN not in repr(cloud)


def test_neither_a_proxy_nor_a_variable_of_chromas_leads_it_elsewhere(
    gate: Gate, open_store: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Gate("http://127.0.0.1:9") as elsewhere:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        (tmp_path / ".env").write_text(f"CHROMA_SERVER_HOST={elsewhere.url}\n")
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        for name, value in (
            ("CHROMA_SERVER_HOST", elsewhere.url),
            ("CHROMA_SERVER_HTTP_PORT", "9"),
            ("CHROMA_CLIENT_AUTH_PROVIDER", "chromadb.auth.basic_authn.BasicAuthClientProvider"),
            ("CHROMA_CLIENT_AUTH_CREDENTIALS", "other:other"),
            ("CHROMA_OTEL_COLLECTION_ENDPOINT", elsewhere.url),
        ):
            monkeypatch.setenv(name, value)
        store = open_store(gate.url, token=TOKEN)
        store.put(IDS, SQUARE)
        assert store.nearest(SQUARE[2], 1)[0][0] == "c"
    assert elsewhere.seen == []
    assert {seen["authorization"] for seen in gate.seen} == {f"Bearer {TOKEN}"}


def html(status: int) -> Reply:
    return status, "text/html", b"<html>what is this</html>"


NOT_CHROMA = {
    "a page": html(200),
    "another program": html(404),
    "elsewhere": (302, "application/json", b"{}"),
    "an older Chroma": (404, "application/json", b'{"detail":"Not Found"}'),
    "a newer Chroma": (410, "application/json", b'["gone"]'),
    "broken": html(500),
}


@pytest.mark.parametrize("reply", NOT_CHROMA.values(), ids=NOT_CHROMA.keys())
def test_what_is_no_chroma_is_said(gate: Gate, open_store: Open, reply: Reply) -> None:
    gate.answer = lambda path: reply
    message = refusal(open_store(gate.url, token=TOKEN))
    assert "does not answer as Chroma 1.x does" in message
    assert "NEWSDESK_CHROMA_URL" in message
    assert gate.url in message


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_said(gate: Gate, open_store: Open, status: int) -> None:
    echo = f'{{"error":"AuthError","message":"unknown token {TOKEN}"}}'.encode()
    gate.answer = lambda path: (status, "application/json", echo)
    assert "does not accept NEWSDESK_CHROMA_TOKEN" in refusal(open_store(gate.url, token=TOKEN))
    assert "set NEWSDESK_CHROMA_TOKEN" in refusal(open_store(gate.url))


def test_a_failure_inside_the_server_is_said_without_the_token(
    gate: Gate, open_store: Open, caplog: pytest.LogCaptureFixture
) -> None:
    told = "oh, " * 48 + TOKEN
    echo = f'{{"error":"InternalError","message":"{told}"}}'.encode()
    gate.answer = lambda path: (500, "application/json", echo)
    with caplog.at_level(logging.DEBUG):
        message = refusal(open_store(gate.url, token=TOKEN))
    assert "oh, …): see its log" in message
    assert TOKEN[:5] not in message
    assert TOKEN not in caplog.text


def test_a_busy_server_is_said(gate: Gate, open_store: Open) -> None:
    gate.answer = lambda path: html(503)
    assert "too busy or starting (HTTP 503)" in refusal(open_store(gate.url))


def test_a_server_that_is_not_there_is_said(open_store: Open) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert f"The Chroma server {url} cannot be reached" in refusal(open_store(url))


def test_a_slow_server_is_not_waited_for(gate: Gate, open_store: Open) -> None:
    gate.held = True
    message = refusal(open_store(gate.url, seconds=0.1))
    assert "did not answer within 0.1 s" in message
    assert "NEWSDESK_CHROMA_TIMEOUT" in message


@pytest.mark.parametrize("field", ["tenant", "database"])
def test_a_database_that_is_not_there_is_named(
    chroma_server: ServerProcess, open_store: Open, field: str
) -> None:
    message = refusal(open_store(chroma_server.url, **{field: "nobodys"}))
    assert "has no database" in message
    assert "'nobodys'" in message


def served_by(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_tls_needs_a_certificate_that_is_trusted(
    chroma_server: ServerProcess,
    open_store: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    with Gate(chroma_server.url, served_by(authority)) as gate:
        message = refusal(open_store(gate.url, token=TOKEN))
        assert "No safe connection" in message
        assert "SSL_CERT_FILE" in message
        assert gate.seen == []
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        store = open_store(gate.url, token=TOKEN)
        store.put(IDS, SQUARE)
        assert store.nearest(SQUARE[1], 1)[0][0] == "b"
    assert "No safe connection" in refusal(open_store(chroma_server.url.replace("http:", "https:")))


def test_a_server_that_failed_is_left_alone_for_a_while(
    gate: Gate, open_store: Open, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(gate.url)
    store.put(IDS, SQUARE)
    gate.answer = lambda path: html(503)
    with caplog.at_level(logging.INFO, logger="newsdesk"):
        first = refusal(store)
        asked = len(gate.seen)
        assert refusal(store) == first
        clock.now += PAUSE - 0.1
        assert refusal(store) == first
        assert len(gate.seen) == asked
        clock.now += 0.2
        assert refusal(store) == first
        assert len(gate.seen) == asked + 1
        gate.answer = lambda path: None
        clock.now += PAUSE
        assert store.nearest(SQUARE[1], 1)[0][0] == "b"
        assert store.nearest(SQUARE[2], 1)[0][0] == "c"
    assert [record.getMessage() for record in caplog.records] == [
        first,
        f"The Chroma server {gate.url} answers again.",
    ]


def test_others_do_not_wait_while_one_tries_a_server_that_failed(
    gate: Gate, open_store: Open, clock: Clock
) -> None:
    store = open_store(gate.url, seconds=0.2)
    store.put(IDS, SQUARE)
    gate.held = True
    refusal(store)
    clock.now += PAUSE
    asked = len(gate.seen)
    threads = [Thread(target=refusal, args=(store,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gate.seen) == asked + 1


def test_a_server_that_was_restarted_is_found_again_at_once(
    tmp_path: Path, open_store: Open
) -> None:
    server = ServerProcess(tmp_path / "chroma")
    server.start()
    try:
        store = open_store(server.url)
        store.put(IDS, SQUARE)
        server.kill()
        server.start()
        assert store.nearest(SQUARE[3], 1)[0][0] == "d"  # by a new connection: the old one is cut
        store.put(["e"], -SQUARE[:1])
        assert store.count() == 5
    finally:
        server.kill()


def test_searches_go_on_by_words_and_use_the_server_again_when_it_is_back(
    gate: Gate, open_store: Open, clock: Clock, tmp_path: Path, embedded: OnnxEncoder
) -> None:
    with Archive(tmp_path, embedded) as archive:
        store = open_store(gate.url, seconds=0.2)
        storer = Storer(archive.catalog, store, embedded, embedded.count_pieces, archive.chunking)
        Indexer(storer).ingest([made(1), made(2)])
        searcher = Searcher(archive.catalog, store, embedded, embedded, shared_reader())
        passages = [(made(1), archive.chunks(made(1))[0])]
        query = Query(f"How many visitors did {nonce(2)} count?")
        whole = searcher.search(query)
        (vector,) = searcher.vectors_of(passages)
        assert whole.words_only == ""
        assert searcher.nearest(vector, 1) == [passages[0][1]]
        gate.held = True
        asked = len(gate.seen)
        for _ in range(3):
            found = searcher.search(query)
            assert found.words_only == "vectors_away"
            assert found.matches[0].article.title == made(2).title
        assert searcher.search(Query("qqq")).words_only == "vectors_away"
        assert searcher.nearest(vector, 1) == []
        assert searcher.vectors_of(passages)[0] == pytest.approx(vector, abs=1e-3)
        assert len(gate.seen) == asked + 1
        gate.held = False
        clock.now += PAUSE
        assert searcher.search(query) == whole


def test_a_connection_that_breaks_is_tried_again(gate: Gate, open_store: Open) -> None:
    store = open_store(gate.url)
    store.put(IDS, SQUARE)
    gate.breaks = 1
    assert store.nearest(SQUARE[3], 1)[0][0] == "d"
    gate.breaks = 4
    assert "cannot be reached" in refusal(store)


def test_what_another_has_only_begun_to_write_is_asked_for_again(
    gate: Gate, open_store: Open
) -> None:
    store = open_store(gate.url)
    store.put(IDS, SQUARE)
    begun = [(500, "application/json", b'{"error":"InternalError","message":"Nothing on disk"}')]
    gate.answer = lambda path: begun.pop() if begun else None
    assert store.nearest(SQUARE[3], 1)[0][0] == "d"
    assert begun == []


def test_a_collection_that_another_process_replaced_is_found_again(
    chroma_server: ServerProcess, open_store: Open
) -> None:
    one, other = (open_store(chroma_server.url, "replaced", "index") for _ in range(2))
    one.put(IDS, SQUARE)
    open_store(chroma_server.url, "replaced", "next").drop_others()
    assert one.nearest(SQUARE[0], 1) == []
    other.put(IDS[:2], SQUARE[2:])
    assert one.nearest(SQUARE[3], 1)[0][0] == "b"


def unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return vector / np.float32(np.linalg.norm(vector))


def test_four_writers_and_four_readers_at_once_lose_and_double_nothing(
    chroma_server: ServerProcess, open_store: Open
) -> None:
    """Each writer has vectors of its own; all write some that are shared, or delete them."""
    archive, rounds, alone, shared = secrets.token_hex(8), 4, 30, [f"s{n}" for n in range(10)]
    vectors = np.random.default_rng(4).normal(size=(4, rounds, alone, 16)).astype(np.float32)
    stores = [open_store(chroma_server.url, archive) for _ in range(8)]
    over = Event()

    def write(number: int) -> set[str]:
        held: set[str] = set()
        for at in range(rounds):
            ids = [f"w{number}-{at}-{n}" for n in range(alone)]
            stores[number].put(ids, vectors[number, at])
            stores[number].put(shared, vectors[number, 0, :10])
            stores[number].remove([*ids[:10], *shared[: 5 * (number % 2)]])
            held.update(ids[10:])
        return held

    def read(number: int) -> int:
        asked = 0
        while not over.is_set() or not asked:
            nearest = [i for i, _ in stores[number].nearest(vectors[0, 0, 20], 50)]
            assert len(set(nearest)) == len(nearest)
            assert stores[number].get(nearest).keys() <= set(nearest)
            asked += 1
        return asked

    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(read, number) for number in range(4, 8)]
        writes = [pool.submit(write, number) for number in range(4)]
        try:
            held = set[str]().union(*(each.result() for each in writes))
        finally:
            over.set()
        assert all(each.result() for each in reads)

    found = stores[4]
    kept = found.get(shared)
    assert kept.keys() >= set(shared[5:])
    for i, vector in kept.items():
        written = vectors[:, 0, shared.index(i)]
        assert any(np.allclose(unit(vector), unit(one), atol=1e-5) for one in written)
    assert found.missing(sorted(held)) == []
    assert found.count() == len(held) + len(kept)
    assert {i for i, _ in found.nearest(vectors[0, 0, 0], 5000)} <= held | kept.keys()
    for number in range(4):
        assert found.nearest(vectors[number, 3, 20], 1)[0][0] == f"w{number}-3-20"
