"""The generative answerer: pack -> write -> check, sentence by sentence.

A sentence leaves this module when the check has let it through, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.runnables import RunnableGenerator

from prompts import Language, line, prompt
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.packing import pack, show
from retrieval.answering.streaming import MARKERS, SentenceStream
from retrieval.answering.translating import from_english, into_english
from retrieval.answers import Citation, Derived, Draft, Question, Removed
from retrieval.archive.passages import Match
from retrieval.checking.check import SupportCheck
from retrieval.checking.judge import Ruling, ruled, rulings
from retrieval.checking.verdicts import Outcome, Quote, Source, Verdict
from retrieval.errors import BudgetSpent, ContextTooLong, ServiceError
from retrieval.models.chat_service import ChatService
from retrieval.models.messages import conversation, template
from retrieval.models.request_budget import RequestBudget
from retrieval.models.token_budget import TokenBudget, trim
from retrieval.search.condense import Query
from retrieval.search.rewriting import rewrite
from retrieval.stopwatch import Stopwatch

_OVERHEAD = 32
"""Tokens that the roles of the messages cost, beside their texts."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote and the check let through; without text, nothing was.

    `removed` are the sentences it did not let through, `derived` those it did whose figures follow
    from others; `notice` says why the text ends early.
    """

    draft: Draft
    removed: tuple[Removed, ...] = ()
    notice: str = ""
    derived: tuple[Derived, ...] = ()


class Writer:
    """Writes answers with a model.

    Args:
        service: the model.
        check: checks every sentence.
        budget: tokens of a request.
        judges: whether the model judges the sentences that the check leaves in doubt.
        translates: whether the model is good enough to put answers into other languages.
    """

    def __init__(
        self,
        service: ChatService,
        check: SupportCheck,
        budget: TokenBudget | None = None,
        *,
        judges: bool = False,
        translates: bool = True,
    ) -> None:
        self._translates = translates
        self._judges = judges
        self._service = service
        self._check = check
        self._budget = budget or TokenBudget()

    @property
    def name(self) -> str:
        """Who writes, as it stands in an answer."""
        return self._service.name

    def request_budget(self) -> RequestBudget:
        """Return the budget of an answer that begins now."""
        return self._service.request_budget()

    async def condense(self, question: Question, request_budget: RequestBudget) -> Query:
        """Return the query for a question; see `retrieval.search.rewriting`."""
        return await rewrite(question, self._service, request_budget, self._budget)

    async def into_english(
        self, question: Question, language: Language, request_budget: RequestBudget
    ) -> str | None:
        """Return a question in English; see `retrieval.answering.translating`."""
        return await into_english(question, language, self._service, request_budget, self._budget)

    async def from_english(
        self, text: str, language: Language, request_budget: RequestBudget
    ) -> str | None:
        """Return an answer in another language; see `retrieval.answering.translating`.

        None where the model fails, or is not good enough.
        """
        if not self._translates:
            return None
        return await from_english(text, language, self._service, request_budget, self._budget)

    async def write(
        self,
        question: Question,
        query: Query,
        matches: Sequence[Match],
        request_budget: RequestBudget,
        watch: Stopwatch | None = None,
    ) -> AsyncGenerator[Draft | Written]:
        """Drafts as sentences are checked, then what was written, which comes last.

        `watch` measures writing, and each check in it.

        Raises:
            ServiceError, BudgetSpent: nothing has been given yet, and nothing will be.
        """
        budget, watch = self._budget, watch or Stopwatch()
        with watch.part("write"):
            try:
                async with aclosing(
                    self._once(question, query, matches, request_budget, budget, watch)
                ) as parts:
                    async for part in parts:
                        yield part
                return
            except ContextTooLong:
                budget = budget.halved()
            async with aclosing(
                self._once(question, query, matches, request_budget, budget, watch)
            ) as parts:
                async for part in parts:
                    yield part

    async def _once(
        self,
        question: Question,
        query: Query,
        matches: Sequence[Match],
        request_budget: RequestBudget,
        budget: TokenBudget,
        watch: Stopwatch,
    ) -> AsyncGenerator[Draft | Written]:
        # A model that could not be asked to rewrite a follow-up sees it after its conversation.
        asked = question.text if query.focus else query.text
        values, sources = self._fill(question, asked, matches, budget)

        async def judge(doubtful: Sequence[Verdict]) -> list[Ruling | None]:
            return await rulings(doubtful, self._service, request_budget)

        judges = judge if self._judges else None
        checking = _Checking(self._check, sources, query.text, judges, watch)
        chain = (
            template("write")
            | self._service.as_runnable(request_budget, budget.answer)
            | RunnableGenerator(_splitting(request_budget))
            | RunnableGenerator(checking.sentences)
        )
        notice = ""
        try:
            stream = cast(AsyncGenerator[Draft], chain.astream(values))
            async with aclosing(stream) as drafts:
                async for draft in drafts:
                    yield draft
        except (ServiceError, BudgetSpent) as error:
            if not checking.draft.text:
                raise
            notice = " ".join((line("cut_short"), str(error)))
        derived = tuple(checking.derived)
        yield Written(checking.draft, tuple(checking.removed), notice, derived)

    def _fill(
        self, question: Question, asked: str, matches: Sequence[Match], budget: TokenBudget
    ) -> tuple[dict[str, Any], tuple[Source, ...]]:
        """Return the prompt's values, within the budget, and the sources that are among them."""
        count = self._service.count
        words = prompt("write")
        fixed = count(words.system) + count(words.user) + count(asked) + _OVERHEAD
        room = budget.window - budget.answer - fixed
        room = min(room, budget.context) if budget.context else self._service.pace.fit(room)
        history = trim(question.history, int(room * budget.history), count)
        room -= sum(count(turn.question) + count(turn.answer) for turn in history)
        excerpts = pack(matches, room, count)
        values: dict[str, Any] = {
            "not_answered": line("not_answered"),
            "history": conversation(history),
            "passages": "\n".join(map(show, excerpts)),
            "question": asked,
        }
        return values, tuple(excerpt.source for excerpt in excerpts)


def _splitting(
    request_budget: RequestBudget,
) -> Callable[[AsyncIterator[str]], AsyncIterator[str]]:
    async def split(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
        stream = SentenceStream()
        async for piece in pieces:
            for sentence in stream.feed(piece):
                yield sentence
        for sentence in stream.finish(cut=request_budget.truncated):
            yield sentence

    return split


@dataclass(slots=True)
class _Checking:
    """Lets supported sentences through and numbers their quotes in the order of first use.

    A sentence that claims nothing waits for one that does: it never stands alone or last. Where
    somebody `judges`, the first doubtful sentence waits until the model has written all, and those
    after it wait with it, since an answer keeps its order.
    """

    check: SupportCheck
    sources: Sequence[Source]
    question: str
    judges: Callable[[Sequence[Verdict]], Awaitable[list[Ruling | None]]] | None
    watch: Stopwatch
    draft: Draft = field(default_factory=lambda: Draft(""))
    removed: list[Removed] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)
    _idle: list[str] = field(default_factory=list)
    _numbers: dict[Quote, int] = field(default_factory=dict)

    async def sentences(self, sentences: AsyncIterator[str]) -> AsyncIterator[Draft]:
        """Yield the answer so far after each sentence that passes the check."""
        held: list[tuple[str, Verdict]] = []
        failure: Exception | None = None
        check = self.check.unjudged
        reading: asyncio.Task[None] | None = None
        if self.judges:
            check = self.check.check
            reading = asyncio.create_task(asyncio.to_thread(self.check.prepare, self.sources))
        try:
            async for sentence in sentences:
                if _declines(sentence):
                    continue
                if reading:
                    await reading
                verdict = await self._checked(check, sentence)
                if held or verdict.outcome is Outcome.DOUBTFUL:
                    held.append((sentence, verdict))
                elif self._passes(verdict):
                    yield self.draft
        except (ServiceError, BudgetSpent) as error:  # what was written before it still counts
            failure = error
        async for verdict in self._judged(held):
            if self._passes(verdict):
                yield self.draft
        if failure:
            raise failure

    async def _judged(self, held: Sequence[tuple[str, Verdict]]) -> AsyncIterator[Verdict]:
        """Yield verdicts in which none is in doubt; what nobody rules on is checked once more."""
        doubtful = [verdict for _, verdict in held if verdict.outcome is Outcome.DOUBTFUL]
        with self.watch.part("judge") if doubtful else nullcontext():
            found = iter(await self.judges(doubtful) if self.judges and doubtful else ())
        for sentence, verdict in held:
            if verdict.outcome is not Outcome.DOUBTFUL:
                yield verdict
            elif ruling := next(found):
                yield ruled(verdict, ruling)
            else:
                yield await self._checked(self.check.unjudged, sentence)

    async def _checked(
        self, check: Callable[[str, Sequence[Source], str], Verdict], sentence: str
    ) -> Verdict:
        with self.watch.part("check"):
            return await asyncio.to_thread(check, sentence, self.sources, self.question)

    def _passes(self, verdict: Verdict) -> bool:
        """Take a verdict in, and return whether it makes the answer longer."""
        if verdict.outcome is Outcome.IDLE:
            self._idle.append(without_marks(verdict.text))
        elif verdict.outcome is Outcome.SUPPORTED:
            said_before = without_marks(verdict.text) in self.draft.text
            if not said_before:
                self._add(verdict)
            return not said_before
        else:
            nearest = verdict.quotes[0].text if verdict.quotes else ""
            self.removed.append(Removed(verdict.text, verdict.reason, verdict.detail, nearest))
        return False

    def _add(self, verdict: Verdict) -> None:
        citations: list[Citation] = list(self.draft.citations)
        marks = ""
        for quote in verdict.quotes:
            if quote not in self._numbers:
                self._numbers[quote] = number = len(citations) + 1
                match = quote.match
                citations.append(cite(number, match.article, match.passage, quote.start, quote.end))
            marks += f"[{self._numbers[quote]}]"
        said = f"{without_marks(verdict.text)} {marks}"
        text = " ".join(filter(None, (self.draft.text, *self._idle, said)))
        self._idle.clear()
        if verdict.derived:
            self.derived.append(Derived(verdict.text, verdict.derived))
        self.draft = Draft(text, tuple(citations))


def _declines(sentence: str) -> bool:
    """Return whether a sentence is the line by which the model says that the passages do not
    answer."""
    said = MARKERS.sub(" ", sentence).casefold().strip(" .\"'“”")
    return said == line("not_answered").casefold().strip(" .")
