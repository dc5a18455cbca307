"""Names: what a question asks about by name, and whether a text has any of it."""

import pytest

from retrieval.text.words import always_capitalized, names, shares_a_name, words


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the population of Yerevan?", {"yerevan"}),
        ("Who won in 2019?", {"2019"}),
        ("Where is it?", set()),
        ("Name one of the causes", set()),
    ],
)
def test_names_of_a_question(question: str, expected: set[str]) -> None:
    assert names(question) == expected


def test_words_always_written_with_a_capital() -> None:
    texts = ["Talks were held in Yerevan. Rain fell on the march.", "It was March in Yerevan."]
    assert always_capitalized(texts) == {"yerevan"}


def test_a_name_is_found_as_the_beginning_of_its_kin() -> None:
    assert shares_a_name({"armenia"}, "The Armenian side spoke.")
    assert not shares_a_name({"yerevan"}, "The Armenian side spoke.")
    assert shares_a_name(set(), "Anything.")


def test_a_word_has_its_vowels_in_scripts_that_write_them_as_signs() -> None:
    assert words("युद्धविराम पर हस्ताक्षर किए।") == ["युद्धविराम", "पर", "हस्ताक्षर", "किए"]
    assert words("Cafe\u0301s, snake_case, U.S.") == ["cafe\u0301s", "snake", "case", "u.s"]
