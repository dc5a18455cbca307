"""Words that the tests share: questions that the sample archive answers, and how to know it."""

from __future__ import annotations

from typing import Any

from tests.telegram.botapi import Person, Room, Shown

TRUCE = "When did the third truce take effect?"
PEACEKEEPERS = "How many Russian peacekeepers will be deployed?"
MINSK = "Who co-chairs the Minsk Group?"
SHIP = "How long was the Ever Given stuck in the Suez Canal?"
MARS = "When did Perseverance land on Mars?"
QUESTIONS = (TRUCE, PEACEKEEPERS, MINSK, SHIP, MARS)
UNANSWERED = "Which restaurants in Lisbon serve the best octopus?"


def finished(shown: Shown) -> bool:
    """Whether an answer is complete: it can be judged then."""
    return any("👍" in button["text"] for button in shown.buttons)


def asks(person: Person, question: str, room: Room | None = None, **how: Any) -> Shown:
    """A person asks, in private if no room is named; returns the finished answer."""
    room = room or person.private
    return room.reply(room.said(person, question, **how), finished)


def one_answer(room: Room, question: Shown) -> Shown:
    """The only reply to a question."""
    replies = room.replies(question)
    assert len(replies) == 1, replies
    return replies[0]
