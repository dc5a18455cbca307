"""What a record says of an answer's words that are pointed out."""

import pytest

from retrieval.answers import Answer, Question
from retrieval.evaluation.golden import Case
from retrieval.evaluation.judging import judge
from retrieval.evaluation.results import Expected

TEXT = "The bridge fell on 3 May 2021. [1]"
THERE = Expected(True, ("a.md",), (("3 May",),))


@pytest.mark.parametrize(
    ("expected", "words", "pointed", "right"),
    [
        (THERE, "3 May 2021", 1.0, 1.0),
        (THERE, "The bridge", 1.0, 0.0),
        (THERE, "", 0.0, None),
        (Expected(True, ("a.md",)), "3 May 2021", 1.0, None),  # no gold answer to compare with
        (Expected(False), "3 May 2021", 1.0, 0.0),
    ],
)
def test_words_pointed_out_are_judged_by_the_gold_answer_and_wrong_where_there_is_none(
    expected: Expected, words: str, pointed: float, right: float | None
) -> None:
    at = TEXT.index(words)
    answer = Answer("q", "q", TEXT, answer_span=(at, at + len(words)) if words else None)
    values = judge(Case("q-1", "fact", Question("When?"), expected), answer, 1.0).values
    assert (values.get("pointed"), values.get("pointed_right")) == (pointed, right)


def test_a_model_points_at_no_words() -> None:
    answer = Answer("q", "q", TEXT, engine="openai:a-model")
    values = judge(Case("q-1", "fact", Question("When?"), THERE), answer, 1.0).values
    assert "pointed" not in values
