"""Which sentences tell of a subject, of those that were measured."""

from datetime import date

from corpus.article import Article
from retrieval.answering.salience import Limits, Observed, Salience, chosen
from retrieval.answering.salient import Candidate
from retrieval.archive.passages import Passage
from retrieval.logistic import Logistic
from retrieval.search.condense import Query
from retrieval.search.searcher import SearchResult
from retrieval.text.sentences import split_sentences

BY_LIKENESS = Logistic(-5.0, {"likeness": 10.0})
"""A likeness of .5 is even odds."""

LIMITS = Limits(sentences=3, words=40)


def observed(*told: tuple[str, float]) -> Observed:
    """Some texts, each of an article of its own, whose sentences are alike to the subject."""
    sentences, measured = [], []
    for number, (body, likeness) in enumerate(told):
        article = Article(f"/{number}", "Arnsby", body, published=date(2021, 5, 1 + number))
        passage = Passage(f"p{number}", article.id, 0, 0, len(body), body)
        for sentence in split_sentences(body):
            sentences.append(Candidate(article, passage, sentence))
            measured.append(Salience(0, likeness, 0, 0, 0, 0, 0, 0, 0, 0))
    return Observed(SearchResult(Query("Arnsby"), [], []), sentences, measured)


def texts(found: Observed, limits: Limits = LIMITS, among: set[int] | None = None) -> list[str]:
    return [candidate.text for candidate in chosen(found, BY_LIKENESS, limits, among)]


FOUR = [
    ("The market of Arnsby burned down in May.", 0.8),
    ("A new market was opened by Mayor Lund.", 0.6),
    ("Herring costs four crowns in Oslo.", 0.1),
    ("Traders put up stalls on the quay meanwhile.", 0.7),
]


def test_what_belongs_is_told_best_first_and_what_does_not_is_left_out() -> None:
    assert texts(observed(*FOUR)) == [FOUR[n][0] for n in (0, 3, 1)]


def test_nothing_is_told_where_the_best_is_not_worth_it() -> None:
    assert texts(observed(*((text, likeness - 0.5) for text, likeness in FOUR))) == []


def test_no_more_is_told_than_there_is_room_for() -> None:
    assert len(texts(observed(*FOUR), Limits(sentences=2, words=40))) == 2
    assert len(texts(observed(*FOUR), Limits(sentences=3, words=12))) == 1


def test_only_what_is_of_the_time_is_told_if_the_subject_is_there_at_all() -> None:
    assert texts(observed(*FOUR), among={1, 2}) == [FOUR[1][0]]
    assert texts(observed(*FOUR), among=set()) == []


def test_the_same_in_other_articles_is_told_once() -> None:
    again = (FOUR[0][0].replace("down in May", "down then in May"), 0.7)
    assert texts(observed(FOUR[0], again)) == [FOUR[0][0]]


def test_what_leans_on_the_sentence_before_comes_with_it_once() -> None:
    both = "Mayor Lund opened the market. She also cut a ribbon."
    assert texts(observed((both, 0.8))) == [both]
    assert texts(observed(("It was closed. She also cut a ribbon.", 0.8))) == []
