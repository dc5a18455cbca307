"""Which inline queries are one question being typed."""

from __future__ import annotations

from bot.telegram.conversation.inline import Typing
from tests.telegram.desk import SHIP, TRUCE


def test_a_question_being_typed_is_one_and_the_next_is_another() -> None:
    now = 1000.0
    typing = Typing(lambda: now)
    typed = [TRUCE[:length] for length in (8, 15, len(TRUCE), 20)]
    assert [typing.question(1, number, text) for number, text in enumerate(typed)] == [0] * 4
    assert typing.question(2, 10, TRUCE) == 10, "another person's"
    assert typing.question(1, 11, SHIP) == 11, "another question"
    now += 61
    assert typing.question(1, 12, SHIP) == 12, "asked again later"


def test_few_are_remembered() -> None:
    typing = Typing(lambda: 1000.0)
    for person in range(1, 1002):
        typing.question(person, person, TRUCE)
    assert typing.question(1001, 5000, TRUCE) == 1001
    assert typing.question(1, 5000, TRUCE) == 5000
