"""Searching: fusion, spreading, dates, and questions of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.article import Article
from retrieval.archive.filters import Filters
from retrieval.archive.passages import Match, Passage
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.search.condense import Query
from retrieval.search.ranking import fuse, spread
from retrieval.search.searcher import SearchOptions
from tests.retrieval.archive_kit import DENSE, LEXICAL, Archive, BagEncoder, made, nonce

Open = Callable[..., Archive]


def match(name: str, article: str, score: float = 0.0) -> Match:
    return Match(Passage(name, article, 0, 0, 0, ""), Article(article, "", ""), score)


def test_ranks_are_fused_by_their_reciprocals() -> None:
    fused = fuse([["a", "b", "c"], ["c", "a", "d"]])
    assert list(fused) == ["a", "c", "b", "d"]
    assert fused == {
        "a": pytest.approx(1 / 61 + 1 / 62),
        "c": pytest.approx(1 / 63 + 1 / 61),
        "b": pytest.approx(1 / 62),
        "d": pytest.approx(1 / 63),
    }
    assert list(fuse([["x"], ["y"]])) == ["x", "y"]
    assert fuse([[], []]) == {}


def test_passages_beyond_an_articles_share_stand_behind_all_others() -> None:
    matches = [match(f"a{n}", "a") for n in range(4)] + [match("b0", "b"), match("c0", "c")]
    assert [m.passage.id for m in spread(matches, 2)] == ["a0", "a1", "b0", "c0", "a2", "a3"]
    assert spread(matches, 9) == matches
    assert spread([], 2) == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, embedded: OnnxEncoder) -> Archive:
    """Six articles; tests leave it as it is."""
    archive = Archive(tmp_path_factory.mktemp("small"), embedded)
    archive.ingest(*map(made, range(6)))
    return archive


@pytest.mark.both_engines
def test_an_empty_archive_has_no_matches(archive: Archive) -> None:
    for options in (None, DENSE, LEXICAL):
        assert archive.search("What happened?", options) == []
    assert (
        archive.searcher().search(Query("What?"), only=Filters(until=date(2020, 1, 1))).matches
        == []
    )


def test_an_archive_smaller_than_the_candidates_is_searched_whole(small: Archive) -> None:
    matches = small.search(f"How many visitors did {nonce(4)} count?", limit=50)
    assert len(matches) == 6
    assert matches[0].article == made(4)
    assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)
    assert len(small.search("visitors", limit=2)) == 2


def test_each_search_works_without_the_other_and_without_reranking(small: Archive) -> None:
    question = f"record in {nonce(2)}"
    for options in (DENSE, LEXICAL, SearchOptions(rerank=False), SearchOptions(dense=False)):
        assert small.uris(question, options)[0] == made(2).uri


@pytest.mark.parametrize(
    "question",
    [
        "who is it",
        "What was that about?",
        "the",
        "",
        " ",
        "?!",
        "…",
        "\u200d",
        "\0",
        "🤷",
        "a" * 2000,
    ],
)
def test_a_question_of_little_content_is_searched_all_the_same(
    small: Archive, question: str
) -> None:
    assert len(small.search(question)) == 6


@pytest.mark.parametrize(
    "syntax",
    [
        '"', "*", "NEAR(a b)", "AND", "OR OR", "NOT", "-", "title:", "^", '"unbalanced',
        "(", "a\0b", "'; DROP TABLE articles; --", "{x y}:z", "a + b",
    ],
)  # fmt: skip
def test_search_syntax_in_a_question_is_text(small: Archive, syntax: str) -> None:
    for question in (syntax, f"{syntax} {nonce(3)} {syntax}"):
        assert isinstance(small.search(question, LEXICAL), list)
    assert small.uris(f"{syntax} visitors in {nonce(3)} {syntax}")[0] == made(3).uri


@settings(max_examples=40, deadline=None)
@given(question=st.text(max_size=60), before=st.text(max_size=30))
def test_any_question_can_be_searched_for(small: Archive, question: str, before: str) -> None:
    query = Query(before + question, focus=len(before))
    found = small.searcher().search(query, 3)
    assert len(found.matches) == 3
    assert {r.match for r in found.readings} <= set(found.matches)


def test_what_is_published_later_does_not_exist_though_it_be_most(open_archive: Open) -> None:
    archive = open_archive(encoder=BagEncoder())
    day = date(2020, 6, 1)
    late = [replace(made(n), published=day + timedelta(days=n)) for n in range(1, 401)]
    early = [replace(made(n), published=day - timedelta(days=n % 3)) for n in range(401, 408)]
    archive.ingest(*late, *early, made(408))  # the last is of no known day
    expected = {a.uri for a in early}
    # Of what the question says all but one word stands in every article, most of them later.
    question = f"Officials in {nonce(17)} counted visitors: a record?"
    assert archive.uris(question, DENSE, limit=1) == [late[16].uri]
    for options in (DENSE, LEXICAL, None):
        assert set(archive.uris(question, options, limit=50, only=Filters(until=day))) == expected
    assert (
        set(archive.uris(question, limit=50, only=Filters(until=day - timedelta(days=9)))) == set()
    )


def noted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by how many vectors each look at them found."""
    looked_at: list[int] = []

    def noting(method: Callable[..., list[tuple[str, float]]]) -> Callable[..., object]:
        def found(*arguments: object) -> list[tuple[str, float]]:
            vectors = method(*arguments)
            looked_at.append(len(vectors))
            return vectors

        return found

    for name in ("nearest", "rank"):
        monkeypatch.setattr(archive.vectors, name, noting(getattr(archive.vectors, name)))
    return looked_at


def test_where_few_of_the_nearest_pass_many_more_are_looked_at_next(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(encoder=BagEncoder())
    archive.ingest(*(replace(made(n), source="Post" if n % 12 else "Mail") for n in range(720)))
    monkeypatch.setattr("retrieval.search.searcher._RANKED", 5)
    options = replace(DENSE, candidates=6, shortlist=6)
    looked_at = noted(archive, monkeypatch)
    uris = archive.uris(f"visitors in {nonce(24)}", options, only=Filters(sources=("Mail",)))
    assert uris[0] == made(24).uri
    assert len(uris) >= 5
    assert len(looked_at) == 2


def test_a_day_before_almost_everything_does_not_have_the_whole_index_walked(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(encoder=BagEncoder())
    day = date(2020, 6, 1)
    early = [replace(made(n), published=day) for n in range(9)]
    archive.ingest(*(replace(made(n), published=day + timedelta(9)) for n in range(9, 900)), *early)
    looked_at = noted(archive, monkeypatch)
    uris = archive.uris(f"visitors in {nonce(4)}", DENSE, limit=50, only=Filters(until=day))
    assert uris[0] == made(4).uri
    assert set(uris) == {a.uri for a in early}
    assert sum(looked_at) < 100


def test_what_an_article_repeats_is_found_once_and_hides_nothing(open_archive: Open) -> None:
    archive = open_archive()
    archive.ingest(replace(made(1), body="x" * 60_000), *map(made, range(2, 40)))
    for number in range(2, 40):
        assert archive.uris(f"visitors in {nonce(number)}", DENSE)[0] == made(number).uri
    found = archive.search("x" * 600, limit=50)
    assert [m.article.uri for m in found].count(made(1).uri) <= 2  # its end is shorter


@pytest.mark.both_engines
def test_one_long_article_does_not_crowd_out_the_others(archive: Archive) -> None:
    long = made(1, sentences=900)
    archive.ingest(long, *map(made, range(2, 8)))
    assert archive.catalog.count_passages() > 60
    for options in (None, DENSE, LEXICAL):
        uris = archive.uris(f"How many visitors were counted in {nonce(1)}?", options)
        assert uris[0] == long.uri
        assert uris[:8].count(long.uri) == 4
    archive.indexer.remove([made(n).id for n in range(2, 8)])
    assert archive.uris("How many visitors were counted?") == [long.uri] * 10


@pytest.mark.both_engines
def test_an_article_ingested_by_others_is_seen_by_the_next_search(
    open_archive: Open, tmp_path: Path
) -> None:
    reading, writing = open_archive(), open_archive()
    searcher = reading.searcher()
    query = Query(f"visitors in {nonce(1)}")
    assert searcher.search(query).matches == []
    writing.ingest(made(1))
    assert [m.article for m in searcher.search(query).matches] == [made(1)]
    writing.ingest(made(1, edition=" at night"))
    (found,) = searcher.search(query).matches
    assert found.article == made(1, edition=" at night")
    writing.indexer.remove([made(1).id])
    assert searcher.search(query).matches == []
