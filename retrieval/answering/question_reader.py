"""Searches for a question, weighs what is found, and tells how likely an answer is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from retrieval.answering.abstention import load_abstention
from retrieval.answering.dating import Time, time_asked, without_end
from retrieval.answering.evidence import Evidence, EvidenceReader, of_the_named
from retrieval.answering.name_answers import Names
from retrieval.answering.read import Read
from retrieval.answering.timely import chance_of_the_day, timely_first
from retrieval.answers import Question, Turn
from retrieval.archive.filters import Filters
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, merged
from retrieval.stopwatch import Stopwatch
from retrieval.text.days import shifted

if TYPE_CHECKING:
    from retrieval.answering.agent import SearchAgent
    from retrieval.models.request_budget import RequestBudget

_TOLD_WITHIN = 2
"""Days after the one until which is asked in which articles tell what there was by then."""

_SAID_BEFORE = 0.5
"""What a sentence that the conversation has heard is worth as the answer to a follow-up."""


class QuestionReader:
    """Reads for questions. Safe to call from several threads.

    Args:
        searcher: finds passages, and reads the best.
        evidence: weighs their sentences.
        retrieved: how many passages are found.
    """

    def __init__(self, searcher: Searcher, evidence: EvidenceReader, retrieved: int) -> None:
        self._searcher = searcher
        self._evidence = evidence
        self._retrieved = retrieved
        self._abstention = load_abstention(searcher.reader)
        self.names = Names(evidence, self._within)

    def read(self, question: Question, query: Query, watch: Stopwatch) -> Read:
        """Search, and return what may answer; what is asked of a name alone is looked for again."""
        return self.names.told(self._read(question, query, question.scope, watch))

    async def searched_on(
        self, read: Read, agent: SearchAgent, request_budget: RequestBudget
    ) -> Read:
        """Return a question read with what an agent's searches find besides."""
        more = await agent.search(read.question, read.found, request_budget)
        weighed = [await asyncio.to_thread(self._evidence.weigh, result) for result in more]
        chance_of = self._abstention.chance_of_an_answer
        chances = [await asyncio.to_thread(chance_of, read.query, some) for some in weighed]
        read.watch.lap("agent")
        every = [e for found in (read.weighed, *weighed) for e in found]
        ranked = sorted(every, key=lambda e: -e.probability)
        return replace(
            read,
            found=merged(read.found, more),
            weighed=ranked,
            evidence=of_the_named(ranked, read.query),
            chance=max(read.chance, *chances, 0.0),
        )

    def _within(self, read: Read, filters: Filters) -> Read:
        """Return a question read once more, in passages that pass some filters too."""
        return self._read(read.question, read.query, read.question.scope & filters, read.watch)

    def _read(self, question: Question, query: Query, scope: Filters, watch: Stopwatch) -> Read:
        asked = query.text[query.focus :]
        time = self._time(asked, question.today)
        searched = query
        if (
            end := time.end
        ) and end <= question.today:  # what was counted later is no answer, however well it reads
            scope = scope.by(shifted(end, _TOLD_WITHIN))
            asked_then = without_end(asked, question.today)
            searched = replace(query, text=query.text[: query.focus] + asked_then)
        found = self._searcher.search(searched, self._retrieved, only=scope, watch=watch)
        watch.lap("search")
        weighed = timely_first(self._evidence.weigh(found), asked, time)
        weighed = _new_first(weighed, query, question.history)
        evidence = of_the_named(weighed, query)
        watch.lap("evidence")
        chance = self._abstention.chance_of_an_answer(searched, evidence)
        chance = chance_of_the_day(chance, evidence, time)
        return Read(question, query, found, weighed, evidence, chance, watch)

    def _time(self, asked: str, today: date) -> Time:
        """Return the time asked of; the year of its end, if none is said, is the archive's last."""
        time = time_asked(asked, today)
        newest = self._searcher.catalog.newest(1) if time.until else []
        days = [article.published for article in newest if article.published]
        return time.ended(min([*days, today]))


def _new_first(evidence: list[Evidence], query: Query, history: Sequence[Turn]) -> list[Evidence]:
    """Return the evidence, with sentences that earlier answers quoted behind new ones as good."""
    said = " ".join(turn.answer for turn in history)
    if not query.focus:
        return evidence
    return sorted(
        evidence, key=lambda e: -e.probability * (_SAID_BEFORE if e.text in said else 1.0)
    )
