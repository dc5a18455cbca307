"""Which questions stand alone, and what the others are searched together with."""

from __future__ import annotations

import pytest

from retrieval.answers import Turn
from retrieval.search.condense import Query, condense
from retrieval.search.followups import is_follow_up, names_nothing

TRUCE = "Who brokered the truce in Nagorno-Karabakh?"
OTHER = "When did the Beirut port explosion happen?"


def history(*questions: str) -> list[Turn]:
    return [Turn(question, "An answer.") for question in questions]


@pytest.mark.parametrize(
    "question",
    [
        TRUCE,
        OTHER,
        "Were there any displaced people in Stepanakert?",
        "Which group that mediates the conflict met in Geneva?",
        "Is it true that Turkey sent fighters to Azerbaijan?",
    ],
)
def test_questions_that_stand_alone(question: str) -> None:
    assert not is_follow_up(question)
    assert condense(question, history(OTHER, TRUCE)) == Query(question)


@pytest.mark.parametrize(
    "question",
    [
        "What did he say about the Minsk Group?",
        "When did it come into effect on Monday?",
        "And when did Russia agree to that?",
        "What about the Armenian diaspora organisations?",
        "Why?",
        "How many?",
        "ok, and the second truce in October?",
        "Who else signed the November agreement?",
        "Was that the first ceasefire of October?",
    ],
)
def test_questions_that_do_not(question: str) -> None:
    assert is_follow_up(question)
    query = condense(question, history(TRUCE))
    assert query.text == f"{TRUCE} {question}"
    assert query.text[query.focus :] == question


def test_without_history_every_question_is_searched_as_it_is() -> None:
    for question in ("Why?", "And he?", TRUCE, f"  {TRUCE}\n"):
        assert condense(question, []) == Query(question.strip())


def test_a_change_of_subject_leaves_the_conversation_behind() -> None:
    assert condense(OTHER, history(TRUCE, "And when?")) == Query(OTHER)


def test_it_goes_back_to_the_last_question_that_stood_alone() -> None:
    assert condense("And when?", history(TRUCE, OTHER)).text == f"{OTHER} And when?"
    query = condense("And when?", history(OTHER, TRUCE, "Who signed it?", "Why?"))
    assert query.text == f"{TRUCE} And when?"
    assert query.text[query.focus :] == "And when?"


def test_what_was_read_alone_stands_alone_whatever_its_words() -> None:
    asked = "What happened in Ganja?"
    assert is_follow_up(asked)
    said = [Turn(OTHER, "In August."), Turn(asked, "A strike.", standalone=asked)]
    assert condense("And when?", said).text == f"{asked} And when?"


@pytest.mark.parametrize("named", ["and Pashinyan?", "And in Greece?"])
def test_another_name_goes_along_with_a_question_that_has_none(named: str) -> None:
    said = [
        Turn(TRUCE, "Russia.", ("a",), standalone=TRUCE),
        Turn(named, "He did.", ("b",), standalone=f"{TRUCE} {named}"),
        Turn("When?", "In May.", standalone=f"{TRUCE} When?"),
    ]
    query = condense("And why?", said)
    assert query.text == f"{TRUCE} {named} And why?"
    assert query.cited == {"a", "b"}
    assert (
        condense("And when did Russia agree?", said).text == f"{TRUCE} And when did Russia agree?"
    )


def test_where_none_stood_alone_it_goes_back_two() -> None:
    query = condense("Why?", history("And then?", "Who signed it?", "And when?"))
    assert query.text == "Who signed it? And when? Why?"


@pytest.mark.parametrize("greeting", ["Hello!", "Thanks", "ok"])
def test_a_greeting_keeps_its_place_at_the_end(greeting: str) -> None:
    query = condense(greeting, history(TRUCE))
    assert query.text[query.focus :] == greeting
    assert condense(greeting, []) == Query(greeting)


def test_a_short_question_with_a_name_stands_alone() -> None:
    asked = condense("Who is Pashinyan?", [Turn("How many people died in Beirut?", "190. [1]")])
    assert (asked.text, asked.focus) == ("Who is Pashinyan?", 0)


def test_a_long_conversation_leaves_room_for_the_question() -> None:
    asked = condense("And why was that?", [Turn("Who signed the truce? " * 200, "Both.")])
    assert asked.text.endswith("And why was that?")
    assert asked.focus < 450


@pytest.mark.parametrize(
    "question", ["who was it?", "why?", "And then?", "what did they do", "How many?", "how often"]
)
def test_some_questions_have_nothing_that_they_could_be_about(question: str) -> None:
    assert names_nothing(question)


@pytest.mark.parametrize(
    "question", [TRUCE, "Erasmus", "WHO", "What did the WHO do?", "what did the us do"]
)
def test_others_have_something(question: str) -> None:
    assert not names_nothing(question)


def test_a_question_goes_on_with_the_last_one_in_full() -> None:
    whole = "When did the second truce take effect?"
    said = [Turn(TRUCE, "Russia."), Turn("and the second?", "On Sunday.", standalone=whole)]
    assert condense("who brokered it?", said).text == f"{whole} who brokered it?"
