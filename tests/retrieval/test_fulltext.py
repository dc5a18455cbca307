"""The full text of both engines: they find the same, rank alike, and weigh a bounded number."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import Filters
from retrieval.archive.homes import catalog_at, catalog_in
from retrieval.archive.mentioned import mentioning
from retrieval.archive.passages import Passage
from retrieval.archive.passing import Passing
from retrieval.archive.postgres_text import PostgresText
from retrieval.archive.sqlite_text import SqliteText
from tests.postgres import Postgres
from tests.retrieval.test_catalog import connection_of

pytestmark = pytest.mark.process

WORDS = (
    "the of said minister ceasefire ceasefires café U.S. don't region peace-talks army border "
    "26 Пашинян 휴전 東京 Straße O'Brien naïve running runs nations national zu_za \\back ' envoy "
    "ferry"
).split()


def invented(number: int, seed: int = 0) -> Article:
    """An article in which the first words of the list are frequent, and the last rare."""
    pick = random.Random(seed * 1000 + number)
    words = [WORDS[int(len(WORDS) * pick.random() ** 2)] for _ in range(pick.randint(5, 160))]
    return Article(
        f"{number}.md",
        " ".join(words[:5]),
        " ".join(words[5:] or words),
        f"Paper {number % 7}",
        date(2020, 1, 1) + timedelta(days=number),
    )


def store(catalog: Catalog, *articles: Article) -> None:
    """Articles with a passage for each half of the body."""
    with catalog.transaction():
        for article in articles:
            half, end = len(article.body) // 2, len(article.body)
            catalog.replace_article(
                article,
                [
                    Passage(f"{article.uri}-{n}", article.id, n, *at, article.body[slice(*at)])
                    for n, at in enumerate([(0, half), (half, end)])
                ],
            )


@pytest.fixture(scope="module")
def homes(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres
) -> Iterator[tuple[Catalog, Catalog]]:
    """The same 120 articles in a file and on a server, of which some were replaced and removed."""
    path = tmp_path_factory.mktemp("homes") / "catalog.db"
    with (
        closing(catalog_in(path)) as one,
        closing(catalog_at(postgres_server.new_database())) as other,
    ):
        for catalog in (one, other):
            store(catalog, *(invented(n) for n in range(120)))
            store(catalog, *(invented(n, seed=1) for n in range(0, 120, 5)))
            with catalog.transaction():
                catalog.remove_article(invented(7).id)
        yield one, other


QUERIES = [
    *([word] for word in WORDS),
    *(random.Random(n).sample(WORDS, k=2 + n % 6) for n in range(40)),
    ["ceasefire", "ceasefires"],
    ["unheard"],
    ["", "…", "'"],
]


def scored(catalog: Catalog, words: list[str], **more: Any) -> dict[str, float]:
    return {p.id: round(s, 4) for p, s in catalog.full_text(words, 1000, **more)}


@pytest.mark.parametrize("words", QUERIES, ids=" ".join)
def test_both_find_the_same_and_weigh_it_alike(
    homes: tuple[Catalog, Catalog], words: list[str]
) -> None:
    one, other = (scored(catalog, words) for catalog in homes)
    assert one == pytest.approx(other, abs=2e-4)
    assert list(other.values()) == sorted(other.values(), reverse=True)
    some = {invented(n).id for n in (3, 11, 40)}
    one, other = (scored(catalog, words, within=some) for catalog in homes)
    assert one == pytest.approx(other, abs=2e-4)


@pytest.mark.parametrize(
    "only",
    [
        Filters(phrases=("the minister",)),
        Filters(phrases=("minister ceasefire",)),
        Filters(phrases=("U.S.",), without=("café",)),
        Filters(phrases=("o'brien",)),
        Filters(phrases=("東京",)),
        Filters(phrases=("\\back",)),
        Filters(phrases=("…",)),
        Filters(titles=("said",)),
        Filters(titles=("the", "of")),
        Filters(without=("the said",)),
        Filters(sources=("Paper 3",), until=date(2020, 2, 10)),
        Filters(since=date(2020, 2, 1), until=date(2020, 2, 3), titles=("the",)),
    ],
    ids=str,
)
def test_the_same_passes_in_both(homes: tuple[Catalog, Catalog], only: Filters) -> None:
    one, other = (sorted(catalog.passage_ids_in(only)) for catalog in homes)
    assert one == other
    one, other = (sorted(catalog.passing(only).few(500) or ()) for catalog in homes)
    assert one == other
    ranked = [scored(catalog, WORDS[:9], only=catalog.passing(only)) for catalog in homes]
    assert ranked[0] == pytest.approx(ranked[1], abs=2e-4)
    told = [mentioning(catalog, ["ceasefires"], only) for catalog in homes]
    assert list(told[0].items()) == list(told[1].items())


@pytest.mark.parametrize("words", [*WORDS, "the minister", "minister the said", "nothing such"])
def test_both_know_which_words_there_are(homes: tuple[Catalog, Catalog], words: str) -> None:
    one, other = homes
    assert one.has_words(words) == other.has_words(words)
    assert one.count_with(words) == other.count_with(words)


def test_what_is_counted_goes_with_its_passages(
    homes: tuple[Catalog, Catalog], postgres_server: Postgres
) -> None:
    sql = "SELECT term, passages FROM terms WHERE passages <> 0 ORDER BY term"
    kept = [invented(n, seed=n % 5 == 0) for n in range(120) if n != 7]
    with closing(catalog_at(postgres_server.new_database())) as fresh:
        store(fresh, *kept)
        assert fresh.database.rows(sql) == homes[1].database.rows(sql)
        with fresh.transaction():
            for article in kept:
                fresh.remove_article(article.id)
        assert fresh.database.rows(sql) == []


@pytest.mark.parametrize("engine", [0, 1], ids=["sqlite", "postgres"])
def test_frequent_words_add_to_the_scores_of_what_the_rare_ones_choose(
    homes: tuple[Catalog, Catalog], engine: int
) -> None:
    catalog = homes[engine]
    rare, frequent = ["envoy"], ["the", "said", "of"]
    most = catalog.count_with("envoy")
    assert most < catalog.count_with("said")
    text = (SqliteText, PostgresText)[engine](catalog.database, looked_at=most)
    whole = dict(catalog.text.ranked([*rare, *frequent], 1000))
    with_rare = {i for i, _ in catalog.text.ranked(rare, 1000)}
    bounded = dict(text.ranked([*frequent, *rare], 1000))
    assert bounded == pytest.approx({i: s for i, s in whole.items() if i in with_rare})
    assert list(bounded) == [i for i in whole if i in with_rare]
    few = text.ranked(frequent, 5)  # all are frequent: some passages with them are weighed
    assert len(few) == 5
    assert dict(few).items() <= pytest.approx(whole_of(catalog, frequent)).expected.items()


@pytest.mark.parametrize("engine", [0, 1], ids=["sqlite", "postgres"])
def test_what_passes_is_found_by_frequent_words_where_no_rare_one_is_in_it(
    homes: tuple[Catalog, Catalog], engine: int
) -> None:
    catalog = homes[engine]
    without = Filters(without=("envoy",))
    most = catalog.count_with("envoy")
    text = (SqliteText, PostgresText)[engine](catalog.database, looked_at=most)
    assert not text.weighs_all(["envoy", "said"])
    assert text.weighs_all(["envoy"])
    passing = Passing(catalog.database, text, without, [])
    ranked = passing.ranked(["envoy", "said"], 5)
    assert {i for i, _ in ranked} <= passing.of(catalog.passage_ids())
    narrow = Passing(catalog.database, text, without & Filters(until=date(2020, 3, 1)), [])
    assert len(narrow.ranked(["envoy", "said"], 5)) == 5


def whole_of(catalog: Catalog, words: list[str]) -> dict[str, float]:
    return dict(catalog.text.ranked(words, 1000))


def test_the_work_for_frequent_words_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    def work(size: int) -> int:
        with closing(catalog_in(tmp_path / f"{size}.db")) as catalog:
            body = "The minister said that the talks in the region went on."
            store(
                catalog,
                *(
                    Article(f"{n}.md", "", f"{body} {'Envoys' if n < 20 else 'They'} met.")
                    for n in range(size)
                ),
            )
            catalog.text = SqliteText(catalog.database, looked_at=50)
            steps = 0

            def count() -> None:
                nonlocal steps
                steps += 1

            connection_of(catalog).set_progress_handler(count, 1)
            assert len(catalog.full_text(["minister", "region", "envoys"], 10)) == 10
            assert len(catalog.full_text(["minister", "region"], 10)) == 10
            return steps

    assert work(900) < 1.3 * work(150)
