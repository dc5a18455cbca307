"""What a follow-up asks that only names something."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.answering.ellipsis import asks, in_two, left_of, number_left_of, restored, with_added

NAMES = frozenset("brent wti barda ganja kalbajar aghdam pashinyan vienna".split())
TODAY = date(2021, 1, 31)


def asked(question: str, last: str) -> list[str]:
    return restored(left_of(question), last, NAMES.__contains__, TODAY)


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("How much does Ingenuity weigh?", "and WTI?", "How much does WTI weigh?"),
        (
            "How long is the Suez Canal?",
            "what about the Ever Given?",
            "How long is the Ever Given?",
        ),
        ("how much did brent go up?", "and WTI?", "how much did WTI go up?"),
        ("How did Aliyev react?", "and pashinyan?", "How did pashinyan react?"),
        ("Whose are Pfizer's doses?", "and Vienna's?", "Whose are Vienna's doses?"),
        ("How many Dutch died?", "and Vienna ones?", "How many Vienna died?"),
        ("how many Dutch men died?", "and Turkish men?", "how many Turkish men died?"),
        (
            "When did the first truce end?",
            "and the second truce?",
            "When did the second truce end?",
        ),
        ("When did the first truce end?", "and the third one?", "When did the third truce end?"),
        ("When did the first truce end?", "the last one", "When did the last truce end?"),
        ("What happened in Ganja?", "and in barda?", "What happened in barda?"),
        ("Who got in at Ganja on foot?", "and near Barda?", "Who got in near Barda on foot?"),
        ("Who is the head of Pfizer?", "and of Moderna?", "Who is the head of Moderna?"),
        ("How big was it according to Rome?", "or according to Vienna", "How big was it according"),
        ("How heavy is the rover?", "and the helicopter?", "How heavy is the helicopter?"),
        ("When did the rover land?", "ok, and the probe itself?", "When did the probe land?"),
        ("who makes the drone?", "and the Vienna one?", "who makes the Vienna drone?"),
        ("What happened in Ganja on 4 May?", "and on 9 June?", "What happened in Ganja on 9 June?"),
        ("How many died by 4 May in Ganja?", "by 9 May?", "How many died in Ganja by 9 May?"),
        (
            "What happened in Ganja?",
            "and between 5 and 8 October?",
            "What happened in Ganja between 5 and 8 October?",
        ),
    ],
)
def test_what_is_named_takes_the_place_of_what_is_of_its_sort(
    last: str, question: str, expected: str
) -> None:
    assert asked(question, last)[0].startswith(expected)


def test_each_name_of_a_question_may_be_the_one() -> None:
    both = asked("and Vienna?", "When did Ganja hear of Barda?")
    assert both == ["When did Vienna hear of Barda?", "When did Ganja hear of Vienna?"]


@pytest.mark.parametrize(
    ("last", "question"),
    [
        ("What happened in the war?", "and in Barda?"),
        ("Who died in Ganja?", "and the captain?"),
        ("How many died?", "and injured?"),
        ("Who is Aliyev?", "and the Ever Given?"),
        ("How heavy is the rover?", "and the rover?"),
    ],
)
def test_what_is_of_another_sort_takes_no_place(last: str, question: str) -> None:
    assert not asked(question, last)


def test_a_place_is_added_to_a_question_that_has_none() -> None:
    assert with_added(left_of("and in Barda?"), "How many died?") == ["How many died in Barda?"]
    assert with_added(left_of("and Barda?"), "How many died?") == []


@pytest.mark.parametrize(
    "question",
    [
        "and how heavy?",
        "what about the vote, who won?",
        "and before him?",
        "why?",
        "and then?",
        "did the truce hold?",
        "and that helicopter?",
        "and the other five of those who were there then?",
    ],
)
def test_what_asks_by_itself_or_points_back_names_nothing_alone(question: str) -> None:
    assert not left_of(question)
    assert asks(question)


def test_a_number_at_the_end_of_a_question_leaves_out_of_what() -> None:
    assert number_left_of("why did so few turn out for the third?") == "the third"
    assert not number_left_of("who brokered the third truce?")


def test_a_question_in_full_is_told_from_what_it_goes_on_with() -> None:
    assert in_two("Who won in Rome? by how much?") == ("Who won in Rome?", "by how much?")
    assert in_two("Who won in Rome?") == ("", "Who won in Rome?")
