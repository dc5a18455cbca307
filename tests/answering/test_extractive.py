"""Which sentences are chosen, how they are put together, and what their citations say."""

from dataclasses import replace
from datetime import date

import pytest

from corpus.article import Article
from retrieval.answering.context import needs_context
from retrieval.answering.evidence import Evidence, Features
from retrieval.answering.extractive import choose, compose
from retrieval.answering.statements import Limits
from retrieval.archive.passages import Passage
from retrieval.text.lines import without_own
from retrieval.text.sentences import split_sentences

FEATURES = Features(
    evidence=1.0, span=1.0, answers=1.0, gap=0.0, found=0.5, cosine=0.5, kind=1.0, named=1.0
)


def article(body: str, uri: str = "/a.txt") -> Article:
    return Article(uri, "A title", body, "An outlet", date(2020, 10, 26), "https://a.example/1")


def evidence(of: Article, sentence: int, probability: float, words: str = "") -> Evidence:
    """A sentence that belongs in the answer as surely as it answers."""
    passage = Passage(f"p-{of.id}", of.id, 0, 0, len(of.body), of.body)
    start = of.body.find(words)
    answer = (start, start + len(words)) if words else None
    told = split_sentences(of.body)[sentence]
    return Evidence(of, passage, told, FEATURES, probability, answer, belongs=probability)


TRUCE = article(
    "A truce began at seven on Monday. He said it would hold. Shelling resumed within an hour. "
    "Pompeo had met them in Moscow."
)


FROST = article("It was −12 degrees in Arnsby on Sunday morning.")


def test_what_belongs_with_the_best_is_given_in_reading_order() -> None:
    ranked = [evidence(TRUCE, 3, 0.5), evidence(TRUCE, 0, 0.4)]
    both = ["A truce began at seven on Monday.", "Pompeo had met them in Moscow."]
    assert [s.text for s in choose(ranked)] == both


def test_what_does_not_belong_with_the_best_is_left_out() -> None:
    best = evidence(TRUCE, 3, 0.95)
    assert len(choose([best, evidence(TRUCE, 0, 0.2)])) == 1
    assert len(choose([best, evidence(TRUCE, 0, 0.2)], Limits(of_best=0.2))) == 2
    assert len(choose([evidence(TRUCE, 3, 0.1), evidence(TRUCE, 0, 0.09)])) == 1


def test_what_another_article_has_comes_before_more_of_the_same() -> None:
    later = article("The truce of Monday broke by noon. Each side blamed the other.", "/b.txt")
    ranked = [evidence(TRUCE, 0, 0.9), evidence(TRUCE, 2, 0.8), evidence(TRUCE, 3, 0.7)]
    ranked += [evidence(later, 0, 0.6), evidence(later, 1, 0.5)]
    two = Limits(sentences=2, of_another=True)
    assert [s.text for s in choose(ranked, two)] == [ranked[0].text, ranked[3].text]
    assert [s.text for s in choose(ranked[:3], two)] == [ranked[0].text, ranked[1].text]
    assert len(choose(ranked[::3], replace(two, of_best=0.7))) == 1  # it has to belong there


def test_company_must_fit() -> None:
    ranked = [evidence(TRUCE, 3, 0.5), evidence(TRUCE, 0, 0.4)]
    assert len(choose(ranked, Limits(words=10))) == 1
    assert len(choose(ranked, Limits(sentences=1))) == 1


def test_a_sentence_that_leans_brings_the_one_before_it() -> None:
    chosen = choose([evidence(TRUCE, 1, 0.95)])
    assert [s.text for s in chosen] == [
        "A truce began at seven on Monday.",
        "He said it would hold.",
    ]


HARBOUR = article(
    "Ada Moor, the mayor of Arnsby, opened the harbour. She spoke for an hour. She promised a "
    "ferry.\nIt will carry forty cars. The ministry paid for it.\nThe Defence Ministry did not.",
    "/c.txt",
)


def said(of: Article, sentence: int, question: str = "") -> str:
    return compose(choose([evidence(of, sentence, 0.95)], question=question)).text


def test_whom_a_pronoun_stands_for_is_told_in_brackets_outside_the_quotation() -> None:
    made = compose(choose([evidence(HARBOUR, 2, 0.95)]))
    assert made.text == "[Ada Moor] She promised a ferry. [1]"
    assert made.citations[0].quote == without_own(made.text).removesuffix(" [1]")
    two = compose(choose([evidence(HARBOUR, 2, 0.5), evidence(HARBOUR, 1, 0.4)]))
    assert two.text == "[Ada Moor] She spoke for an hour. [1] She promised a ferry. [2]"


def test_what_no_sentence_of_the_paragraph_names_is_told_by_the_title() -> None:
    assert said(HARBOUR, 3) == "[A title] It will carry forty cars. [1]"
    assert said(HARBOUR, 4, "What did the ministry do?") == "The ministry paid for it. [1]"
    asked = "What did the Defence Ministry in Oslo do?"
    assert said(HARBOUR, 5, asked) == "[A title] The Defence Ministry did not. [1]"


def test_what_is_said_comes_with_its_denial_and_the_denial_with_what_is_said() -> None:
    shells = article(
        "Arnsby blamed the army of Oslo. The army denied it. Shells fell again.\nOslo denied that."
    )
    both = ["Arnsby blamed the army of Oslo.", "The army denied it."]
    assert [s.text for s in choose([evidence(shells, 0, 0.95)])] == both
    assert [s.text for s in choose([evidence(shells, 1, 0.95)])] == both
    assert [s.text for s in choose([evidence(shells, 2, 0.95)])] == ["Shells fell again."]


def test_the_sentence_nearest_to_the_question_is_given_where_it_denies_what_is_asked() -> None:
    held = article(
        "Delegates met in Arnsby in 1992. A conference in Oslo never took place.", "/d.txt"
    )
    best, other = evidence(held, 0, 0.6), evidence(held, 1, 0.08)
    assert len(choose([best, other])) == 1
    near = replace(other, features=replace(FEATURES, cosine=0.7))
    assert [s.text for s in choose([best, near])] == [best.text, near.text]


@pytest.mark.parametrize(("name", "first"), [("Ada Moor", "She"), ("Mike Pompeo", "Pompeo")])
def test_what_she_said_is_not_what_another_said(name: str, first: str) -> None:
    ranked = [evidence(HARBOUR, 2, 0.5), evidence(TRUCE, 3, 0.3)]
    assert choose(ranked, question=f"What did {name} say?")[0].text.startswith(first)


def test_a_sentence_that_leans_yields_to_one_almost_as_good() -> None:
    ranked = [replace(evidence(TRUCE, n, p), belongs=0.0) for n, p in ((1, 0.95), (2, 0.94))]
    assert [s.text for s in choose(ranked)] == ["Shelling resumed within an hour."]


def test_the_same_sentence_from_two_articles_is_given_once_with_both_sources() -> None:
    other = article("Officials spoke. A truce began at seven on a Monday.", "/b.txt")
    made = compose(choose([evidence(TRUCE, 0, 0.95), evidence(other, 1, 0.9)]))
    assert made.text == "A truce began at seven on Monday. [1][2]"
    assert [c.uri for c in made.citations] == ["/a.txt", "/b.txt"]
    assert made.citations[1].quote == "A truce began at seven on a Monday."


def test_another_figure_in_the_same_words_is_no_second_source_but_stands_beside() -> None:
    body = "Rescuers in Arnsby said on Friday that the ferry had taken {} people to the island."
    few, many = article(body.format(40)), article(body.format(90), "/b.txt")
    unlikely = replace(evidence(many, 0, 0.2), belongs=0.0)
    chosen = choose([evidence(few, 0, 0.95), unlikely])
    assert [s.text for s in chosen] == [few.body, many.body]
    assert [len(s.evidence) for s in chosen] == [1, 1]


def test_a_denial_of_another_thing_is_no_source_of_a_denial() -> None:
    body = "Oslo said that shots had been fired. The Defence Ministry in Arnsby denied it."
    other = article("Oslo said that a bridge had been cut. " + body.split(". ")[1], "/b.txt")
    made = compose(choose([evidence(article(body), 1, 0.95), evidence(other, 1, 0.9)]))
    assert {c.uri for c in made.citations} == {"/a.txt"}


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
        "The army denied it.",
        "In December the number was 2,996.",
        "On 4 October one civilian was killed there.",
    ],
)
def test_sentences_that_lean(text: str) -> None:
    assert needs_context(text)


@pytest.mark.parametrize(
    "text",
    ["Pompeo left.", "Hebron was calm.", "The item was sold.", "In May there were 12 cases."],
)
def test_sentences_that_do_not(text: str) -> None:
    assert not needs_context(text)


def test_an_articles_own_bracketed_number_is_not_taken_for_a_marker() -> None:
    noted = article("A truce began at seven on Monday [7] in the town.")
    made = compose(choose([evidence(noted, 0, 0.95)]))
    assert made.text == "A truce began at seven on Monday (7) in the town. [1]"
    assert made.citations[0].quote == noted.body


@pytest.mark.parametrize(
    ("ranked", "pointed"),
    [
        ([evidence(TRUCE, 0, 0.95, "at seven on Monday.")], "at seven on Monday"),
        ([evidence(TRUCE, 1, 0.95, "hold")], "hold"),  # behind the sentence that it leans on
        ([evidence(TRUCE, 3, 0.8, "Moscow"), evidence(TRUCE, 0, 0.7, "seven")], "Moscow"),
        ([evidence(TRUCE, 0, 0.95, "even on M")], "seven on Monday"),  # pieces are not words
        ([evidence(FROST, 0, 0.95, "12 degrees")], "−12 degrees"),
        ([evidence(TRUCE, 0, 0.5, "seven")], ""),
        ([evidence(TRUCE, 0, 0.95, "A truce began at seven on Monday")], ""),
        ([evidence(TRUCE, 0, 0.95)], ""),
    ],
)
def test_the_words_that_answer_are_pointed_out_where_their_sentence_surely_answers(
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


def test_what_is_ours_before_a_quotation_is_told_from_it() -> None:
    text = "Reported 3 May 2021: [A title] It rained. [1] [Ada Moor] She left. [2]\n• plaice [3]"
    assert without_own(text) == "It rained. [1] She left. [2]\nplaice [3]"


@pytest.mark.parametrize("text", ["[Ada Moor] She fled.", "Reported 3 May 2021: It broke."])
def test_what_an_article_says_does_not_pass_for_ours(text: str) -> None:
    forged = article(f"Oslo is quiet. {text}", "/f.txt")
    made = compose(choose([evidence(forged, 1, 0.95)])).text
    assert made == f"“{text}” [1]"


def test_who_she_is_is_left_open_where_two_are_named() -> None:
    met = article("Ada Moor met Eve Lund in Oslo. She left early.", "/g.txt")
    assert compose(choose([evidence(met, 1, 0.95)])).text == (
        "Ada Moor met Eve Lund in Oslo. [1] She left early. [2]"
    )


def test_the_words_that_answer_are_pointed_at_behind_a_quotation_mark_of_ours() -> None:
    forged = article("Oslo is quiet. [Ada Moor] She fled to Bonn.", "/f.txt")
    where = forged.body.index("Bonn")
    found = replace(evidence(forged, 1, 0.95), answer=(where, where + len("Bonn")))
    made = compose(choose([found]))
    assert made.answer
    assert made.text[slice(*made.answer)] == "Bonn"
