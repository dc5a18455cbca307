"""Every metric on cases small enough to work out by hand."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from sklearn.metrics import ndcg_score

from corpus.article import Article
from retrieval.answers import Answer, Citation
from retrieval.evaluation import metrics
from retrieval.evaluation.metrics import Statement

ARTICLE = Article("a.md", "A title", "The bridge fell on 3 May 2021. Nobody was hurt, police said.")
FIRST = "The bridge fell on 3 May 2021."
SECOND = "Nobody was hurt, police said."


def cite(number: int, quote: str, uri: str = "a.md", shift: int = 0) -> Citation:
    start = ARTICLE.body.find(quote) + shift
    end = start + len(quote)
    return Citation(
        number, ARTICLE.id, "p", "A title", "", None, "", uri, quote, start, end
    )  # fmt: skip


def said(text: str, *citations: Citation) -> Answer:
    return Answer("q", "q", text, citations)


def test_recall_is_the_share_of_the_gold_articles_among_the_first() -> None:
    assert metrics.recall_at(2, ["x", "a", "b"], ["a", "b"]) == 0.5
    assert metrics.recall_at(3, ["x", "a", "b"], ["a", "b"]) == 1.0
    assert metrics.recall_at(5, [], ["a"]) == 0.0


def test_reciprocal_rank_is_of_the_first_gold_article() -> None:
    assert metrics.reciprocal_rank(["x", "y", "a", "b"], {"a", "b"}) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(["x"], {"a"}) == 0.0


def test_ndcg_discounts_by_rank() -> None:
    # Gold at ranks 2 and 3 of two: (1/log2(3) + 1/log2(4)) / (1/log2(2) + 1/log2(3)).
    gained = 1 / math.log2(3) + 1 / 2
    assert metrics.ndcg_at(5, ["x", "a", "b"], {"a": 1, "b": 1}) == pytest.approx(
        gained / (1 + 1 / math.log2(3))
    )
    assert metrics.ndcg_at(1, ["a", "x"], {"a": 1, "b": 1}) == 1.0


def test_ndcg_counts_grades() -> None:
    # Grades 1 then 2: (1 + 2/log2(3)) / (2 + 1/log2(3)).
    expected = (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    assert metrics.ndcg_at(5, ["a", "b"], {"a": 1, "b": 2}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranked", "gains", "recall", "rank", "ndcg"),
    [
        ("d0 d1 d6 d4 d8 d2", {"d5": 1}, 0.000000, 0.000000, 0.000000),
        ("d6 d1 d7 d0 d4 d3", {"d0": 1, "d3": 1}, 0.500000, 0.250000, 0.264068),
        ("d0 d2 d7 d3", {"d0": 1, "d1": 3, "d7": 1}, 0.666667, 1.000000, 0.363114),
        ("d8 d1 d4", {"d1": 1, "d2": 1, "d4": 1, "d8": 2}, 0.750000, 1.000000, 0.879078),
        ("d8 d6 d7 d2 d3 d4", {"d0": 1}, 0.000000, 0.000000, 0.000000),
        ("d3 d1 d4 d2 d6 d8 d7 d5", {"d4": 1, "d5": 1}, 0.500000, 0.333333, 0.306574),
    ],
)
def test_ranking_metrics_are_those_of_trec_eval(
    ranked: str, gains: dict[str, float], recall: float, rank: float, ndcg: float
) -> None:
    """Values of R@5, RR and nDCG@5 by ir-measures 0.4.3, which calls trec_eval.

    It is no dependency: the library under it has no wheel for Linux on ARM, and three functions
    of a line or two are no reason to keep people from installing.
    """
    found = ranked.split()
    assert metrics.recall_at(5, found, gains) == pytest.approx(recall, abs=1e-6)
    assert metrics.reciprocal_rank(found, gains) == pytest.approx(rank, abs=1e-6)
    assert metrics.ndcg_at(5, found, gains) == pytest.approx(ndcg, abs=1e-6)


def test_ndcg_is_that_of_scikit_learn() -> None:
    order = random.Random(20201110)
    documents = [f"d{n}" for n in range(12)]
    for number in range(100):
        gains = {d: order.choice((1, 1, 2, 3)) for d in order.sample(documents, number % 6 + 1)}
        ranked = order.sample(documents, len(documents))
        theirs = ndcg_score(
            [[gains.get(document, 0) for document in documents]],
            [[-ranked.index(document) for document in documents]],
            k=5,
        )
        assert metrics.ndcg_at(5, ranked, gains) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("text", "wording", "there"),
    [
        ("It was on 29\nMarch.", "29 march", True),
        ("1,960 soldiers", "960", False),
        ("12.5 percent", "12", False),
        ("the 12th of May", "12", False),
        ("It cost 12.", "12", True),
        ("human errors", "human error", True),
        ("the terror", "error", False),
        ("ethnic tensions", "ten", False),
        ("ten ships", "ten", True),
        ("they paid €3m", "€3m", True),
    ],
)
def test_a_wording_is_there_as_words_and_whole_numbers(
    text: str, wording: str, there: bool
) -> None:
    assert metrics.holds(text, wording) is there


def test_the_share_of_the_parts_that_an_answer_holds() -> None:
    parts = [["1868"], ["1887", "the late 1880s"]]
    assert metrics.parts_held("Built from 1868 on.", parts) == 0.5
    assert metrics.parts_held("From 1868 to the late 1880s.", parts) == 1.0
    assert metrics.parts_held("Nobody knows.", parts) == 0.0
    assert metrics.parts_held("Built from 1868 on.", parts, needed=1) == 1.0
    assert metrics.parts_held("From 1868 to the late 1880s.", parts, needed=1) == 1.0


def test_token_f1_is_squads() -> None:
    # Said: cat sat on mat (4 words, "the" left out); gold: cat mat: 2 * 2 / (4 + 2).
    assert metrics.token_f1("The cat sat on the mat. [1]", [["the cat, a mat"]]) == pytest.approx(
        4 / 6
    )
    assert metrics.token_f1("A cat", [["dog", "cat"]]) == 1.0
    assert metrics.token_f1("Both: cat, dog", [["cat"], ["dog"]]) == pytest.approx(4 / 5)
    assert metrics.token_f1("nothing of it", [["cat"]]) == 0.0


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("Ada Moor", True),
        ("mayor Moor", True),  # one of two words
        ("Moor, who has been the mayor of Arnsby for years", True),  # has a wording within it
        ("29 March 2021", True),
        ("25 March", False),
        ("on a Monday in March", False),
        ("the", False),
        ("moorland", False),
    ],
)
def test_words_pointed_out_are_the_answer_if_they_share_most_of_a_wording(
    words: str, right: bool
) -> None:
    assert metrics.is_answer(words, [["Ada Moor", "Moor"], ["29 March", "March 29"]]) == right


def test_words_are_counted_without_marks() -> None:
    assert metrics.answer_words("Two words. [1][2]") == 2


def test_statements_are_sentences_with_the_numbers_after_them() -> None:
    answer = said(f"{FIRST} [1] {SECOND} [2][3]", cite(1, FIRST), cite(2, SECOND))
    assert metrics.statements(answer.text, answer.citations) == [
        Statement(FIRST, (1,)),
        Statement(SECOND, (2, 3)),
    ]
    # A quote of two sentences is one statement; what nobody wrote so is cut.
    both = f"{FIRST} {SECOND}"
    assert len(metrics.statements(f"{both} [1]", [cite(1, both)])) == 1
    assert metrics.statements("It rained. It fell. [1]", [cite(1, FIRST)]) == [
        Statement("It rained.", ()),
        Statement("It fell.", (1,)),
    ]


@pytest.mark.parametrize(
    ("text", "borne"),
    [
        (f"{FIRST} [1]", True),
        ("On 3 May 2021 the bridge fell. [1]", True),
        ("The bridge fell on 4 May. [1]", False),
        ("The bridge in Springfield fell on 3 May. [1]", False),
        ("Engineers blamed rusting cables. [1]", False),
        (FIRST, False),
        (f"{FIRST} [2]", False),
    ],
)
def test_a_sentence_is_borne_out_by_the_quotes_it_cites(text: str, borne: bool) -> None:
    answer = said(text, cite(1, FIRST))
    assert metrics.citation_recall(answer, answer.citations) == float(borne)
    assert metrics.unsupported(answer, answer.citations) == int(not borne)


def test_an_articles_own_brackets_are_no_marks() -> None:
    quote = "The treaty [7] was signed."
    text = "The treaty (7) was signed. [1]"
    assert metrics.citation_recall(said(text, cite(1, quote)), [cite(1, quote)]) == 1.0


def test_citation_recall_is_the_share_of_sentences() -> None:
    answer = said(f"{FIRST} [1] It was sabotage. [1]", cite(1, FIRST))
    assert metrics.citation_recall(answer, answer.citations) == 0.5
    assert metrics.unsupported(answer, answer.citations) == 1
    # A quote that is not where it says bears nothing out.
    assert metrics.citation_recall(answer, ()) == 0.0


def test_citation_precision_wants_verbatim_quotes_of_gold_articles() -> None:
    good, other, false = cite(1, FIRST), cite(2, SECOND, "b.md"), cite(3, SECOND, shift=1)
    bodies = {ARTICLE.id: ARTICLE.body}
    cited = [good, other, false]
    sound = [c for c in cited if metrics.is_verbatim(c, bodies)]
    assert sound == [good, other]
    assert metrics.citation_precision(cited, sound, ["a.md"]) == pytest.approx(1 / 3)
    assert metrics.citation_precision([], [], ["a.md"]) == 0.0


def test_a_passage_is_whole_sentences_in_their_place() -> None:
    assert metrics.whole(ARTICLE, 0, len(FIRST), FIRST)
    assert metrics.whole(ARTICLE, 0, len(ARTICLE.body), ARTICLE.body)
    assert not metrics.whole(ARTICLE, 1, len(FIRST), FIRST[1:])
    assert not metrics.whole(ARTICLE, 0, len(FIRST), SECOND)
    assert not metrics.whole(replace(ARTICLE, body="Other words."), 0, len(FIRST), FIRST)
