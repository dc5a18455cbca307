"""One question in, one cited answer out: the whole chain on one screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prompts import line
from retrieval.answering import smalltalk
from retrieval.answering.abstention import chance_of_an_answer
from retrieval.answering.evidence import Evidence, EvidenceReader, with_clues
from retrieval.answering.extractive import Limits, choose, compose
from retrieval.answering.languages import told_to_ask_in_english
from retrieval.answers import Answer, Citation, Draft, Question, Turn
from retrieval.archive.passages import Match
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.logistic import load_logistic
from retrieval.search.condense import Query, condense
from retrieval.search.searcher import Searcher, SearchResult
from retrieval.stopwatch import Stopwatch

if TYPE_CHECKING:
    from retrieval.answering.generative import Writer, Written

_EVIDENCE_MODEL = Path(__file__).parent / "answering" / "evidence.json"
_ABSTENTION_MODEL = Path(__file__).parent / "answering" / "abstention.json"


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How the assistant answers; defaults were chosen on the development sets.

    A question that the archive answers with a probability below `answerable` is refused
    (`retrieval.answering.abstention`). A model, which reads better than the embedded reader, is
    asked from `writable` up.
    """

    retrieved: int = 10
    nearest: int = 3
    answerable: float = 0.4
    writable: float = 0.18
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class _Read:
    """A question whose passages have been read; `chance` is that of an answer."""

    question: Question
    query: Query
    found: SearchResult
    evidence: list[Evidence]
    chance: float
    watch: Stopwatch


class Assistant:
    """Answers questions over one archive: by quoting it, or in a model's words.

    Args:
        searcher: finds passages, and reads the best.
        options: see `AnswerOptions`.
        writer: writes answers with a model; without one, answers are quoted.
    """

    def __init__(
        self,
        searcher: Searcher,
        options: AnswerOptions | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._searcher = searcher
        self._options = options or AnswerOptions()
        self._writer = writer
        self._reader = EvidenceReader(searcher.embedded, load_logistic(_EVIDENCE_MODEL))
        self._abstention = load_logistic(_ABSTENTION_MODEL)

    @property
    def options(self) -> AnswerOptions:
        """How it answers."""
        return self._options

    async def ask(self, question: Question) -> Answer:
        """Return the answer to a question, or a refusal.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        async with aclosing(self.stream(question)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(self, question: Question) -> AsyncGenerator[Draft | Answer]:
        """Yield the growing answer: any number of drafts, then the `Answer`.

        A draft holds the sentences that have been checked. Quoting takes a moment, so it gives
        no drafts. Closing the stream stops the work, and the model's.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        if self._writer is None:
            yield await asyncio.to_thread(self._quoted, question)
            return
        async with aclosing(self._written(question, self._writer)) as parts:
            async for part in parts:
                yield part

    def _quoted(self, question: Question) -> Answer:
        watch = Stopwatch()
        if answer := self._canned_reply(question, watch):
            return answer
        query = condense(question.text, question.history)
        read = self._read(question, query, watch, self._options.answerable)
        return read if isinstance(read, Answer) else self._quote(read)

    async def _written(self, question: Question, writer: Writer) -> AsyncGenerator[Draft | Answer]:
        """Condense, retrieve and rerank, abstain, then pack, write and check.

        Where the model fails, the passages that were found for it are quoted instead.
        """
        watch = Stopwatch()
        if answer := await asyncio.to_thread(self._canned_reply, question, watch):
            yield answer
            return
        request_budget = writer.request_budget()
        query = await writer.condense(question, request_budget)
        watch.lap("condense")
        read = await asyncio.to_thread(self._read, question, query, watch, self._options.writable)
        if isinstance(read, Answer):
            yield replace(read, usage=request_budget.usage())
            return
        matches = with_clues(read.found.matches, read.evidence)
        answer = None
        try:
            async with aclosing(writer.write(question, query, matches, request_budget)) as parts:
                async for part in parts:
                    if isinstance(part, Draft):
                        watch.mark("first_sentence")
                        yield part
                    else:
                        answer = await asyncio.to_thread(
                            self._model_answer, read, part, writer.name
                        )
        except (ServiceError, BudgetSpent) as error:
            quoted = await asyncio.to_thread(self._quote, read)
            answer = replace(
                quoted,
                notice=_joined(quoted.notice, line("quoted_instead"), str(error)),
                degraded=True,
            )
        if answer is not None:
            yield replace(answer, usage=request_budget.usage())

    def _canned_reply(self, question: Question, watch: Stopwatch) -> Answer | None:
        """Return the fixed reply to a greeting or a chore; None if it is a question."""
        query = Query(question.text)
        if reply := smalltalk.reply(question.text):
            return _refusal(question, query, reply, watch)
        if not self._searcher.catalog.count_passages():
            return _refusal(question, query, line("empty_archive"), watch)
        return None

    def _read(
        self, question: Question, query: Query, watch: Stopwatch, floor: float
    ) -> _Read | Answer:
        """Search, and return passages with evidence, or a refusal if there is too little."""
        found = self._searcher.search(query, self._options.retrieved, until=question.as_of)
        watch.lap("search")
        evidence = _new_first(self._reader.weigh(found), query, question.history)
        watch.lap("evidence")
        chance = chance_of_an_answer(evidence, self._abstention)
        read = _Read(question, query, found, evidence, chance, watch)
        return read if evidence and read.chance >= floor else self._refused(read)

    def _quote(self, read: _Read) -> Answer:
        """Return the answer in the articles' own sentences, or a refusal."""
        if read.chance < self._options.answerable:
            return self._refused(read)
        composed = compose(choose(read.evidence, self._options.limits))
        read.watch.lap("answer")
        answer = _answer(read, composed.text, composed.citations)
        return replace(answer, answer_span=composed.answer)

    def _model_answer(self, read: _Read, written: Written, engine: str) -> Answer:
        """Return the answer in a model's words, or a refusal where none of them was supported."""
        read.watch.lap("answer")
        if not written.draft.text:
            answer = self._refused(read)
        else:
            answer = _answer(read, written.draft.text, written.draft.citations)
            notice = _joined(answer.notice, written.notice, _left_out(len(written.removed)))
            answer = replace(answer, notice=notice, degraded=bool(written.notice))
        return replace(answer, engine=engine, removed=written.removed)

    def _refused(self, read: _Read) -> Answer:
        passages = [match.passage.text for match in read.found.matches]
        declined = _refusal(
            read.question,
            read.query,
            told_to_ask_in_english(read.question.text, passages) or line("not_answered"),
            read.watch,
            read.found.matches,
            self._options,
        )
        return replace(declined, evidence=read.chance, notice=_notice(read.found))


_SAID_BEFORE = 0.5
"""What a sentence that the conversation has heard is worth as the answer to a follow-up."""


def _new_first(evidence: list[Evidence], query: Query, history: Sequence[Turn]) -> list[Evidence]:
    """Return the evidence, with sentences that earlier answers quoted behind new ones as good."""
    said = " ".join(turn.answer for turn in history)
    if not query.focus:
        return evidence
    return sorted(
        evidence, key=lambda e: -e.probability * (_SAID_BEFORE if e.text in said else 1.0)
    )


def _answer(read: _Read, text: str, citations: tuple[Citation, ...]) -> Answer:
    return Answer(
        question=read.question.text,
        standalone_question=read.query.text,
        text=text,
        citations=citations,
        matches=tuple(read.found.matches),
        timings_ms=read.watch.laps(),
        evidence=read.chance,
        notice=_notice(read.found),
    )


def _notice(found: SearchResult) -> str:
    return line("vectors_lost") if found.words_only else ""


def _left_out(count: int) -> str:
    """Return what a reader is told of the sentences that the check removed."""
    if not count:
        return ""
    return line("left_out_one" if count == 1 else "left_out_some")


def _joined(*notices: str) -> str:
    return " ".join(filter(None, notices))


def _refusal(
    question: Question,
    query: Query,
    text: str,
    watch: Stopwatch,
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
