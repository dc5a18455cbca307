from __future__ import annotations

from datetime import date

import pytest

from bot.questions import question_from
from bot.sessions import LONGEST_HISTORY, remember
from corpus.article import Article
from retrieval.answers import Answer, Citation, Turn
from retrieval.archive.passages import Match, Passage
from retrieval.errors import BadQuestion

ARTICLE = Article("/a.txt", "A", "Body.")
MATCH = Match(Passage("p", "a", 0, 0, 5, "Body."), ARTICLE, 1.0)


def cite(number: int, article_id: str) -> Citation:
    return Citation(number, article_id, "p", "A", "", None, "", "/a.txt", "Body.", 0, 5)


def test_an_answer_and_a_refusal_are_remembered_and_a_greeting_is_not() -> None:
    answer = Answer(
        "Q", "Q", "Body. [1]", (cite(1, "a"), cite(2, "a"), cite(3, "b")), matches=(MATCH,)
    )
    refusal = Answer("R", "R", "No.", refused=True, matches=(MATCH,))
    greeting = Answer("Hi", "Hi", "Hello!", refused=True)
    history: tuple[Turn, ...] = ()
    for said in (answer, greeting, refusal):
        history = remember(history, said)
    assert history == (Turn("Q", "Body. [1]", ("a", "b")), Turn("R", "No."))


@pytest.mark.parametrize(
    ("searched", "alone"),
    [("Why?", True), ("Who brokered it? Why?", False), ("Why did it fail?", None)],
)
def test_whether_a_question_was_read_alone_is_remembered(searched: str, alone: bool | None) -> None:
    [turn] = remember((), Answer("Why?", searched, "It did. [1]", (cite(1, "a"),)))
    assert turn.alone is alone


def test_only_the_last_turns_are_kept() -> None:
    history: tuple[Turn, ...] = ()
    for number in range(LONGEST_HISTORY + 5):
        history = remember(history, Answer(str(number), "", "", matches=(MATCH,)))
    assert [turn.question for turn in history] == [str(n) for n in range(5, LONGEST_HISTORY + 5)]


def test_a_question_is_one_clean_line() -> None:
    asked = question_from(" Who\r\nbrokered\t\x1b[31mit? \x00", as_of=date(2020, 1, 2))
    assert (asked.text, asked.as_of) == ("Who brokered it?", date(2020, 1, 2))
    for text in ("", " \n\t", "\x1b[31m", "a" * 2001):
        with pytest.raises(BadQuestion):
            question_from(text)
