"""Questions about who holds an office, and the sentences that name somebody with it."""

from __future__ import annotations

import pytest

from retrieval.answering.offices import Office, office_asked


@pytest.mark.parametrize(
    ("question", "role", "place"),
    [
        ("Who is the president of Armenia?", "president", "Armenia"),
        ("who's the mayor of ganja", "mayor", "ganja"),
        ("Who is Turkey's foreign minister?", "foreign minister", "Turkey"),
        ("And who is the Turkish president?", "president", "Turkish"),
        ("Who was the chairman of the Suez Canal Authority?", "chairman", "Suez Canal Authority"),
    ],
)
def test_the_office_that_is_asked_for(question: str, role: str, place: str) -> None:
    assert office_asked(question) == Office(role, place)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Nikol Pashinyan?",
        "Who is to blame for the fall of Shusha?",
        "Who is the winner?",
        "Who brokered the truce of October?",
        "What is the capital of Armenia?",
    ],
)
def test_no_office_is_asked_for(question: str) -> None:
    assert office_asked(question) is None


@pytest.mark.parametrize(
    "text",
    [
        "Armenian President Armen Sarkissian flew home.",
        "Armenia's president, Armen Sarkissian, flew home.",
        "He met President Armen Sarkissian of Armenia.",
        "The president of Armenia, Armen Sarkissian, flew home.",
        "Armen Sarkissian, the president of Armenia, flew home.",
        "Armen Sarkissian, 67, Armenia's new president, flew home.",
    ],
)
def test_who_holds_it(text: str) -> None:
    assert Office("president", "Armenia").is_held(text)
    assert not Office("president", "Azerbaijan").is_held(text)
    assert Office("president", "Azerbaijan").is_another(text)
    assert not Office("prime minister", "Armenia").is_held(text)


@pytest.mark.parametrize(
    "text",
    [
        "The former president of Armenia, Robert Kocharyan, was tried.",
        "Armenia elects a president in March.",
        "Armenian Vice President Armen Sarkissian flew home.",
        "President Ilham Aliyev spoke of Armenia.",
    ],
)
def test_nobody_is_said_to_hold_it(text: str) -> None:
    assert not Office("president", "Armenia").is_held(text)


def test_an_office_without_a_place_may_be_the_one() -> None:
    assert not Office("president", "Iran").is_another("President Hassan Rouhani had warned.")
    assert Office("president", "Iran").is_another("The ministry had warned.")
