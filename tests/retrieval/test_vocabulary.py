"""The words of the archive, which are counted as passages come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus.article import Article
from retrieval.search.spelling import Speller
from tests.retrieval.archive_kit import Archive, as_version_1, assert_whole, made, nonce


def story(number: int, text: str, **fields: object) -> Article:
    return replace(Article(f"urn:{number}", "Tidings", text), **fields)  # type: ignore[arg-type]


def test_words_are_counted_as_they_are_written(archive: Archive) -> None:
    archive.ingest(story(1, "Kalimba and the kalimba. The Kalimba, it's 3 kalimbas."))
    words = archive.catalog.vocabulary
    assert words.forms("kalimba") == {"Kalimba": 2, "kalimba": 1}
    assert words.forms("tidings") == {"Tidings": 1}
    assert words.forms("3") == words.forms("KALIMBA") == {}
    assert words.beginning("kal", 7, 8) == ["kalimba", "kalimbas"]
    assert words.beginning("kal", 8, 20) == ["kalimbas"]


def test_words_of_what_changes_or_goes_count_no_more(archive: Archive) -> None:
    words = archive.catalog.vocabulary
    archive.ingest(story(1, "An ocarina was found."), story(2, "Another ocarina is lost."))
    archive.ingest(story(1, "A mandolin was found."))
    assert (words.forms("ocarina"), words.forms("mandolin")) == ({"ocarina": 1}, {"mandolin": 1})
    archive.indexer.remove([story(2, "").id])
    assert (words.forms("ocarina"), words.beginning("ocarina", 1, 9)) == ({}, [])
    archive.indexer.rebuild(keep=False)
    assert words.forms("mandolin") == {"mandolin": 1}
    assert_whole(archive)


def test_a_word_under_an_embargo_is_not_given_away(archive: Archive) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    secret = story(2, "Zanzibarra buys a bassoon.", embargo=later)
    archive.ingest(story(1, "A bassoon is sold."), secret)
    speller = Speller(archive.catalog, lambda _: False)
    assert archive.catalog.vocabulary.forms("bassoon") == {"bassoon": 1}
    assert speller.read("Who is Zanzibara?").taken == ()
    archive.ingest(replace(secret, embargo=None, version=1))
    assert speller.read("Who is Zanzibara?").taken == (("Zanzibara", "Zanzibarra"),)


def test_words_of_a_catalog_made_before_they_were_counted_are_there(
    open_archive: Callable[..., Archive],
) -> None:
    archive = open_archive()
    archive.ingest(*(made(n) for n in range(5)))
    archive.vectors.close()
    archive.catalog.close()
    as_version_1(Path(archive.catalog.database.name))
    after = open_archive()
    assert after.catalog.vocabulary.forms(nonce(3)) == {nonce(3): 3}
    assert_whole(after)
