"""A database server that fails in the middle of an ingest or of questions costs nothing."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import retrieval.archive.index
import retrieval.archive.turns
from retrieval.archive.catalog import Catalog
from retrieval.archive.homes import CATALOG
from retrieval.databases import postgres
from retrieval.databases.database import Database
from retrieval.databases.postgres import PostgresDatabase
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import ArchiveUnreachable, ArchiveUnreadable
from tests.postgres import PASSWORD, Postgres, running
from tests.retrieval.archive_kit import Archive, BagEncoder, assert_tidy, made, nonce
from tests.wire import wire_to

pytestmark = pytest.mark.process

ARTICLES = [made(n) for n in range(16)]


class Failing(BagEncoder):
    """An encoder beside which something fails at its second and at its fourth batch."""

    def __init__(self, fail: Callable[[], None]) -> None:
        super().__init__()
        self._fail = fail
        self._asked = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self._asked += 1
        if self._asked in (2, 4):
            self._fail()
        return super().embed_documents(texts)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server to be stopped, which has written what it says that it has."""
    with running(safe=True) as server:
        yield server


@pytest.fixture(autouse=True)
def small_batches_and_short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval.archive.index, "_BATCH", 4)
    monkeypatch.setattr(retrieval.archive.turns, "_PAUSES", (0.1, 0.1))


def ingests_whole(home: Path, embedded: OnnxEncoder, url: str, fail: Callable[[], None]) -> None:
    """Ingest while something fails; all is there once, and found."""
    with Archive(home, embedded, Failing(fail), url=url) as archive:
        report = archive.ingest(*ARTICLES)
        assert report.added == [article.uri for article in ARTICLES]
        assert archive.catalog.uris() == {a.id: a.uri for a in ARTICLES}
        assert_tidy(archive)
        fail()
        for n in (1, 15):
            assert archive.uris(f"How many visitors did {nonce(n)} count?")[0] == ARTICLES[n].uri


def test_a_server_that_is_started_anew_costs_nothing(
    tmp_path: Path, embedded: OnnxEncoder, own_server: Postgres
) -> None:
    def fail() -> None:
        own_server.stop("immediate")
        own_server.start()

    ingests_whole(tmp_path, embedded, own_server.new_database(), fail)


def test_connections_that_are_cut_cost_nothing(
    tmp_path: Path, embedded: OnnxEncoder, postgres_server: Postgres
) -> None:
    def fail() -> None:
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'newsdesk %'"
        )

    ingests_whole(tmp_path, embedded, postgres_server.new_database(), fail)


def test_a_wire_that_is_cut_in_a_transaction_costs_nothing(
    tmp_path: Path, embedded: OnnxEncoder, postgres_server: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    url = postgres_server.new_database()
    replace_article = Catalog.replace_article
    stored = 0

    with wire_to(postgres_server.port) as wire:

        def replace_and_cut(*arguments: Any) -> list[str]:
            nonlocal stored
            stored += 1
            if stored in (3, 11):
                wire.cut()
            return replace_article(*arguments)

        monkeypatch.setattr(Catalog, "replace_article", replace_and_cut)
        through = url.replace(f":{postgres_server.port}/", f":{wire.port}/")
        ingests_whole(tmp_path, embedded, through, wire.cut)
    assert stored > len(ARTICLES)


def test_a_server_that_stays_away_is_told_in_a_line_and_the_next_ingest_completes(
    tmp_path: Path, embedded: OnnxEncoder, own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres.PostgresDatabase.__init__, "__defaults__", (0.5,))
    url = own_server.new_database()
    with Archive(tmp_path, embedded, Failing(lambda: own_server.stop("fast")), url=url) as archive:
        with pytest.raises(ArchiveUnreachable, match="cannot be reached") as trouble:
            archive.ingest(*ARTICLES)
        assert "\n" not in str(trouble.value)
        assert PASSWORD not in str(trouble.value)
        with pytest.raises(ArchiveUnreachable):
            archive.uris("visitors")
    own_server.start()
    with Archive(tmp_path, embedded, BagEncoder(), url=url) as archive:
        report = archive.ingest(*ARTICLES)
        assert (len(report.added), len(report.unchanged)) == (len(ARTICLES) - 4, 4)
        assert_tidy(archive)


def test_a_process_that_is_not_heard_of_in_a_transaction_holds_nobody_up(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_IDLE", 1)
    url = postgres_server.new_database()
    other_is_done = threading.Event()

    def write(database: PostgresDatabase) -> None:
        with database.transaction():
            database.write("INSERT INTO facts VALUES ('name', 'value')")
        other_is_done.set()

    with (
        closing(PostgresDatabase(url, CATALOG)) as silent,
        closing(PostgresDatabase(url, CATALOG)) as other,
    ):
        beside = threading.Thread(target=write, args=(other,))

        def stay_silent() -> None:
            with silent.transaction():
                silent.write("INSERT INTO facts VALUES ('name', 'lost')")
                beside.start()
                assert other_is_done.wait(30)
                silent.one("SELECT 1")

        with pytest.raises(ArchiveUnreachable):
            stay_silent()
        beside.join()
        assert silent.rows("SELECT value FROM facts") == [("value",)]


def test_a_full_disk_of_the_server_is_told_and_survived(
    tmp_path: Path, embedded: OnnxEncoder, postgres_server: Postgres
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", folder]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("a small disk takes the right to mount one")
        try:
            shutil.chown(folder, "postgres")
            postgres_server.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
            postgres_server.execute("CREATE DATABASE small TABLESPACE small")
            fills_the_disk(tmp_path, embedded, postgres_server.url("small"), folder)
        finally:
            postgres_server.execute("DROP DATABASE IF EXISTS small WITH (FORCE)")
            postgres_server.execute("DROP TABLESPACE IF EXISTS small")
            subprocess.run(["umount", folder], check=True)


def fill(database: Database) -> None:
    for _ in range(10_000):
        database.write("INSERT INTO ballast SELECT text || '.' FROM ballast")


def fills_the_disk(home: Path, embedded: OnnxEncoder, url: str, folder: str) -> None:
    with Archive(home, embedded, BagEncoder(), url=url) as archive:
        archive.ingest(*ARTICLES[:2])
        archive.catalog.database.write(
            "CREATE TABLE ballast AS SELECT repeat(md5(n::text), 100) AS text "
            "FROM generate_series(1, 1) n"
        )
        with pytest.raises(ArchiveUnreadable, match="full: free some space there"):
            fill(archive.catalog.database)
        with pytest.raises(ArchiveUnreadable, match="full: free some space there") as trouble:
            archive.ingest(*(made(n, sentences=60) for n in range(30, 90)))
        assert "\n" not in str(trouble.value)
        assert archive.uris(f"visitors in {nonce(1)}")[0] == ARTICLES[1].uri
        subprocess.run(["mount", "-o", "remount,size=96m", folder], check=True)
        assert len(archive.ingest(*ARTICLES).added) == len(ARTICLES) - 2
        assert_tidy(archive)
