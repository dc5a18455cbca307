"""One question in, one cited answer out: the whole chain on one screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from prompts import line
from retrieval.answering import smalltalk
from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.extractive import Limits, choose, compose
from retrieval.answering.logistic import load_logistic
from retrieval.answers import Answer, Draft, Question, Turn
from retrieval.condense import Query, condense
from retrieval.passages import Match
from retrieval.search import Searcher
from retrieval.text import words

_EVIDENCE_MODEL = Path(__file__).parent / "answering" / "evidence.json"


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How the assistant answers; defaults were chosen on the development sets.

    `read` passages are looked at sentence by sentence; a question whose best evidence is less
    probable than `answerable` is refused. It must reach `answerable_doubtful` where its passage
    has none of the names in the question ("Yerevan", "2019"), or it has no figure or time and
    the question asks for one.
    """

    retrieved: int = 10
    read: int = 5
    nearest: int = 3
    answerable: float = 0.12
    answerable_doubtful: float = 0.5
    limits: Limits = field(default_factory=Limits)


class Assistant:
    """Answers questions over one archive by quoting it.

    Args:
        searcher: finds passages.
        options: see `AnswerOptions`.
    """

    def __init__(self, searcher: Searcher, options: AnswerOptions | None = None) -> None:
        self._searcher = searcher
        self._options = options or AnswerOptions()
        self._reader = EvidenceReader(searcher.reader, load_logistic(_EVIDENCE_MODEL))

    @property
    def options(self) -> AnswerOptions:
        """How it answers."""
        return self._options

    async def ask(self, question: Question) -> Answer:
        """The answer to a question, or a refusal.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        async with aclosing(self.stream(question)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(self, question: Question) -> AsyncGenerator[Draft | Answer]:
        """The answer as it grows: any number of drafts, then the answer, which comes last.

        Quoting takes a moment, so it gives no drafts. Closing the stream stops the work.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        yield await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Question) -> Answer:
        watch = _Stopwatch()
        if reply := smalltalk.reply(question.text):
            return _refusal(question, Query(question.text), reply, watch)
        if not words(question.text):
            return _refusal(question, Query(question.text), line("not_answered"), watch)
        if not self._searcher.catalog.count_passages():
            return _refusal(question, Query(question.text), line("empty_archive"), watch)
        query = condense(question.text, question.history)
        found = self._searcher.search(query, self._options.retrieved, until=question.as_of)
        watch.lap("search")
        readings = self._searcher.read(found, found.matches[: self._options.read])
        evidence = _new_first(self._reader.gather(found, readings), query, question.history)
        watch.lap("evidence")
        best = self._weighed(evidence)
        if not evidence or best < self._options.answerable:
            declined = _refusal(
                question, query, line("not_answered"), watch, found.matches, self._options
            )
            return replace(declined, evidence=best)
        text, citations = compose(choose(evidence, self._options.limits))
        watch.lap("answer")
        return Answer(
            question=question.text,
            standalone_question=query.text,
            text=text,
            citations=citations,
            matches=tuple(found.matches),
            timings_ms=watch.laps(),
            evidence=best,
        )

    def _weighed(self, evidence: Sequence[Evidence]) -> float:
        """The best evidence's probability, scaled so that `answerable` is what it must reach."""
        if not evidence:
            return 0.0
        best, options = evidence[0], self._options
        doubtful = not best.named or best.features.kind < 0
        needed = options.answerable_doubtful if doubtful else options.answerable
        return best.probability * (options.answerable / needed if needed else 1.0)


_SAID_BEFORE = 0.5
"""What a sentence that the conversation has heard is worth as the answer to a follow-up."""


def _new_first(evidence: list[Evidence], query: Query, history: Sequence[Turn]) -> list[Evidence]:
    """The same evidence, with what earlier answers said behind what is as good and new."""
    said = " ".join(turn.answer for turn in history)
    if not query.focus:
        return evidence
    return sorted(
        evidence, key=lambda e: -e.probability * (_SAID_BEFORE if e.text in said else 1.0)
    )


class _Stopwatch:
    """Milliseconds by stage, and in total."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = round((now - self._last) * 1000, 1)
        self._last = now

    def laps(self) -> dict[str, float]:
        return self._laps | {"total": round((time.perf_counter() - self._start) * 1000, 1)}


def _refusal(
    question: Question,
    query: Query,
    text: str,
    watch: _Stopwatch,
    matches: Sequence[Match] = (),
    options: AnswerOptions | None = None,
) -> Answer:
    """No answer, one line, and the articles that came nearest."""
    titles = dict.fromkeys(match.article.title for match in matches)
    return Answer(
        question=question.text,
        standalone_question=query.text,
        text=text,
        refused=True,
        nearest=tuple(titles)[: options.nearest if options else 0],
        matches=tuple(matches),
        timings_ms=watch.laps(),
    )
