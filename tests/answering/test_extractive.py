"""Which sentences are chosen, how they are put together, and what their citations say."""

from dataclasses import replace
from datetime import date

import pytest

from corpus.article import Article
from retrieval.answering.evidence import Evidence, Features
from retrieval.answering.extractive import Limits, choose, compose, needs_context
from retrieval.archive.passages import Passage
from retrieval.text.sentences import split_sentences

FEATURES = Features(
    evidence=1.0, span=1.0, answers=1.0, gap=0.0, found=0.5, cosine=0.5, kind=1.0, named=1.0
)


def article(body: str, uri: str = "/a.txt") -> Article:
    return Article(uri, "A title", body, "An outlet", date(2020, 10, 26), "https://a.example/1")


def evidence(
    of: Article, sentence: int, probability: float, words: str = "", span: float = 1.0
) -> Evidence:
    passage = Passage(f"p-{of.id}", of.id, 0, 0, len(of.body), of.body)
    start = of.body.find(words)
    answer = (start, start + len(words)) if words else None
    features = replace(FEATURES, span=span)
    return Evidence(of, passage, split_sentences(of.body)[sentence], features, probability, answer)


TRUCE = article(
    "The truce began at seven on Monday. He said it would hold. Shelling resumed within an hour. "
    "The ministers had met in Moscow."
)


FROST = article("It was −12 degrees in Arnsby on Sunday morning.")


def test_a_sure_sentence_stands_alone() -> None:
    ranked = [evidence(TRUCE, 0, 0.95), evidence(TRUCE, 3, 0.6)]
    assert [s.text for s in choose(ranked)] == ["The truce began at seven on Monday."]


def test_an_unsure_sentence_gets_company_in_reading_order() -> None:
    ranked = [evidence(TRUCE, 3, 0.5), evidence(TRUCE, 0, 0.4)]
    assert [s.text for s in choose(ranked, Limits(sure=0.9))] == [
        "The truce began at seven on Monday.",
        "The ministers had met in Moscow.",
    ]


def test_company_must_be_worth_it_and_fit() -> None:
    ranked = [evidence(TRUCE, 3, 0.5), evidence(TRUCE, 0, 0.01)]
    assert len(choose(ranked, Limits(sure=0.9, worth=0.1))) == 1
    ranked = [evidence(TRUCE, 3, 0.5), evidence(TRUCE, 0, 0.4)]
    assert len(choose(ranked, Limits(sure=0.9, words=10))) == 1


def test_a_sentence_that_leans_brings_the_one_before_it() -> None:
    chosen = choose([evidence(TRUCE, 1, 0.95)])
    assert [s.text for s in chosen] == [
        "The truce began at seven on Monday.",
        "He said it would hold.",
    ]


def test_a_sentence_that_leans_yields_to_one_almost_as_good() -> None:
    ranked = [evidence(TRUCE, 1, 0.95), evidence(TRUCE, 2, 0.94)]
    assert [s.text for s in choose(ranked)] == ["Shelling resumed within an hour."]


def test_the_same_sentence_from_two_articles_is_given_once_with_both_sources() -> None:
    other = article("Officials spoke. The truce began at seven on a Monday.", "/b.txt")
    made = compose(choose([evidence(TRUCE, 0, 0.95), evidence(other, 1, 0.9)]))
    assert made.text == "The truce began at seven on Monday. [1][2]"
    assert [c.uri for c in made.citations] == ["/a.txt", "/b.txt"]
    assert made.citations[1].quote == "The truce began at seven on a Monday."


def test_every_citation_quotes_its_article_verbatim_and_is_numbered_in_order() -> None:
    made = compose(choose([evidence(TRUCE, 1, 0.5), evidence(TRUCE, 3, 0.4)], Limits(sentences=3)))
    for citation in made.citations:
        assert TRUCE.body[citation.start : citation.end] == citation.quote
        assert f"{citation.quote} [{citation.number}]" in made.text
    assert [c.number for c in made.citations] == [1, 2, 3]
    first = made.citations[0]
    assert (first.title, first.source, first.published) == (
        "A title",
        "An outlet",
        date(2020, 10, 26),
    )


@pytest.mark.parametrize(
    "text",
    [
        "He left.",
        "“It is over,” she said.",
        "These were the terms.",
        "“We won,” he added.",
        "The next day it rained.",
    ],
)
def test_sentences_that_lean(text: str) -> None:
    assert needs_context(text)


@pytest.mark.parametrize("text", ["Pompeo left.", "Hebron was calm.", "The item was sold."])
def test_sentences_that_do_not(text: str) -> None:
    assert not needs_context(text)


def test_an_articles_own_bracketed_number_is_not_taken_for_a_marker() -> None:
    noted = article("The truce began at seven on Monday [7] in the town.")
    made = compose(choose([evidence(noted, 0, 0.95)]))
    assert made.text == "The truce began at seven on Monday (7) in the town. [1]"
    assert made.citations[0].quote == noted.body


@pytest.mark.parametrize(
    ("ranked", "pointed"),
    [
        ([evidence(TRUCE, 0, 0.95, "at seven on Monday.")], "at seven on Monday"),
        ([evidence(TRUCE, 1, 0.95, "hold")], "hold"),  # behind the sentence that it leans on
        ([evidence(TRUCE, 3, 0.5, "Moscow"), evidence(TRUCE, 0, 0.4, "seven")], "Moscow"),
        ([evidence(TRUCE, 0, 0.95, "even on M")], "seven on Monday"),  # pieces are not words
        ([evidence(FROST, 0, 0.95, "12 degrees")], "−12 degrees"),
        ([evidence(TRUCE, 0, 0.95, "seven", span=-1.0)], ""),
        ([evidence(TRUCE, 0, 0.95, "The truce began at seven on Monday")], ""),
        ([evidence(TRUCE, 0, 0.95)], ""),
    ],
)
def test_the_words_that_answer_are_pointed_out_where_the_reader_is_sure_of_them(
    ranked: list[Evidence], pointed: str
) -> None:
    made = compose(choose(ranked, Limits(sure=0.9)))
    start, end = made.answer or (0, 0)
    assert made.text[start:end] == pointed


def test_an_item_of_a_list_brings_what_introduces_the_list() -> None:
    terms = article(
        "The war is over.\nThree districts go back by fixed dates:\nKalbajar by 15 November;\n"
        "Aghdam by 20 November;\nLachin by 1 December.\nRoads will be reopened."
    )
    for item in (3, 4):
        chosen = [s.text for s in choose([evidence(terms, item, 0.95)])]
        assert chosen[0] == "Three districts go back by fixed dates:"
        assert len(chosen) == 2
    assert len(choose([evidence(terms, 5, 0.95)])) == 1
