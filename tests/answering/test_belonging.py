"""What is measured of a sentence to tell whether it belongs in an answer beside the best."""

from datetime import date

from corpus.article import Article
from retrieval.answering.belonging import Chooser, measured
from retrieval.answering.evidence import Evidence, EvidenceReader, Features
from retrieval.answering.forms import Form
from retrieval.archive.passages import Passage
from retrieval.assistant import BELONGING_MODEL, EVIDENCE_MODEL, SIDES_MODEL
from retrieval.logistic import load_logistic
from retrieval.search.condense import Query
from retrieval.text.sentences import split_sentences
from tests.in_process import shared_encoder

FEATURES = Features(
    evidence=1.0, span=1.0, answers=1.0, gap=0.0, found=0.5, cosine=0.5, kind=1.0, named=1.0
)
MARKET = (
    "The market of Arnsby sells plaice. It sells cod and herring too. The mayor was there.\n"
    "The market opens at six."
)


def told(body: str, uri: str, sentence: int, probability: float) -> Evidence:
    article = Article(uri, "The market", body, "An outlet", date(2021, 5, 3))
    passage = Passage(f"p-{uri}", uri, 0, 0, len(body), body)
    return Evidence(article, passage, split_sentences(body)[sentence], FEATURES, probability)


def test_what_stands_next_to_a_likely_sentence_is_told_from_what_does_not() -> None:
    best, next_to_it, further = (
        told(MARKET, "/a", n, p) for n, p in ((0, 0.9), (1, 0.1), (3, 0.1))
    )
    of_best, beside, apart = measured([best, next_to_it, further], [0.8, 0.5, 0.6])
    assert beside.beside == of_best.likely > apart.beside
    assert of_best.beside == beside.likely
    assert beside.likely == apart.likely < 0 == of_best.behind
    assert [m.together for m in (of_best, beside, apart)] == [1.0, 1.0, 1.0]
    assert [round(m.farther, 2) for m in (of_best, beside, apart)] == [0.0, -0.3, -0.2]


def test_another_article_is_not_beside_and_shares_its_words() -> None:
    best = told(MARKET, "/a", 0, 0.9)
    copy, other = told(MARKET, "/b", 0, 0.5), told("Rain fell on Oslo.", "/c", 0, 0.4)
    _, same, apart = measured([best, copy, other], [0.8, 0.8, 0.1])
    assert (same.together, same.shared) == (0.0, 1.0)
    assert (apart.together, apart.shared) == (0.0, 0.0)
    assert same.beside == apart.beside < same.likely


def test_the_other_value_is_told_where_two_are_asked_for() -> None:
    reader = EvidenceReader(shared_encoder(), load_logistic(EVIDENCE_MODEL))
    chooser = Chooser(reader, load_logistic(BELONGING_MODEL), load_logistic(SIDES_MODEL))
    now = told("The toll of the fire in Arnsby has risen to 21.", "/a", 0, 0.9)
    before = told("The fire in Arnsby killed at least 19 people.", "/b", 0, 0.1)
    query = Query("How many died in the fire in Arnsby, and what was the first figure?")
    both = chooser.choose(query, [now, before], Form.SIDES)
    assert [s.text for s in both] == [now.text, before.text]
    assert [s.text for s in chooser.choose(query, [now, before], None)] == [now.text]
