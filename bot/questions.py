"""What people and programs type -> questions. Pure but for reading a batch file."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.cleaning import clean_text
from retrieval.answers import Question, Turn
from retrieval.errors import BadQuestion, NewsdeskError

LONGEST_QUESTION = 2000
"""Code points; a longer text is an article, not a question."""


STDIN = Path("-")


class BatchUnreadable(NewsdeskError):
    """A file of questions cannot be read."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A line of a batch: its question, or what is wrong with the line."""

    id: Any
    question: Question | None = None
    error: str = ""


def question_from(text: str, history: tuple[Turn, ...] = (), as_of: date | None = None) -> Question:
    """A question, cleaned like any other text.

    Raises:
        BadQuestion: it is empty or too long.
    """
    cleaned = " ".join(clean_text(text).split())
    if not cleaned:
        raise BadQuestion("The question is empty.")
    if len(cleaned) > LONGEST_QUESTION:
        raise BadQuestion(
            f"The question has {len(cleaned):,} characters; at most {LONGEST_QUESTION:,} are read."
        )
    return Question(cleaned, history, as_of)


def read_batch(path: Path) -> Iterator[BatchRecord]:
    """The questions of a JSON Lines file, in order; blank lines are passed over.

    A line is `{"id", "question", "history": [{"question", "answer"}]?, "as_of"?}`. The path -
    stands for stdin.

    Raises:
        BatchUnreadable: the file cannot be read.
    """
    try:
        with sys.stdin.buffer if path == STDIN else path.open("rb") as file:
            lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace")
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(number, line)
    except OSError as error:
        raise BatchUnreadable(f"{path} cannot be read: {error.strerror}.") from error


def _record(number: int, line: str) -> BatchRecord:
    try:
        fields = json.loads(line, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return BatchRecord(None, error=f"line {number} is not JSON")
    if not isinstance(fields, dict):
        return BatchRecord(None, error=f"line {number} is not an object")
    identity = fields.get("id")
    try:
        return BatchRecord(identity, _question(fields))
    except (BadQuestion, ValueError) as error:
        return BatchRecord(identity, error=f"line {number}: {error}")


def _not_json(constant: str) -> None:
    """NaN and Infinity: Python reads and writes them, nobody else does."""
    raise ValueError(f"{constant} is not JSON")


def _question(fields: dict[str, Any]) -> Question:
    text, history, as_of = fields.get("question"), fields.get("history"), fields.get("as_of")
    if not isinstance(text, str):
        raise ValueError('"question" is missing or not a string')
    if not isinstance(history, list | None):
        raise ValueError('"history" is not a list')
    if as_of is not None and not isinstance(as_of, str):
        raise ValueError('"as_of" is not a string such as "2020-10-27"')
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise ValueError(f'"as_of" is {as_of!r}, not a date such as "2020-10-27"') from None
    return question_from(text, tuple(_turn(turn) for turn in history or ()), day)


def _turn(fields: Any) -> Turn:
    if not isinstance(fields, dict):
        raise ValueError('"history" holds something other than {"question", "answer"}')
    question, answer = fields.get("question"), fields.get("answer", "")
    if not isinstance(question, str) or not isinstance(answer, str):
        raise ValueError('"history" holds a question or answer that is not a string')
    return Turn(question, answer)
