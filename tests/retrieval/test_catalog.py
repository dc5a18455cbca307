"""The catalog by itself: what it finds, what it refuses, and how it says so."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import Filters
from retrieval.archive.homes import CATALOG, FUNCTIONS, catalog_at, catalog_in
from retrieval.archive.passages import Passage
from retrieval.archive.schema import SCHEMA
from retrieval.databases.database import Schema
from retrieval.databases.postgres import PostgresDatabase
from retrieval.databases.sqlite import SqliteDatabase
from retrieval.errors import ArchiveUnreadable
from tests.postgres import Postgres
from tests.retrieval.archive_kit import (
    Archive,
    as_version_1,
    assert_whole,
    bytes_read,
    made,
    nonce,
)


def connection_of(catalog: Catalog) -> sqlite3.Connection:
    """Return SQLite's own connection of a catalog in a file."""
    assert isinstance(catalog.database, SqliteDatabase)
    return catalog.database._connection


def store(catalog: Catalog, *articles: Article) -> None:
    """Articles with one passage each."""
    with catalog.transaction():
        for article in articles:
            passage = Passage(f"p-{article.id}", article.id, 0, 0, len(article.body), article.body)
            catalog.replace_article(article, [passage])


@pytest.fixture
def open_catalog(tmp_path: Path, database_url: str | None) -> Iterator[Callable[[], Catalog]]:
    """Opens one catalog, each time as another process would."""
    with ExitStack() as stack:

        def build() -> Catalog:
            path = tmp_path / "catalog.db"
            catalog = catalog_at(database_url) if database_url else catalog_in(path)
            return stack.enter_context(closing(catalog))

        yield build


@pytest.fixture
def catalog(open_catalog: Callable[[], Catalog]) -> Catalog:
    return open_catalog()


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    catalog = catalog_in(tmp_path_factory.mktemp("ten") / "catalog.db")
    store(catalog, *map(made, range(10)))
    return catalog


@pytest.mark.both_engines
def test_an_article_comes_back_as_it_went_in(catalog: Catalog) -> None:
    article = Article(
        "a/é b.md", "T", "Ärger 👩‍👩‍👧.\n\n漢字。", "S", date(2020, 9, 27), "https://x.org/"
    )
    undated = Article("b.md", "", "Body.")
    store(catalog, article, undated)
    assert catalog.articles([article.id, undated.id, "none"]) == {
        article.id: article,
        undated.id: undated,
    }
    assert list(catalog.every_article()) == [article, undated]
    assert catalog.passages([f"p-{article.id}"])[f"p-{article.id}"].text == article.body
    assert catalog.fingerprints()[article.id] == article.fingerprint
    summary = catalog.summary()
    assert (summary.articles, summary.earliest, summary.latest) == (2, *[date(2020, 9, 27)] * 2)


def test_many_ids_may_be_asked_for_at_once(ten: Catalog) -> None:
    wanted = [f"p-{made(3).id}", *(f"none-{n}" for n in range(300_000))]
    assert list(ten.passages(wanted)) == wanted[:1]
    assert list(ten.articles([*(f"none-{n}" for n in range(300_000)), made(4).id])) == [made(4).id]
    assert ten.passages([]) == {}


def test_words_are_found_by_their_stem_in_title_and_text_best_first(catalog: Catalog) -> None:
    store(
        catalog,
        Article("1", "Ceasefires", "Nothing else here at all."),
        Article("2", "Other", "A ceasefire, and another ceasefire."),
        Article("3", "Bread", "Flour and water."),
    )
    found = catalog.full_text(["ceasefire", "another"], 10)
    assert [p.text[:7] for p, _ in found] == ["A cease", "Nothing"]
    assert found[0][1] > found[1][1] > 0
    assert len(catalog.full_text(["ceasefire"], 1)) == 1
    assert catalog.full_text(["the", "unheard"], 10) == []
    assert catalog.full_text([], 10) == []


@pytest.mark.parametrize(
    "words",
    [
        ['"'], ['""', "*"], ["NEAR", "AND", "OR", "NOT"], ["-", "^a", "a*", "title:b"],
        ['unbalanced " quote'], ["nul\0in", "\0"], ["don't", "’"], ["_", "__"], ["a" * 5000],
        [f"w{n}" for n in range(1500)],
    ],
)  # fmt: skip
def test_no_word_is_syntax(ten: Catalog, words: list[str]) -> None:
    known = nonce(3)
    assert any(known in passage.text for passage, _ in ten.full_text([*words, known], 10))
    assert not any(known in passage.text for passage, _ in ten.full_text(["absent", *words], 2))


@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.text(max_size=12), max_size=6))
def test_any_words_may_be_looked_for(ten: Catalog, words: list[str]) -> None:
    assert len(ten.full_text(words, 3)) <= 3


@pytest.mark.both_engines
def test_passages_published_later_or_without_a_date_are_left_out(catalog: Catalog) -> None:
    first = date(2020, 1, 1)
    articles = [
        Article(str(n), "", "One truce.", published=first + timedelta(days=n)) for n in range(5)
    ]
    undated = Article("undated", "", "One truce.")
    store(catalog, *articles, undated)
    ids = [f"p-{a.id}" for a in [*articles, undated]]
    only = Filters(until=first + timedelta(days=2))
    expected = {ids[0], ids[1], ids[2]}
    assert set(catalog.passage_ids_in(only)) == expected
    assert {
        p.id for p, _ in catalog.full_text(["truce"], 10, only=catalog.passing(only))
    } == expected
    assert len(catalog.full_text(["truce"], 10)) == 6


@pytest.mark.both_engines
def test_a_transaction_that_fails_leaves_nothing(catalog: Catalog) -> None:
    store(catalog, made(1))

    def fail() -> None:
        with catalog.transaction():
            catalog.remove_article(made(1).id)
            catalog.facts.set("a", "b")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert catalog.uris() == {made(1).id: made(1).uri}
    assert catalog.facts.get("a") is None
    assert catalog.full_text([nonce(1)], 1)
    store(catalog, made(2))
    assert len(catalog.uris()) == 2


@pytest.mark.both_engines
def test_another_connections_commit_changes_the_version(
    catalog: Catalog, open_catalog: Callable[[], Catalog]
) -> None:
    before = catalog.version()
    assert catalog.version() == before
    store(open_catalog(), made(1))
    assert catalog.version() != before
    assert catalog.uris() == {made(1).id: made(1).uri}


def test_many_may_open_a_new_catalog_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "catalog.db"
    barrier = threading.Barrier(6)
    opened: list[Catalog | Exception] = []

    def open_one() -> None:
        barrier.wait()
        try:
            opened.append(catalog_in(path))
        except ArchiveUnreadable as error:
            opened.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(one) for one in opened] == [Catalog] * 6


def test_a_full_disk_is_said_and_survived(archive: Archive) -> None:
    archive.ingest(made(1))
    # SQLite's own limit stands for the disk's: it fails in the same way.
    connection = connection_of(archive.catalog)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(ArchiveUnreadable, match="full: free some space"):
        archive.ingest(*(made(n, sentences=40) for n in range(2, 10)))
    assert archive.catalog.uris() == {made(1).id: made(1).uri}
    assert archive.uris(f"visitors in {nonce(1)}") == [made(1).uri]
    connection.execute("PRAGMA max_page_count = 1000000")
    assert len(archive.ingest(*(made(n) for n in range(1, 5))).added) == 3
    assert_whole(archive)


@pytest.fixture
def beside(tmp_path: Path) -> Callable[[int], Catalog]:
    """A catalog of 60 articles and, among them, one whose body has that many sentences."""

    def build(sentences: int) -> Catalog:
        path = tmp_path / str(sentences) / "catalog.db"
        catalog = catalog_in(path)
        day = date(2020, 1, 1)
        store(catalog, *(replace(made(n), published=day) for n in range(60)))
        long = Article("long.md", "Annals", LINE * sentences, published=day)
        with catalog.transaction():
            catalog.replace_article(
                long,
                [
                    Passage(f"long-{at}", long.id, at, at * len(LINE), (at + 1) * len(LINE), LINE)
                    for at in range(0, sentences, max(1, sentences // 300))
                ],
            )
        catalog.close()
        return catalog_in(path)

    return build


LINE = "The ferry of the valley sailed at noon, and nobody was hurt. "


def test_what_is_read_for_the_others_does_not_grow_with_an_article_beside_them(
    beside: Callable[[int], Catalog],
) -> None:
    wanted = [made(n).id for n in range(60)]

    def read(sentences: int) -> int:
        catalog = beside(sentences)
        before = bytes_read()
        for article_id in wanted:
            assert catalog.articles([article_id])
            assert catalog.passages([f"p-{article_id}"])
            assert catalog.passage_ids_in(Filters(until=date(2020, 1, 1)))
            assert catalog.full_text(
                [nonce(3), "visitors"], 10, only=catalog.passing(Filters(until=date(2020, 1, 1)))
            )
        assert catalog.summary().articles == 61
        return bytes_read() - before

    assert read(50_000) - read(300) < 100_000


def test_many_passages_of_a_long_article_are_read_without_its_body(
    beside: Callable[[int], Catalog],
) -> None:
    catalog = beside(50_000)
    before = bytes_read()
    found = catalog.passages([i for i in catalog.passage_ids() if i.startswith("long")])
    assert {passage.text for passage in found.values()} == {LINE}
    assert len(found) > 300
    assert len(catalog.full_text(["ferry"], 300)) == 300
    assert bytes_read() - before < len(LINE) * 50_000


def test_the_full_text_is_searched_once_however_many_passages_are_in_time(
    tmp_path: Path,
) -> None:
    catalog = catalog_in(tmp_path / "catalog.db")
    store(catalog, *(replace(made(n), published=date(2020, 1, 1)) for n in range(300)))
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    def work(until: date | None) -> int:
        nonlocal steps
        steps = 0
        passing = catalog.passing(Filters(until=until)) if until else None
        assert len(catalog.full_text(["visitors", "record", "officials"], 5, only=passing)) == 5
        return steps

    connection_of(catalog).set_progress_handler(count, 1)
    assert work(date(2020, 1, 1)) < 5 * work(None)


@pytest.mark.parametrize(
    "only",
    [
        Filters(since=date(2020, 1, 4), until=date(2020, 1, 4)),
        Filters(sources=("Post 3",)),
        Filters(sources=("post3.example",), until=date(2020, 1, 4)),
        Filters(until=date(2020, 1, 1)),
        Filters(titles=(nonce(3),)),
    ],
    ids=str,
)
def test_the_work_of_a_narrow_filter_does_not_grow_with_the_archive(
    tmp_path: Path, only: Filters
) -> None:
    def work(size: int) -> int:
        catalog = catalog_in(tmp_path / f"{size}.db")
        store(
            catalog,
            *(
                replace(
                    made(n),
                    published=date(2020, 1, 1) + timedelta(days=n),
                    source="Post 3" if n == 3 else f"Paper {n % 9}",
                    url=f"https://{'post3' if n == 3 else 'paper'}.example/{n}",
                )
                for n in range(size)
            ),
        )
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        connection_of(catalog).set_progress_handler(count, 1)
        passing = catalog.passing(only)
        assert passing.few(50)
        assert len(passing.of(catalog.passage_ids_of([made(3).id, made(size - 1).id]))) <= 1
        return steps

    assert work(900) < 1.2 * work(100)


@pytest.mark.parametrize("content", [b"not a database", os.urandom(9000)], ids=["text", "noise"])
def test_a_file_that_is_no_catalog_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    with pytest.raises(ArchiveUnreadable, match="Nothing was deleted") as caught:
        catalog_in(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_damage_within_the_catalog_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    catalog = catalog_in(path)
    store(catalog, *(made(n, sentences=20) for n in range(60)))
    catalog.close()
    data = bytearray(path.read_bytes())
    schema = 4096 * 30  # pages that say which tables there are stay
    data[schema:] = b"\xa5" * (len(data) - schema)
    path.write_bytes(data)
    damaged = catalog_in(path)
    assert damaged.check() is not None
    with pytest.raises(ArchiveUnreadable, match="Nothing was deleted"):
        list(damaged.every_article())
    damaged.close()
    assert path.read_bytes() == bytes(data)


def test_a_catalog_of_the_version_before_is_brought_up_to_date(
    open_archive: Callable[..., Archive],
) -> None:
    archive = open_archive()
    articles = [made(n, sentences=30) for n in range(12)]
    articles[3] = replace(articles[3], published=date(2020, 9, 27))
    archive.ingest(*articles)
    archive.vectors.close()
    archive.catalog.close()
    as_version_1(Path(archive.catalog.database.name))
    size = Path(archive.catalog.database.name).stat().st_size

    after = open_archive()
    assert next(after.catalog.every_article()) == articles[3]
    assert after.uris(f"visitors in {nonce(7)}")[0] == articles[7].uri
    assert_whole(after)
    edited = made(7, edition=" by night")
    report = after.ingest(*articles[:7], edited)
    assert (len(report.unchanged), report.updated) == (7, [edited.uri])
    copy = replace(articles[2], uri="copy.md")
    assert [row.kept for row in after.ingest(copy).duplicates] == [articles[2].uri]
    assert_whole(after)
    after.catalog.close()
    assert Path(after.catalog.database.name).stat().st_size < 1.2 * size


def test_what_was_named_keeps_its_order_when_that_becomes_a_column(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    before = Schema("catalog", SCHEMA[:9], ())
    with closing(SqliteDatabase(path, before, FUNCTIONS)) as old:
        for key in ("b", "c", "a"):
            old.write(
                "INSERT INTO named (key, followed, host, guid, entry, digest, found) "
                "VALUES (?, 'f', 'h', 'g', '{}', 'd', 1.5)",
                key,
            )
        old.write("INSERT INTO stray_vectors VALUES ('index', 'p')")
    with closing(catalog_in(path)) as catalog:
        rows = catalog.database.rows("SELECT key, found, due FROM named ORDER BY number")
        assert rows == [("b", 1.5, None), ("c", 1.5, None), ("a", 1.5, None)]
        assert catalog.strays.by_collection() == {"index": ["p"]}


@pytest.mark.process
def test_a_server_with_the_version_before_is_brought_up_to_date(postgres_server: Postgres) -> None:
    url = postgres_server.new_database()
    with closing(catalog_at(url)) as catalog:
        store(catalog, made(1))
    step = ("ALTER TABLE articles ADD COLUMN seen INTEGER NOT NULL DEFAULT 7",)
    newer = replace(CATALOG, postgres=(*CATALOG.postgres, step))
    with closing(PostgresDatabase(url, newer)) as database:
        assert database.rows("SELECT uri, seen FROM articles") == [(made(1).uri, 7)]
    with pytest.raises(ArchiveUnreadable, match="newer Newsdesk"):
        catalog_at(url)


def test_an_older_catalog_that_cannot_be_written_says_what_it_takes(
    open_archive: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive()
    archive.ingest(made(1))
    archive.vectors.close()
    archive.catalog.close()
    as_version_1(Path(archive.catalog.database.name))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ArchiveUnreadable, match="older Newsdesk"):
        catalog_in(Path(archive.catalog.database.name))
    monkeypatch.undo()
    assert len(list(open_archive().catalog.every_article())) == 1


def test_a_catalog_of_a_newer_newsdesk_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    catalog = catalog_in(path)
    connection_of(catalog).execute("PRAGMA user_version = 99")
    catalog.close()
    with pytest.raises(ArchiveUnreadable, match="newer Newsdesk"):
        catalog_in(path)


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArchiveUnreadable, match="cannot be used"):
        catalog_in(tmp_path / "file" / "catalog.db")
