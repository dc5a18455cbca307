"""One question in, one cited answer out: the whole chain on one screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prompts import Language, line
from retrieval.answering import mentioning, smalltalk
from retrieval.answering.asides import Asides
from retrieval.answering.asked import AskedForm
from retrieval.answering.belonging import Chooser
from retrieval.answering.continuing import Continuing
from retrieval.answering.dating import time_asked
from retrieval.answering.evidence import EvidenceReader, with_clues
from retrieval.answering.extractive import compose
from retrieval.answering.forms import (
    Form,
    Teller,
    asks_of_a_time_alone,
    names_subject,
    says_form,
    subject_of,
)
from retrieval.answering.gist import Gist
from retrieval.answering.gone import with_gone
from retrieval.answering.listing import listed
from retrieval.answering.outlets import with_outlets
from retrieval.answering.question_reader import QuestionReader
from retrieval.answering.read import Read
from retrieval.answering.replies import answered, as_typed, joined, left_out, notice_of, refusal
from retrieval.answering.sides import Sides, by_days
from retrieval.answering.timeline import Timeline
from retrieval.answering.times import Times
from retrieval.answers import EXTRACTIVE, Answer, Draft, Question
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.logistic import load_logistic
from retrieval.observing import Observer, Observers, observed
from retrieval.search.condense import Query, condense
from retrieval.search.followups import names_nothing
from retrieval.search.searcher import Searcher
from retrieval.search.spelling import Speller
from retrieval.stopwatch import Stopwatch
from retrieval.text.asides import aside
from retrieval.text.languages import ENGLISH, foreign, language_of

if TYPE_CHECKING:
    from retrieval.answering.agent import SearchAgent
    from retrieval.answering.generative import Writer, Written
    from retrieval.models.request_budget import RequestBudget

EVIDENCE_MODEL = Path(__file__).parent / "answering" / "evidence.json"
BELONGING_MODEL = Path(__file__).parent / "answering" / "belonging.json"
SIDES_MODEL = Path(__file__).parent / "answering" / "sides.json"

_TOLD_BY = 5
"""Passages by which the language of the archive is told."""

_NAMED_BY = 2
"""Words by which something is named; what takes more is described."""


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How the assistant answers; defaults were chosen on the development sets.

    A question that the archive answers with a probability below `answerable` is refused
    (`retrieval.answering.abstention`). Of a follow-up that must be by `following` more: what is
    found for it is of the conversation's subject, whether it answers or not. A model, which reads
    better than the embedded reader, is asked from `writable` up. Where nothing that it wrote was
    supported, the articles are quoted from `instead` up: a question that a model could not answer
    has an answer less often.
    """

    retrieved: int = 10
    nearest: int = 3
    answerable: float = 0.4
    following: float = 0.05
    writable: float = 0.18
    instead: float = 0.5


class Assistant:
    """Answers questions over one archive: by quoting it, or in a model's words.

    Args:
        searcher: finds passages, and reads the best.
        options: see `AnswerOptions`.
        writer: writes answers with a model; without one, answers are quoted.
        agent: searches on, with a model, where one search may be too little.
        observer: is told how each question ended.
    """

    def __init__(
        self,
        searcher: Searcher,
        options: AnswerOptions | None = None,
        writer: Writer | None = None,
        agent: SearchAgent | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer or Observers()
        self._searcher = searcher
        self._options = options or AnswerOptions()
        self._writer = writer
        self._agent = agent
        self._asked = AskedForm(searcher.embedded.encode)
        self._speller = Speller(searcher.catalog, searcher.embedded.knows)
        evidence = EvidenceReader(searcher.embedded, load_logistic(EVIDENCE_MODEL))
        self._reader = QuestionReader(searcher, evidence, self._options.retrieved)
        self._continuing = Continuing(self._reader, searcher.catalog.vocabulary)
        self._times = Times(self._reader, searcher.reader, self._is_answered)
        self._sides = Sides(searcher, evidence)
        models = load_logistic(BELONGING_MODEL), load_logistic(SIDES_MODEL)
        self._chooser = Chooser(evidence, *models)
        self._tellers: dict[Form, Teller] = {
            Form.TIMELINE: Timeline(searcher),
            Form.SUMMARY: Gist(searcher),
        }
        self._asides = Asides(searcher, evidence)

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
        watch, engine = Stopwatch(), self._writer.name if self._writer else EXTRACTIVE
        shown = self._shown(question, watch)
        async with aclosing(observed(shown, watch, engine, self._observer)) as parts:
            async for part in parts:
                yield part

    async def _shown(self, question: Question, watch: Stopwatch) -> AsyncGenerator[Draft | Answer]:
        """Yield the growing answer, with what else is known of the articles that it cites."""
        catalog = self._searcher.catalog
        async with aclosing(self._stream(question, watch)) as parts:
            async for part in parts:
                if isinstance(part, Answer) and part.citations:
                    shown = await asyncio.to_thread(with_outlets, part, catalog, question.as_of)
                    cited = await asyncio.to_thread(with_gone, shown.citations, catalog)
                    yield replace(shown, citations=cited)
                else:
                    yield part

    async def _stream(self, question: Question, watch: Stopwatch) -> AsyncGenerator[Draft | Answer]:
        if answer := await asyncio.to_thread(self._canned_reply, question, watch):
            yield answer
            return
        spelt, taken = await asyncio.to_thread(self._spelt, question)
        watch.lap("spelling")
        if answer := await asyncio.to_thread(self._articles, spelt, watch):
            yield as_typed(answer, question, taken)
            return
        if self._writer is None:
            answer = await asyncio.to_thread(self._quoted, spelt, watch)
            yield as_typed(answer, question, taken)
            return
        language = await asyncio.to_thread(self._foreign, spelt)
        if language:
            answer = await self._translated(spelt, language, self._writer, watch)
            yield as_typed(answer, question, "")
            return
        budget = self._writer.request_budget()
        async with aclosing(self._written(spelt, self._writer, budget, watch)) as parts:
            async for part in parts:
                yield as_typed(part, question, taken) if isinstance(part, Answer) else part

    def _spelt(self, question: Question) -> tuple[Question, str]:
        """Return a question without misspellings, and the line that says what was taken for what.

        Earlier questions are corrected too; their answers have said so. What is in another language
        than the archive is not misspelt.
        """
        read = self._speller.read(question.text, question.filters.phrases)
        if read.taken_as and self._foreign(question):
            return question, ""
        history = tuple(
            replace(turn, question=self._speller.read(turn.question).text)
            for turn in question.history
        )
        return replace(question, text=read.text, history=history), read.taken_as

    def _quoted(self, question: Question, watch: Stopwatch) -> Answer:
        for whole in self._continuing.restored(question):
            told = self._quoted(whole, watch)
            if self._continuing.is_of_the_named(question, told):
                return told
        read = self._continuing.read(question, watch)
        query = read.query if read else condense(question.text, question.history)
        answer = self._in_form(question, query, watch)
        answer = answer or self._quote(read or self._reader.read(question, query, watch))
        if answer.refused and query.focus and self._continuing.names_another(question):
            alone = self._quoted(replace(question, history=()), watch)
            return answer if alone.refused else alone
        return answer

    def _foreign(self, question: Question) -> Language | None:
        """Return the language of a question that is none of the archive's, which is English."""
        if language_of(question.text) == ENGLISH:
            return None
        found = self._searcher.search(Query(question.text), _TOLD_BY, read=False)
        return foreign(question.text, [match.passage.text for match in found.matches])

    async def _translated(
        self, question: Question, language: Language, writer: Writer, watch: Stopwatch
    ) -> Answer:
        """Return the answer to a question in English, put into the language that it was asked in.

        Quotations stay as they are, and so does an answer that the model fails to translate.
        """
        budget = writer.request_budget()
        nothing = refusal(
            question, Query(question.text), language.ask_in_english, watch, "language"
        )
        try:
            english = await writer.into_english(question, language, budget)
        except (ServiceError, BudgetSpent) as error:
            return replace(nothing, notice=str(error), degraded=True, usage=budget.usage())
        if not english:
            return replace(nothing, usage=budget.usage())
        watch.lap("translation")
        answer = nothing
        asked = replace(question, text=english, history=())
        async with aclosing(self._written(asked, writer, budget, watch)) as parts:
            async for part in parts:
                answer = part if isinstance(part, Answer) else answer
        text = None
        if answer.written and not answer.refused:
            text = await writer.from_english(answer.text, language, budget)
        searched = f"{language.searched}: “{english}”."
        return replace(
            answer,
            question=question.text,
            text=language.not_answered if answer.refused else text or answer.text,
            notice=joined(searched, language.translated if text else "", answer.notice),
            usage=budget.usage(),
            timings_ms=watch.laps(),
        )

    async def _written(
        self, question: Question, writer: Writer, request_budget: RequestBudget, watch: Stopwatch
    ) -> AsyncGenerator[Draft | Answer]:
        """Condense, retrieve and rerank, abstain, then pack, write and check.

        Where the model fails, the passages that were found for it are quoted instead.
        """
        query = await writer.condense(question, request_budget)
        watch.lap("condense")
        if told := await asyncio.to_thread(self._in_form, question, query, watch):
            yield replace(told, usage=request_budget.usage())
            return
        read = await asyncio.to_thread(self._read_widely, question, query, watch)
        query = read.query
        if self._agent and self._wants_more(read):
            read = await self._reader.searched_on(read, self._agent, request_budget)
        if not read.evidence or read.chance < self._options.writable:
            yield replace(self._refused(read), usage=request_budget.usage())
            return
        if self._asked.form(query) is Form.SIDES:
            read = await asyncio.to_thread(self._sides.gathered, read)
        matches = with_clues(read.found.matches, read.weighed)
        answer = None
        writing = writer.write(question, query, matches, request_budget, watch)
        try:
            async with aclosing(writing) as parts:
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
                notice=joined(quoted.notice, line("quoted_instead"), str(error)),
                degraded=True,
            )
        if answer is not None:
            yield replace(answer, usage=request_budget.usage())

    def _canned_reply(self, question: Question, watch: Stopwatch) -> Answer | None:
        """Return the reply to a greeting, a chore, or a wish about the last answer.

        None if it is a question.
        """
        query = Query(question.text)
        if reply := smalltalk.reply(question.text):
            return refusal(question, query, reply, watch, "small_talk")
        if self._searcher.catalog.is_empty():
            return refusal(question, query, line("empty_archive"), watch, "empty_archive")
        if wish := aside(question.text):
            answer = self._asides.reply(
                question,
                wish,
                lambda last: self._articles(last, watch) or self._quoted(last, watch),
            )
            if answer:
                return replace(answer, timings_ms=watch.laps())
        if not question.history and names_nothing(question.text):
            return refusal(question, query, line("unnamed"), watch, "aside")
        return None

    def _articles(self, question: Question, watch: Stopwatch) -> Answer | None:
        """Return the articles that mention something, where a question asks for those.

        Where none has all words of what is described at some length, some may tell of it in others.
        """
        asked = mentioning.wish(question)
        if not asked:
            return None
        told = mentioning.told(asked, self._searcher.catalog, question.scope)
        watch.lap("articles")
        query = Query(question.text)
        if not told and len(asked.words) > _NAMED_BY:
            return None
        if not told:
            found = self._searcher.search(
                Query(asked.subject), self._options.nearest, only=question.scope, read=False
            )
            none, near = line("no_article"), found.matches
            return refusal(question, query, none, watch, "no_article", near, self._options.nearest)
        composed, matches = told
        return Answer(
            question=question.text,
            standalone_question=query.text,
            text=composed.text,
            citations=composed.citations,
            matches=tuple(matches),
            timings_ms=watch.laps(),
        )

    def _in_form(self, question: Question, query: Query, watch: Stopwatch) -> Answer | None:
        """Return the answer in the form that is asked for, or None where it takes no other form.

        It is quoted, whatever the engine: that is what a model cannot do better.
        """
        form = self._asked.form(query)
        today = question.today
        if asks_of_a_time_alone(query.text, today):
            form = Form.SUMMARY
        teller = self._tellers.get(form) if form else None
        if not form or not teller or self._reader.names.asks_what_was_said(query):
            return None
        # "summarise the war" is of no earlier question, and "any news this week?" neither
        if names_subject(question.text) or asks_of_a_time_alone(question.text, today):
            query = Query(question.text)
        elif query.focus and not says_form(question.text):  # "what is being put up on the site?"
            return None
        told = teller.tell(query, subject_of(query), question)
        if not told and time_asked(query.text, today).days:  # too little of that time to unfold
            told = self._tellers[Form.SUMMARY].tell(query, subject_of(query), question)
        if not told:
            return None
        watch.lap(form.value)
        if not told.composed.text:
            nothing, found = line("not_answered"), told.found.matches
            return refusal(
                question, query, nothing, watch, "not_answered", found, self._options.nearest
            )
        return Answer(
            question=question.text,
            standalone_question=query.text,
            text=told.composed.text,
            citations=told.composed.citations,
            matches=tuple(told.found.matches),
            timings_ms=watch.laps(),
            notice=joined(told.notice, notice_of(told.found)),
        )

    def _read_widely(self, question: Question, query: Query, watch: Stopwatch) -> Read:
        """Return a question read, alone where its conversation has no answer to what it names."""
        read = self._reader.read(question, query, watch)
        alone = Query(question.text)
        stands = self._is_answered(read) or query.text == alone.text
        if stands or not self._continuing.names_another(question):
            return read
        wide = self._reader.read(question, alone, watch)
        return wide if self._is_answered(wide) else read

    def _wants_more(self, read: Read) -> bool:
        """Return whether one search may be too little: for sides or a list, or it found little."""
        several = self._asked.form(read.query) in (Form.SIDES, Form.LIST)
        return several or not self._is_answered(read)

    def _is_answered(self, read: Read) -> bool:
        """Return whether the archive answers a question well enough to be quoted."""
        more = self._options.following if read.query.focus else 0.0
        return bool(read.evidence) and read.chance >= self._options.answerable + more

    def _quote(self, read: Read) -> Answer:
        """Return the answer in the articles' own sentences, or a refusal."""
        if counted := self._times.tell(read):
            days, read = counted
            told = answered(read, days.text, days.citations)
            return replace(told, notice=joined(told.notice, line("no_total")))
        if not self._is_answered(read):
            return self._refused(read)
        form, evidence = self._asked.form(read.query), read.evidence
        composed = None
        if form is Form.LIST or evidence[0].text.endswith(":"):  # a lead-in says nothing alone
            composed = listed(evidence)
        if not composed:
            if form is Form.SIDES:
                read = self._sides.gathered(read)
            chosen = self._chooser.choose(read.query, read.evidence, form)
            composed = by_days(chosen) if form is Form.SIDES else compose(chosen)
        read.watch.lap("answer")
        answer = answered(read, composed.text, composed.citations)
        return replace(answer, answer_span=composed.answer)

    def _model_answer(self, read: Read, written: Written, engine: str) -> Answer:
        """Return the answer in a model's words, a quoted one where none of them was supported, or a
        refusal.
        """
        read.watch.lap("answer")
        quotable = max(self._options.instead, self._options.answerable)
        if written.draft.text:
            answer = answered(read, written.draft.text, written.draft.citations)
            notice = joined(answer.notice, written.notice, left_out(len(written.removed)))
            degraded = bool(written.notice)
            answer = replace(answer, notice=notice, degraded=degraded, derived=written.derived)
        elif written.removed and read.chance >= quotable:
            quoted = self._quote(read)
            notice = joined(quoted.notice, line("quoted_instead"), line("unsupported"))
            return replace(quoted, notice=notice, removed=written.removed)
        else:
            cause = "unsupported" if written.removed else "declined"
            answer = replace(self._refused(read), cause=cause)
        return replace(answer, engine=engine, removed=written.removed)

    def _refused(self, read: Read) -> Answer:
        passages = [match.passage.text for match in read.found.matches]
        language = foreign(read.question.text, passages)
        declined = refusal(
            read.question,
            read.query,
            language.ask_in_english if language else line("not_answered"),
            read.watch,
            "language" if language else "not_answered",
            read.found.matches,
            self._options.nearest,
        )
        return replace(declined, evidence=read.chance, notice=notice_of(read.found))
