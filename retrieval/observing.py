"""Tells whoever watches a process what became of each question, in numbers and fixed words.

Nothing that anybody asked or wrote is in what observers are told, so nothing of it can get into
figures or traces.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from retrieval.answers import Answer, Draft, Usage
from retrieval.errors import (
    ArchiveUnreadable,
    BudgetSpent,
    IndexMismatch,
    ServiceError,
)
from retrieval.stopwatch import Interval, Stopwatch

Outcome = Literal["answered", "refused", "failed", "cancelled"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

REFUSALS = (
    *("small_talk", "aside", "empty_archive", "language", "no_article", "not_answered"),
    *("declined", "unsupported"),
)
"""Why a question is refused; `Answer.cause` says what each means."""

_FAILURES: dict[type[Exception], str] = {
    ArchiveUnreadable: "archive",
    IndexMismatch: "index",
    BudgetSpent: "budget",
    ServiceError: "service",
}
FAILURES = (*_FAILURES.values(), "unexpected")
"""What a question fails for."""

_log = logging.getLogger("newsdesk.observing")


@dataclass(frozen=True, slots=True)
class Observation:
    """What became of one question.

    `cause` is one of `REFUSALS` for one that was refused, and of `FAILURES` for one that failed.
    `engine` is what was to answer, as in `Answer.engine`. `stages` are those that ended, and
    `whole` is the time from the question to its end. A `degraded` answer is quoted, or ends early,
    because the model failed.
    """

    outcome: Outcome
    cause: str
    engine: str
    whole: Interval
    stages: tuple[Interval, ...]
    passages: int = 0
    citations: int = 0
    removed: int = 0
    usage: Usage = field(default_factory=Usage)
    degraded: bool = False


class Observer(Protocol):
    """Whoever is told. Its methods are called in any thread, and should take no time."""

    def ended(self, seen: Observation) -> None:
        """Take note of a question that has its answer, or gets none."""
        ...

    def spent(self, used: Usage) -> None:
        """Take note of a request to a model: its tokens, and its cost if the price is known."""
        ...


class Observers:
    """Tells all observers that were added. One that fails changes nothing for anybody else."""

    def __init__(self) -> None:
        self._observers: list[Observer] = []

    def add(self, observer: Observer) -> None:
        """Tell an observer from now on."""
        self._observers.append(observer)

    def ended(self, seen: Observation) -> None:
        """Tell that a question has its answer, or gets none."""
        self._tell(lambda observer: observer.ended(seen))

    def spent(self, used: Usage) -> None:
        """Tell what a request to a model took."""
        self._tell(lambda observer: observer.spent(used))

    def _tell(self, news: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            try:
                news(observer)
            except Exception:  # an answer does not depend on who counts it
                _log.exception("what was observed could not be noted")


async def observed(
    parts: AsyncGenerator[Draft | Answer], watch: Stopwatch, engine: str, observer: Observer
) -> AsyncGenerator[Draft | Answer]:
    """Yield the parts of an answer, and tell an observer how it ended, before the answer is shown.

    `engine` is what answers, if no answer says so itself.
    """

    def unanswered(outcome: Outcome, cause: str = "") -> None:
        whole = watch.whole("question")
        observer.ended(Observation(outcome, cause, engine, whole, watch.intervals()))

    answered = False
    try:
        async with aclosing(parts):
            async for part in parts:
                if isinstance(part, Answer):
                    answered = True
                    observer.ended(_of(part, watch))
                yield part
    except (GeneratorExit, asyncio.CancelledError):
        if not answered:
            unanswered("cancelled")
        raise
    except Exception as error:
        if not answered:
            unanswered("failed", _cause(error))
        raise


def _of(answer: Answer, watch: Stopwatch) -> Observation:
    return Observation(
        "refused" if answer.refused else "answered",
        answer.cause if answer.refused else "",
        answer.engine,
        watch.whole("question"),
        watch.intervals(),
        len(answer.matches),
        len(answer.citations),
        len(answer.removed),
        answer.usage,
        answer.degraded,
    )


def _cause(error: Exception) -> str:
    return next((name for kind, name in _FAILURES.items() if isinstance(error, kind)), "unexpected")
