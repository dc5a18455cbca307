"""Several values or sides: what is found for each half of a question, and an answer by days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.extractive import Composed, compose
from retrieval.answering.halves import halves
from retrieval.answering.statements import Statement
from retrieval.answers import Citation
from retrieval.archive.filters import Filters
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult
from retrieval.text.lines import reported

_RETRIEVED = 10


class Sides:
    """Searches for each half of a question. Safe to call from several threads.

    Args:
        searcher: finds and reads passages for the halves of a question.
        reader: weighs sentences.
    """

    def __init__(self, searcher: Searcher, reader: EvidenceReader) -> None:
        self._searcher = searcher
        self._reader = reader

    def gathered(
        self, query: Query, found: SearchResult, evidence: Sequence[Evidence], scope: Filters
    ) -> tuple[list[Evidence], SearchResult]:
        """Return the evidence with that for each half of a question, and all passages found.

        The best for the whole question stays first. A sentence counts with the half that it
        answers best.
        """
        context = query.text[: query.focus]
        parts = [
            self._searcher.search(replace(query, text=context + half), _RETRIEVED, only=scope)
            for half in halves(query.text[query.focus :])
        ]
        every = [*evidence[1:], *(e for part in parts for e in self._reader.weigh(part))]
        best = {evidence[0].place: evidence[0]}
        for e in sorted(every, key=lambda e: -e.probability):
            best.setdefault(e.place, e)
        matches = {m.passage.id: m for part in (*parts, found) for m in part.matches}
        first = [m.passage.id for m in found.matches]
        ordered = [matches[i] for i in dict.fromkeys([*first, *matches])]
        return list(best.values()), replace(found, matches=ordered)


def by_days(statements: Sequence[Statement]) -> Composed:
    """Return an answer: as running text or, where articles are of several days, a line for each
    with its day, the newest first."""
    ordered = sorted(statements, key=_day, reverse=True)
    if len({_day(statement) for statement in ordered}) < 2:
        return replace(compose(ordered), answer=None)
    lines: list[str] = []
    citations: list[Citation] = []
    for _, of_a_day in groupby(ordered, key=_day):
        told = list(of_a_day)
        composed = compose(told, after=len(citations))
        lines.append(reported(told[0].evidence[0].article.published) + composed.text)
        citations += composed.citations
    return Composed("\n".join(lines), tuple(citations))


def _day(statement: Statement) -> date:
    return statement.evidence[0].article.published or date.min
