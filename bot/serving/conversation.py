"""Reads a conversation as OpenAI's clients send it, and remembers what was answered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import Annotated

from pydantic import BaseModel, Field

from bot.questions import question_from, turn_of
from bot.serving.errors import Refused
from bot.serving.schemas import Day, FiltersGiven
from bot.serving.wording import without_sources
from bot.sessions import LONGEST_HISTORY
from retrieval.answers import Question, Turn
from retrieval.errors import BadQuestion
from retrieval.search import syntax

_TEXTS = ("text", "input_text", "output_text")
_KEPT = 1000


class Part(BaseModel):
    """A part of a message."""

    type: str = "text"
    text: str = ""


class Message(BaseModel):
    """A message of a conversation. Those of the system and of tools are passed over."""

    role: str = ""
    content: str | list[Part] | None = None


class Asked(BaseModel):
    """What a question may have beside itself that OpenAI's API does not know."""

    filters: Annotated[
        FiltersGiven | None, Field(description="What the question is narrowed to.")
    ] = None
    as_of: Annotated[Day | None, Field(description="Answer as on this day.")] = None


class Memory:
    """Keeps the turns of conversations under a key: the text of an answer, or a response's id.

    A client sends an answer back as a text. With its citations, "who says so?" is understood.
    Thread-safe; the conversation used longest ago goes first.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, turns: Sequence[Turn]) -> None:
        """Keep turns under a key."""
        with self._lock:
            self._kept[key] = tuple(turns)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, key: str) -> tuple[Turn, ...] | None:
        """Return the turns under a key, if they are kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


def question_in(
    messages: Sequence[Message], asked: Asked, memory: Memory, before: Sequence[Turn] = ()
) -> Question:
    """Return the question that a conversation ends with. `before` is what came before it.

    Raises:
        Refused: there is none, or something other than text.
        BadQuestion: it cannot be asked.
    """
    turns, open_question = list(before), ""
    for message in messages:
        if message.role not in ("user", "assistant"):
            continue
        text = _text_of(message)
        if message.role == "user":
            if open_question:
                turns.append(_turn(open_question, "", memory))
            open_question = text
        elif open_question:
            turns.append(_turn(open_question, text, memory))
            open_question = ""
    if not open_question:
        raise Refused("The conversation is to end with a question of the user.", param="messages")
    filters = (asked.filters or FiltersGiven()).filters()
    history = tuple(turn for turn in turns[-LONGEST_HISTORY:] if turn.question)
    return question_from(open_question, history, asked.as_of, filters)


def _turn(question: str, answer: str, memory: Memory) -> Turn:
    with suppress(BadQuestion):  # it was declined when it was asked
        question = syntax.read(question).text
    told = turn_of(question, without_sources(answer))
    known = memory.get(answer.strip())
    return replace(known[0], question=told.question) if known else told


def _text_of(message: Message) -> str:
    if not isinstance(message.content, list):
        return message.content or ""
    strange = [part.type for part in message.content if part.type not in _TEXTS]
    if strange and message.role == "user":
        raise Refused(f"Newsdesk reads text, and no {strange[0][:40]}.", param="messages")
    return "\n".join(part.text for part in message.content if part.type in _TEXTS)
