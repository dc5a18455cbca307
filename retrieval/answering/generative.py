"""The generative answerer: pack -> write -> check, sentence by sentence.

A sentence leaves this module when the support gate has let it through, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, cast

from langchain_core.runnables import RunnableGenerator

from prompts import line, prompt
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.orders import gives_orders
from retrieval.answering.packing import pack, show
from retrieval.answering.second_opinion import supports
from retrieval.answering.streaming import MARKERS, SentenceStream
from retrieval.answering.support.gate import Outcome, Quote, Source, SupportGate, Verdict
from retrieval.answers import Citation, Draft, Question
from retrieval.archive.passages import Match
from retrieval.errors import BudgetSpent, ContextTooLong, ServiceError
from retrieval.models.chat_service import ChatService, RequestBudget
from retrieval.models.messages import conversation, template
from retrieval.models.token_budget import TokenBudget, trim
from retrieval.search.condense import Query
from retrieval.search.rewriting import rewrite

_OVERHEAD = 32
"""Tokens that the roles of the messages cost, beside their texts."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote and the gate let through; without text, nothing was.

    `removed` counts the sentences it did not let through; `notice` says why the text ends early.
    """

    draft: Draft
    removed: int = 0
    notice: str = ""


class Writer:
    """Writes answers with a model.

    Args:
        service: the model.
        gate: checks every sentence.
        budget: tokens of a request.
        verify: whether the model is asked for a second opinion on each sentence.
    """

    def __init__(
        self,
        service: ChatService,
        gate: SupportGate,
        budget: TokenBudget | None = None,
        *,
        verify: bool = False,
    ) -> None:
        self._verify = verify
        self._service = service
        self._gate = gate
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

    async def write(
        self,
        question: Question,
        query: Query,
        matches: Sequence[Match],
        request_budget: RequestBudget,
    ) -> AsyncGenerator[Draft | Written]:
        """Drafts as sentences are checked, then what was written, which comes last.

        Raises:
            ServiceError, BudgetSpent: nothing has been given yet, and nothing will be.
        """
        budget = self._budget
        try:
            async with aclosing(
                self._once(question, query, matches, request_budget, budget)
            ) as parts:
                async for part in parts:
                    yield part
            return
        except ContextTooLong:
            budget = budget.halved()
        async with aclosing(self._once(question, query, matches, request_budget, budget)) as parts:
            async for part in parts:
                yield part

    async def _once(
        self,
        question: Question,
        query: Query,
        matches: Sequence[Match],
        request_budget: RequestBudget,
        budget: TokenBudget,
    ) -> AsyncGenerator[Draft | Written]:
        # A model that could not be asked to rewrite a follow-up sees it after its conversation.
        asked = question.text if query.focus else query.text
        values, sources = self._fill(question, asked, matches, budget)

        async def agrees(verdict: Verdict) -> bool:
            return not self._verify or await supports(
                verdict.text, verdict.quotes, self._service, request_budget
            )

        check = _Check(self._gate, sources, query.text, agrees)
        chain = (
            template("write")
            | self._service.as_runnable(request_budget, budget.answer)
            | RunnableGenerator(_splitting(request_budget))
            | RunnableGenerator(check.sentences)
        )
        notice = ""
        try:
            stream = cast(AsyncGenerator[Draft], chain.astream(values))
            async with aclosing(stream) as drafts:
                async for draft in drafts:
                    yield draft
        except (ServiceError, BudgetSpent) as error:
            if not check.draft.text:
                raise
            notice = " ".join((line("cut_short"), str(error)))
        yield Written(check.draft, check.removed, notice)

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
class _Check:
    """Lets supported sentences through and numbers their quotes in the order of first use.

    A sentence that claims nothing waits for one that does: it never stands alone or last.
    """

    gate: SupportGate
    sources: Sequence[Source]
    question: str
    agrees: Callable[[Verdict], Awaitable[bool]]
    draft: Draft = field(default_factory=lambda: Draft(""))
    removed: int = 0
    _waiting: list[str] = field(default_factory=list)
    _numbers: dict[Quote, int] = field(default_factory=dict)

    async def sentences(self, sentences: AsyncIterator[str]) -> AsyncIterator[Draft]:
        """Yield the answer so far after each sentence that passes the check."""
        async for sentence in sentences:
            if _declines(sentence):
                continue
            verdict = await asyncio.to_thread(
                self.gate.check, sentence, self.sources, self.question
            )
            verdict = replace(verdict, quotes=tuple(filter(_reports, verdict.quotes)))
            if verdict.outcome is Outcome.IDLE:
                self._waiting.append(without_marks(verdict.text))
            elif verdict.quotes and await self.agrees(verdict):
                self._add(verdict)
                yield self.draft
            else:
                self.removed += 1

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
        text = " ".join(filter(None, (self.draft.text, *self._waiting, said)))
        self._waiting.clear()
        self.draft = Draft(text, tuple(citations))


def _reports(quote: Quote) -> bool:
    """Return whether a quote reports something, rather than giving a model orders."""
    return not gives_orders(quote.match.article.body[quote.start : quote.end])


def _declines(sentence: str) -> bool:
    """Return whether a sentence is the line by which the model says that the passages do not
    answer."""
    said = MARKERS.sub(" ", sentence).casefold().strip(" .\"'“”")
    return said == line("not_answered").casefold().strip(" .")
