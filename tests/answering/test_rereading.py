"""What a second reading of the best sentences finds."""

from __future__ import annotations

from corpus.article import Article
from retrieval.answering.evidence import Evidence, Features
from retrieval.answering.rereading import Rereading, reread
from retrieval.archive.passages import Passage
from retrieval.search.condense import Query
from retrieval.text.sentences import Kind, Sentence
from tests.in_process import shared_reader

SHIP = "The Ever Given is 400 metres long and weighs more than 200,000 tonnes."
WEATHER = "A storm was expected on the coast on Friday."


def read_again(question: str, *sentences: str, said_before: str = "") -> Rereading:
    """Sentences of an article, the best first, read again for a question."""
    body = " ".join(sentences)
    features = Features(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    article, passage = Article("/a.txt", "", body), Passage("p", "a", 0, 0, len(body), body)
    evidence = [
        Evidence(article, passage, Sentence(at, at + len(text), Kind.SENTENCE), features, 0.5)
        for text in sentences
        for at in [body.index(text)]
    ]
    return reread(shared_reader(), Query(said_before + question, len(said_before)), evidence)


def test_a_sentence_that_says_it_answers_by_itself() -> None:
    says, does_not = (
        read_again("How long is the Ever Given?", SHIP),
        read_again("Who owns the Ever Given?", SHIP),
    )
    assert says.alone > 0 > does_not.alone


def test_one_of_the_best_sentences_is_enough() -> None:
    assert read_again("How long is the Ever Given?", WEATHER, SHIP).alone > 0


def test_without_the_word_that_it_says_nothing_of_a_sentence_answers_better() -> None:
    asked, another = "How long is the Ever Given?", "How old is the Ever Given?"
    assert read_again(asked, SHIP).risen == 0 < read_again(another, SHIP).risen


def test_words_of_earlier_questions_stay() -> None:
    """Without "length" the answer would be the better one, and without "it" nothing is left out."""
    asked = read_again("Where was it?", SHIP, said_before="What is the age of the Ever Given? ")
    assert asked.risen == 0.0
