"""Parses and checks questions: from a text, or from the lines of a batch file."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from corpus.cleaning import clean_text
from retrieval.answers import Question, Turn
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.errors import BadQuestion, CannotCheck, NewsdeskError
from retrieval.search import syntax

T = TypeVar("T")

LONGEST_QUESTION = 2000
"""The most code points in a question. Earlier turns of a conversation are cut to this length."""


STDIN = Path("-")


class BatchUnreadable(NewsdeskError):
    """A batch file cannot be read."""


@dataclass(frozen=True, slots=True)
class BatchRecord(Generic[T]):
    """A line of a batch: what it asks for, or the error that keeps it from being done."""

    id: Any
    asked: T | None = None
    error: str = ""


def question_from(
    text: str,
    history: tuple[Turn, ...] = (),
    as_of: date | None = None,
    filters: Filters = EVERYTHING,
) -> Question:
    """Clean a text and return it as a question, with the filters typed in it and those given.

    Raises:
        BadQuestion: the text is empty or longer than `LONGEST_QUESTION`, or a filter in it names
            no day.
    """
    cleaned = _cleaned(text)
    if not cleaned:
        raise BadQuestion("The question is empty.")
    if len(cleaned) > LONGEST_QUESTION:
        raise BadQuestion(
            f"The question has {len(cleaned):,} characters; at most {LONGEST_QUESTION:,} are read."
        )
    typed = syntax.read(cleaned)
    if not typed.text:
        raise BadQuestion("There is a filter, but nothing to look for: add what you want to know.")
    return Question(typed.text, history, as_of, filters & typed.filters)


def read_filter(text: str, standing: Filters) -> Filters:
    """Return the filter that stands after `/filter` and a text: none leaves it, "off" ends it.

    Raises:
        BadQuestion: the text is no filter; says what there is.
    """
    cleaned = _cleaned(text)
    if cleaned.lower() == "off":
        return EVERYTHING
    return filters_from(cleaned) if cleaned else standing


def filters_from(text: str) -> Filters:
    """Return the filters that a text such as "source:BBC after:2020-10" is made of.

    Raises:
        BadQuestion: something in it is none, or it is too long.
    """
    cleaned = _cleaned(text)
    if len(cleaned) > LONGEST_QUESTION:
        raise BadQuestion(f"A filter may have {LONGEST_QUESTION:,} characters at most.")
    return syntax.filters_in(cleaned)


def timeline_of(subject: str) -> str:
    """Return the question that asks for the timeline of a subject, or "" for none."""
    return f"Timeline of {subject.strip()}" if subject.strip() else ""


def _cleaned(text: str) -> str:
    return " ".join(clean_text(text).split())


def read_batch(path: Path, parse: Callable[[dict[str, Any]], T]) -> Iterator[BatchRecord[T]]:
    """Yield the records of a JSON Lines file, in order; blank lines are skipped.

    A line is an object with an "id"; `parse` makes the rest of it. The path - stands for stdin.

    Raises:
        BatchUnreadable: the file cannot be read.
    """
    try:
        with sys.stdin.buffer if path == STDIN else path.open("rb") as file:
            lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace")
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(number, line, parse)
    except OSError as error:
        raise BatchUnreadable(f"{path} cannot be read: {error.strerror}.") from error


def _record(number: int, line: str, parse: Callable[[dict[str, Any]], T]) -> BatchRecord[T]:
    try:
        fields = json.loads(line, parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError):
        return BatchRecord(None, error=f"line {number} is not JSON")
    if not isinstance(fields, dict):
        return BatchRecord(None, error=f"line {number} is not an object")
    identity = fields.get("id")
    try:
        return BatchRecord(identity, parse(fields))
    except (BadQuestion, CannotCheck, ValueError) as error:
        return BatchRecord(identity, error=f"line {number}: {error}")


def _not_json(constant: str) -> NoReturn:
    """Reject NaN and Infinity, which Python accepts but RFC 8259 does not."""
    raise ValueError(f"{constant} is not JSON")


def _finite(number: str) -> float:
    """Parse a number. Reject one too large for a float, which would be printed as Infinity."""
    value = float(number)
    return value if math.isfinite(value) else _not_json(number)


def question_in(fields: dict[str, Any]) -> Question:
    """Return the question of a batch's line.

    The line is `{"question", "history": [{"question", "answer"}]?, "as_of"?, "filters"?}`. A turn
    of the history without a question is skipped.

    Raises:
        BadQuestion, ValueError: it has none that can be asked.
    """
    text, history = fields.get("question"), fields.get("history")
    if not isinstance(text, str):
        raise ValueError('"question" is missing or not a string')
    if not isinstance(history, list | None):
        raise ValueError('"history" is not a list')
    filters = fields.get("filters")
    if not isinstance(filters, str | None):
        raise ValueError('"filters" is not a string such as "source:BBC after:2020-10"')
    day = as_of_in(fields)
    turns = (_turn(turn) for turn in history or ())
    return question_from(
        text, tuple(turn for turn in turns if turn.question), day, filters_from(filters or "")
    )


def as_of_in(fields: dict[str, Any]) -> date | None:
    """Return the "as_of" of a batch's line, if it has one.

    Raises:
        ValueError: it is no date.
    """
    text = fields.get("as_of")
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError('"as_of" is not a string such as "2020-10-27"')
    try:
        day = date.fromisoformat(text)
        if day.isoformat() == text:  # Python reads 20201027 and 2020-W44-2 too
            return day
    except ValueError:
        pass
    raise ValueError(f'"as_of" is {text!r}, not a date such as "2020-10-27"')


def _turn(fields: Any) -> Turn:
    if not isinstance(fields, dict):
        raise ValueError('"history" holds something other than {"question", "answer"}')
    question, answer = fields.get("question"), fields.get("answer")
    if answer is None:
        answer = ""
    if not isinstance(question, str) or not isinstance(answer, str):
        raise ValueError('"history" holds a question or answer that is not a string')
    return turn_of(question, answer)


def turn_of(question: str, answer: str) -> Turn:
    """Return a turn of a conversation, its texts cleaned and cut to `LONGEST_QUESTION`."""
    return Turn(_shortened(question), _shortened(answer))


def _shortened(text: str) -> str:
    return _cleaned(text)[:LONGEST_QUESTION].rstrip()
