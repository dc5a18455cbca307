"""A question whose passages have been read."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.answering.evidence import Evidence
from retrieval.answers import Question
from retrieval.search.condense import Query
from retrieval.search.searcher import SearchResult
from retrieval.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Read:
    """A question with the sentences that may answer it, best first; `chance` is that of an answer.

    `weighed` has them with those of articles that name nothing that the question names; `watch`
    times what becomes of it.
    """

    question: Question
    query: Query
    found: SearchResult
    weighed: list[Evidence]
    evidence: list[Evidence]
    chance: float
    watch: Stopwatch
