"""An agency's text in several papers is found as one, and searched as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest

from corpus.article import Article, Withdrawal
from retrieval.answering.citing import cite
from retrieval.answering.outlets import with_outlets
from retrieval.answers import Answer, Question
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.copies import Copies
from retrieval.archive.passages import Passage
from retrieval.archive.sorting import Copy
from retrieval.assistant import Assistant
from tests.retrieval.archive_kit import Archive, BagEncoder, assert_covered, made, nonce

pytestmark = pytest.mark.both_engines

TEXT = (
    "The ferry Solveig ran aground off Hestra with 214 people aboard on Tuesday. "
    "Lifeboats from Brannvik took off all passengers within three hours.\n\n"
    "Karin Dahl of the coastguard said that the lights had been working. "
    "The company Nordlinje cancelled its crossings until Thursday.\n\n"
    "Divers are to look at the hull on Wednesday before a tug pulls the ship free. "
    "It is the third accident off Hestra since 2016."
)
LOCAL = "In Vestby 31 pupils of the school were home by noon, their headmaster Olav Moe said."

AGENCY = Article("agency.md", "Ferry aground", TEXT, "Agency", date(2021, 3, 2))
PAPER = Article(
    "paper.md", "Pupils on stranded ferry", f"{TEXT}\n\n{LOCAL}", "Paper", date(2021, 3, 3)
)
SHORT = Article("short.md", "Ferry", TEXT.partition("\n\n")[0], "Radio", date(2021, 3, 4))


def said(archive: Archive) -> dict[str, str]:
    """What is searched of each article, by URI."""
    found: dict[str, str] = {}
    uris = archive.catalog.uris()
    for passage in archive.passages():
        uri = uris[passage.article_id]
        found[uri] = f"{found.get(uri, '')} {passage.text}".strip()
    return found


def test_what_an_earlier_copy_says_is_neither_embedded_nor_searched(archive: Archive) -> None:
    report = archive.ingest(AGENCY, SHORT)
    assert report.copies == [Copy("short.md", "agency.md")]
    assert isinstance(archive.encoder, BagEncoder)
    assert archive.encoder.embedded == len(archive.chunks(AGENCY))
    assert [*said(archive)] == ["agency.md"]
    assert archive.uris("Where did the ferry Solveig run aground?") == ["agency.md"]


def test_what_a_copy_adds_is_searched(archive: Archive) -> None:
    archive.ingest(AGENCY, PAPER)
    assert LOCAL in said(archive)["paper.md"]
    assert archive.uris("Who was home by noon in Vestby?")[0] == "paper.md"


@pytest.mark.parametrize("order", [(AGENCY, PAPER, SHORT), (SHORT, PAPER, AGENCY)])
def test_the_order_in_which_copies_come_is_all_the_same(
    archive: Archive, order: tuple[Article, ...]
) -> None:
    for article in order:
        archive.ingest(article)
    assert {*said(archive)} == {"agency.md", "paper.md"}
    assert_covered(archive)
    cluster = Copies(archive.catalog).cluster(SHORT.id)
    assert [article.uri for article in cluster] == ["agency.md", "paper.md", "short.md"]


def test_when_the_original_goes_a_copy_takes_its_place(archive: Archive) -> None:
    archive.ingest(AGENCY, PAPER, SHORT, made(1))
    archive.indexer.remove([AGENCY.id])
    assert "214 people" in said(archive)["paper.md"]
    assert "short.md" not in said(archive)
    assert_covered(archive)
    archive.ingest(Withdrawal(PAPER.uri, "wrong"))
    assert "214 people" in said(archive)["short.md"]
    assert_covered(archive)


def test_when_the_original_is_edited_a_copy_has_what_it_no_longer_says(archive: Archive) -> None:
    archive.ingest(AGENCY, SHORT)
    archive.ingest(replace(AGENCY, body=TEXT.replace("214", "241")))
    assert "214 people" in said(archive)["short.md"]
    archive.ingest(replace(AGENCY, body="Nothing of it was true, the agency wrote in the evening."))
    assert Copies(archive.catalog).copied([SHORT.id]) == []
    assert_covered(archive)


def test_nothing_waits_for_an_article_under_embargo(archive: Archive) -> None:
    archive.ingest(replace(AGENCY, embargo=datetime(2999, 1, 1, tzinfo=UTC)), SHORT)
    assert archive.uris("Where did the ferry Solveig run aground?") == ["short.md"]


def test_an_archive_from_before_is_placed_by_the_next_ingest_and_by_a_rebuild(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.ingest(SHORT, PAPER, AGENCY)
    whole = said(archive)

    def forget() -> None:
        with archive.catalog.transaction():
            Copies(archive.catalog).forget([AGENCY.id, PAPER.id, SHORT.id])
            for article in (AGENCY, PAPER, SHORT):
                archive.catalog.replace_passages(article, archive.chunks(article))

    forget()
    assert said(archive) != whole
    archive.ingest()
    assert said(archive) == whole
    assert_covered(archive)
    forget()
    archive.indexer.rebuild()
    assert said(archive) == whole
    assert_covered(archive)


def test_round_numbers_of_copies_are_linked_and_searched_once(archive: Archive) -> None:
    papers = [
        Article(f"{n}.md", f"Ferry {n}", TEXT.replace("\n\n", f"\n\nPaper {n} writes so.\n\n", 1),
                f"Paper {n}", date(2021, 3, 3))
        for n in range(30)
    ]  # fmt: skip
    archive.ingest(AGENCY, *papers)
    assert len(Copies(archive.catalog).cluster(AGENCY.id)) == 31
    assert_covered(archive)
    archive.indexer.remove([AGENCY.id])
    assert_covered(archive)
    assert len(Copies(archive.catalog).cluster(papers[0].id)) == 30


def test_an_interruption_between_any_two_writes_loses_nothing(
    open_archive: Callable[[], Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Article("later.md", "Ferry", f"{LOCAL} {TEXT}", "Star", date(2021, 3, 1))
    edited = replace(PAPER, body=PAPER.body.replace("214", "241"))
    left = 0

    def counted(write: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return write(*arguments)

        return step

    def settle(archive: Archive) -> None:
        archive.ingest(AGENCY, PAPER, SHORT)
        archive.indexer.remove([i for i in archive.catalog.uris() if i == later.id])
        assert_covered(archive)

    archive = open_archive()
    for owner, name in (
        (type(archive.catalog.database), "transaction"),
        (ChromaFolder, "put"),
        (ChromaFolder, "remove"),
    ):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    for steps in count():
        left = 1000
        settle(archive)
        left = steps
        with suppress(KeyboardInterrupt):
            archive.ingest(edited, later)
            archive.indexer.remove([AGENCY.id])
            break
        left = 1000
        assert_covered(archive, tidy=False)
    assert steps >= 6
    assert {*said(archive)} == {"later.md", "paper.md"}


def test_an_answer_lists_the_outlets_that_carry_the_sentence_it_quotes(
    archive: Archive,
) -> None:
    again = Article("again.md", AGENCY.title, TEXT, "Evening Star", date(2021, 3, 5))
    archive.ingest(AGENCY, PAPER, SHORT, again)
    assistant = Assistant(archive.searcher())

    def also(question: str, as_of: date | None = None) -> list[str]:
        answer = asyncio.run(assistant.ask(Question(question, as_of=as_of)))
        assert {citation.uri for citation in answer.citations} == {"agency.md"}
        return [carrier.outlet for citation in answer.citations for carrier in citation.also]

    lifeboats = "Where did the lifeboats that took off all passengers come from?"
    assert also(lifeboats) == ["Evening Star", "Paper", "Radio"]
    assert also(lifeboats, date(2021, 3, 3)) == ["Paper"]
    assert also("Until when did Nordlinje cancel its crossings?") == ["Evening Star", "Paper"]


def test_a_sentence_that_is_cited_from_copies_of_one_text_has_one_mark(archive: Archive) -> None:
    edited = replace(PAPER, body=PAPER.body.replace("took off all", "brought ashore all"))
    other = made(1)
    archive.ingest(AGENCY, edited, SHORT, other)
    quotes = [
        (edited, "Lifeboats from Brannvik brought ashore all passengers within three hours."),
        (AGENCY, "Lifeboats from Brannvik took off all passengers within three hours."),
        (other, other.body.split("\n\n")[0]),
    ]
    citations = []
    for n, (article, quote) in enumerate(quotes, 1):
        at = article.body.index(quote)
        passage = Passage("p", article.id, 0, at, at + len(quote), quote)
        citations.append(cite(n, article, passage, at, at + len(quote)))
    text = f"{quotes[0][1]} [1][2] {quotes[2][1]} [3]"
    at = text.index(nonce(1))
    answer = Answer("q", "q", text, tuple(citations), answer_span=(at, at + 5))
    shown = with_outlets(answer, archive.catalog)
    assert shown.text == f"{quotes[0][1]} [1] {quotes[2][1]} [2]"
    assert [(c.number, c.uri) for c in shown.citations] == [(1, edited.uri), (2, other.uri)]
    assert [carrier.outlet for carrier in shown.citations[0].also] == ["Agency"]
    assert shown.answer_span
    assert shown.text[slice(*shown.answer_span)] == nonce(1)[:5]
