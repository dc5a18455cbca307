"""Searches narrowed in the catalog, over a real archive: outlets, times, phrases, copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from corpus.article import Article
from retrieval.answers import Question
from retrieval.archive.filters import Filters
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.finding import Finder
from retrieval.search.condense import Query
from retrieval.search.syntax import read
from tests.retrieval.archive_kit import LEXICAL, Archive, BagEncoder

TEXT = (
    "The ferry Solveig ran aground off Hestra with 214 people aboard on Tuesday. "
    "Lifeboats from Brannvik took off all passengers within three hours.\n\n"
    "Karin Dahl of the coastguard said that the lights had been working. "
    "The company Nordlinje cancelled its crossings until Thursday."
)
AGENCY = Article("agency.md", "Ferry aground", TEXT, "Agency", date(2021, 3, 2))
RADIO = Article(
    "radio.md",
    "Ferry",
    TEXT.partition("\n\n")[0],
    "Radio Vest",
    date(2021, 3, 4),
    "https://radio.example/1",
)
NAMELESS = Article(
    "nameless.md", "The Solveig", TEXT, "", date(2021, 3, 5), "https://www.coast.example/news/2"
)
OTHER = Article(
    "other.md",
    "Pashinyan’s café",
    "Prime Minister Pashinyan’s brother opened a café in Ijevan. A cease-fire held nearby, the "
    "U.S. envoy said. Nobody spoke of NEAR or of AND.",
    "The Café Post",
    date(2020, 11, 1),
    "https://post.example/a",
)
ALL = (AGENCY, RADIO, NAMELESS, OTHER)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.process)]
)
def ferries(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    embedded: OnnxEncoder,
) -> Iterator[Archive]:
    """An archive of all these, in each engine, which tests leave as it is."""
    home = tmp_path_factory.mktemp("ferries")
    on_server = request.param == "postgres"
    url = request.getfixturevalue("postgres_server").new_database() if on_server else None
    with Archive(home, embedded, BagEncoder("usual"), url=url) as archive:
        archive.ingest(*ALL)
        yield archive


def found(archive: Archive, typed: str) -> dict[str, str]:
    """What a typed search finds: the texts of the passages, by the URIs of their articles."""
    asked = read(typed)
    matches = archive.searcher().search(Query(asked.text or "ferry"), only=asked.filters).matches
    texts: dict[str, str] = {}
    for match in matches:
        assert match.passage.article_id == match.article.id
        body = match.article.body
        assert body[match.passage.start : match.passage.end] == match.passage.text
        texts[match.article.uri] = f"{texts.get(match.article.uri, '')} {match.passage.text}"
    return texts


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ferry source:Agency", {"agency.md"}),
        ("ferry source:agency source:post", {"agency.md", "other.md"}),
        ("ferry source:vest", {"radio.md"}),
        ("ferry source:ves", set()),
        ("ferry source:CAFE", {"other.md"}),
        ("ferry source:radio.example", {"radio.md"}),
        ("ferry source:www.coast.example", {"nameless.md"}),
        ("ferry source:coast.exampl", set()),
        ("ferry source:post.example", {"other.md"}),
        ("ferry after:2021-03-03", {"nameless.md"}),  # which has all that the radio has
        ("ferry after:2021-03-05", {"nameless.md"}),
        ("ferry on:2021-03-02", {"agency.md"}),
        ("ferry before:2021", {"other.md"}),
        ("ferry source:vest before:2021-03-04", set()),
        ("ferry source:vest after:2021-03-05", set()),
        ('"ran aground"', {"agency.md"}),
        ('"ran aground" source:vest', {"radio.md"}),
        ('"lights had been" source:vest', set()),
        ("ferry -nordlinje", {"other.md"}),
        ("ferry -Ijevan source:vest", {"radio.md"}),
        ("ferry in:title aground", {"agency.md"}),
        ("ferry in:title cafe", {"other.md"}),
    ],
)
def test_only_what_passes_is_found(ferries: Archive, typed: str, expected: set[str]) -> None:
    assert found(ferries, typed).keys() == expected


def test_another_outlet_is_shown_its_own_words_of_a_text(ferries: Archive) -> None:
    assert found(ferries, "ferry coastguard source:vest") == {"radio.md": f" {RADIO.body}"}


def test_what_a_copy_mentions_in_the_common_text_counts(archive: Archive) -> None:
    paper = Article(
        "paper.md", "Pupils", f"{TEXT}\n\nIn Vestby 31 pupils were home by noon.", "Paper"
    )
    archive.ingest(AGENCY, paper, OTHER)
    assert "paper.md" in found(archive, "pupils in Vestby -hestranda")
    assert "paper.md" not in found(archive, "pupils in Vestby -nordlinje")


@pytest.mark.both_engines
def test_an_outlet_of_which_all_is_under_an_embargo_is_not_named(archive: Archive) -> None:
    held = replace(RADIO, embargo=datetime(2999, 1, 1, tzinfo=UTC))
    archive.ingest(AGENCY, held, OTHER)
    assert RADIO.source not in archive.catalog.outlets.names()
    free = replace(RADIO, uri=f"{RADIO.uri}-2", body="The radio tower is painted red and white.")
    archive.ingest(free)
    assert RADIO.source in archive.catalog.outlets.names()
    assert AGENCY.source in archive.catalog.outlets.names()


@pytest.mark.both_engines
def test_a_copy_that_is_late_or_under_an_embargo_stays_out(archive: Archive) -> None:
    archive.ingest(AGENCY, replace(RADIO, embargo=datetime(2999, 1, 1, tzinfo=UTC)), OTHER)
    assert found(archive, "ferry source:vest") == {}
    asked = Question("ferry", as_of=date(2021, 3, 3), filters=Filters(sources=("coast.example",)))
    archive.ingest(NAMELESS)
    assert archive.searcher().search(Query("ferry"), only=asked.filters).matches
    assert archive.searcher().search(Query("ferry"), only=asked.scope).matches == []


def test_a_copy_that_is_linked_over_others_is_found(archive: Archive) -> None:
    papers = [
        Article(
            f"{n}.md",
            f"Ferry {n}",
            f"{TEXT}\n\nPaper {n} was there.",
            f"Paper {n}",
            date(2021, 3, 3),
        )
        for n in range(20)
    ]
    archive.ingest(AGENCY, *papers)
    for n in (0, 7, 19):
        assert found(archive, f'"ran aground" source:"Paper {n}"').keys() == {f"{n}.md"}


@pytest.mark.both_engines
def test_where_a_whole_text_was_found_again_is_named(archive: Archive) -> None:
    again = replace(AGENCY, uri="wire.md", source="Wire", url="https://wire.example/9")
    nameless = replace(again, uri="plain.md", source="", url="http://www.plain.example/1")
    archive.ingest(AGENCY, again, nameless, OTHER)
    for source in ("wire", "wire.example", "plain.example"):
        shown = Finder(archive.searcher()).find(
            Question("ferry", filters=Filters(sources=(source,)))
        )
        assert [hit.source.source for hit in shown.hits] == ["Agency"]
        assert [also.outlet for also in shown.hits[0].source.also] == ["plain.example", "Wire"]
    late = Filters(sources=("wire",), until=date(2021, 3, 1))
    assert Finder(archive.searcher()).find(Question("ferry", filters=late)).hits == ()


@pytest.mark.parametrize(
    "phrase",
    [
        "Pashinyan’s brother", "Pashinyan's brother", "PASHINYAN", "cafe in Ijevan", "café",
        "cease-fire", "cease fire", "U.S. envoy", "of NEAR or of AND", "café in",
    ],
)  # fmt: skip
def test_phrases_are_compared_by_their_words(ferries: Archive, phrase: str) -> None:
    assert found(ferries, f'"{phrase}"').keys() == {"other.md"}
    assert found(ferries, f'ferry -"{phrase}"').keys() == {"agency.md"}


SCRIPTS = (
    "서울에서 휴전 협상이 열렸다.", "東京 で 協議が 始まった。", "युद्धविराम की घोषणा",
    "Ёлка йод объявлено",
    "Hòa bình một lần", "ﬁrst Ａｒｍｓ deal", "İzmir ırmak",
)  # fmt: skip


def test_phrases_of_any_script_are_found(archive: Archive) -> None:
    for n, text in enumerate(SCRIPTS):
        archive.ingest(Article(f"{n}.md", "Talks", f"{text} It was so.", "Post"))
    for n, text in enumerate(SCRIPTS):
        assert found(archive, f'"{text}"').keys() == {f"{n}.md"}


@pytest.mark.parametrize(
    "term",
    [
        "AND", "NOT", "NEAR(a b)", "*", "a*", "^a", "title : x", "-", "+", "(", ")", "{a}", "'",
        "\\", "%", "_", "___", "?", "[", "a[b", "\0", "\u200b", "\ud800", "\U0001f600", "\u0301",
        "é" * 900, "a b " * 400,
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ['"{}"', '-"{}"', 'in:title "{}"', 'source:"{}"', "source:{}"])
def test_nothing_that_is_typed_is_sql_or_a_query(ferries: Archive, term: str, form: str) -> None:
    asked = read(f"ferry {form.format(term)}").filters
    ferries.searcher(LEXICAL).search(Query("ferry"), only=asked)


@pytest.mark.parametrize(
    "typed",
    [
        "source:agency", "source:vest", "source:coast.example", "source:nobody", "on:2021-03-02",
        "before:2021", "after:2021-03-05", "source:vest before:2021-03-05", '"ran aground"',
        '"Pashinyan’s brother"', '"ran aground" source:vest', "-nordlinje", "-ferry -café",
        '-"crossings until" "ran aground"', "in:title aground", "in:title cafe -envoy",
        "on:2021 in:title ferry", "source:e",
    ],
)  # fmt: skip
def test_the_same_passes_however_it_is_found(ferries: Archive, typed: str) -> None:
    catalog, only = ferries.catalog, read(f"ferry {typed}").filters
    one_by_one = {i for i in catalog.passage_ids() if catalog.passing(only).of([i])}
    assert catalog.passing(only).of(catalog.passage_ids()) == one_by_one
    assert set(catalog.passage_ids_in(only)) == one_by_one
    few = catalog.passing(only).few(100)
    assert few is None or few.keys() == one_by_one
    ranked = catalog.full_text(["ferry", "the", "a"], 100, only=catalog.passing(only))
    assert {p.id for p, _ in ranked} == one_by_one


def test_few_that_pass_are_told_from_many(ferries: Archive) -> None:
    catalog = ferries.catalog
    passing = catalog.passing(Filters(since=date(2020, 1, 1)))
    many = set(catalog.passage_ids_in(Filters(since=date(2020, 1, 1))))
    assert len(many) > 1
    assert passing.few(len(many) - 1) is None
    assert (passing.few(100) or {}).keys() == many
    assert passing.few(1) is None
