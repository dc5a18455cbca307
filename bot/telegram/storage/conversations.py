"""Stores the turns of conversations, and the answers that buttons refer to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import Any

from bot.rendering.as_json import answer_object, citations_in, turn_in
from bot.sessions import LONGEST_HISTORY, remember
from bot.telegram.storage.store import Store
from retrieval.answers import Answer, Citation, Turn

_BEGINNING = ""
"""The question of the turn that marks the beginning of a conversation; no other turn has it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The key of a conversation: a person in a thread of a chat; thread 0 is the chat itself."""

    chat_id: int
    thread_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A stored answer: its chat, its asker, and the messages that show it.

    `content` is the JSON object of `newsdesk ask --json`, without the passages' texts.
    """

    id: int
    chat_id: int
    user_id: int
    question_message: int
    messages: tuple[int, ...]
    content: dict[str, Any]

    @property
    def citations(self) -> list[Citation]:
        """The answer's citations, as they were when it was given."""
        return citations_in(self.content)

    @property
    def turn(self) -> Turn:
        """Question and answer as a turn of a conversation."""
        return turn_in(self.content)


class Conversations:
    """Reads and writes histories and answers in the bot's tables."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def history(self, place: Place, before: int) -> tuple[Turn, ...]:
        """Return the last turns of the conversation that a message is part of, oldest first."""
        rows = self._store.rows(
            "SELECT question, answer, cited, (SELECT answers.answer FROM answers WHERE "
            "answers.chat_id = turns.chat_id AND question_message = message_id "
            "ORDER BY answers.id DESC LIMIT 1) FROM turns WHERE chat_id = ? AND thread_id = ? "
            "AND user_id = ? AND message_id < ? ORDER BY message_id DESC LIMIT ?",
            *_key(place),
            before,
            LONGEST_HISTORY,
        )
        last = list(takewhile(lambda row: row[0] != _BEGINNING, rows))
        return tuple(_turn(*row) for row in reversed(last))

    def remember(self, place: Place, message_id: int, answer: Answer) -> None:
        """Add the turn of a message, or replace it. Small talk such as a greeting is not stored."""
        with self._store.transaction():
            self._store.write(
                "DELETE FROM turns WHERE chat_id = ? AND thread_id = ? AND user_id = ? "
                "AND message_id = ?",
                *_key(place),
                message_id,
            )
            for turn in remember((), answer):
                self._add(place, message_id, turn)
            self._store.write(
                "DELETE FROM turns WHERE chat_id = ? AND thread_id = ? AND user_id = ? AND id NOT "
                "IN (SELECT id FROM turns WHERE chat_id = ? AND thread_id = ? AND user_id = ? "
                "ORDER BY message_id DESC LIMIT ?)",
                *_key(place),
                *_key(place),
                LONGEST_HISTORY,
            )

    def _add(self, place: Place, message_id: int, turn: Turn) -> None:
        self._store.write(
            "INSERT INTO turns (chat_id, thread_id, user_id, message_id, question, answer, cited, "
            "at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *_key(place),
            message_id,
            turn.question,
            turn.answer,
            json.dumps(turn.cited),
            time.time(),
        )

    def begin_anew(self, place: Place, message_id: int) -> None:
        """Delete a place's turns, and mark where its new conversation begins.

        An answer that is still being written belongs to the one before. The buttons under all
        answers go on working.
        """
        with self._store.transaction():
            self._store.write(
                "DELETE FROM turns WHERE chat_id = ? AND thread_id = ? AND user_id = ?",
                *_key(place),
            )
            self._add(place, message_id, Turn(_BEGINNING, ""))

    def save(self, update_id: int, place: Place, question_message: int, answer: Answer) -> int:
        """Store an answer before it is sent, in place of an earlier one. Return its id."""
        content = answer_object(answer)
        for found in content["retrieved"]:
            del found["text"]  # most of an answer's size, and the archive has it
        with self._store.transaction():
            self._store.write("DELETE FROM answers WHERE update_id = ?", update_id)
            return self._store.insert(
                "INSERT INTO answers (update_id, at, chat_id, user_id, question_message, "
                "messages, answer) VALUES (?, ?, ?, ?, ?, '[]', ?)",
                update_id,
                time.time(),
                place.chat_id,
                place.user_id,
                question_message,
                json.dumps(content),
            )

    def save_messages(self, update_id: int, messages: list[int]) -> None:
        """Store the ids of the messages that show an answer."""
        self._store.write(
            "UPDATE answers SET messages = ? WHERE update_id = ?", json.dumps(messages), update_id
        )

    def answer(self, answer_id: int) -> Answered | None:
        """Return an answer by its id, or None if it was deleted."""
        return self._find("id = ?", answer_id)

    def answer_to(self, chat_id: int, message_id: int) -> Answered | None:
        """Return the newest answer to the message, or None."""
        return self._find("chat_id = ? AND question_message = ?", chat_id, message_id)

    def answer_in(self, chat_id: int, message_id: int) -> Answered | None:
        """Return the answer that one of the bot's messages shows, whole or in part, or None."""
        return self._find(
            # "[10, 11]" becomes ", 10, 11,".
            "chat_id = ? AND replace(replace(messages, '[', ', '), ']', ',') LIKE ?",
            chat_id,
            f"%, {message_id},%",
        )

    def every(self, since: float = 0) -> Iterator[tuple[Answered, float]]:
        """Yield the answers given since a time, newest first, each with when; in seconds."""
        given = self._store.rows("SELECT id, at FROM answers WHERE at >= ? ORDER BY id DESC", since)
        for number, at in given:
            if answered := self.answer(number):
                yield answered, at

    def _find(self, where: str, *values: object) -> Answered | None:
        rows = self._store.rows(
            "SELECT id, chat_id, user_id, question_message, messages, answer FROM answers "
            f"WHERE {where} ORDER BY id DESC LIMIT 1",
            *values,
        )
        for number, chat_id, user_id, question_message, messages, content in rows:
            return Answered(
                number,
                chat_id,
                user_id,
                question_message,
                tuple(json.loads(messages)),
                json.loads(content),
            )
        return None


def _turn(question: str, answer: str, cited: str, given: str | None) -> Turn:
    content = json.loads(given or "{}")
    citations = tuple(citations_in(content))
    standalone = content.get("standalone_question", "")
    return Turn(question, answer, tuple(json.loads(cited)), citations, standalone)


def _key(place: Place) -> tuple[Any, ...]:
    return tuple(asdict(place).values())
