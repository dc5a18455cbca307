"""Several values or sides: what is found for each half of a question, and an answer by days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from retrieval.answering.evidence import EvidenceReader, distinct, ranked
from retrieval.answering.extractive import Composed, compose
from retrieval.answering.halves import halves
from retrieval.answering.read import Read
from retrieval.answering.statements import Statement
from retrieval.answers import Citation
from retrieval.search.searcher import Searcher
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

    def gathered(self, read: Read) -> Read:
        """Return a question read with the evidence for each half of it, and all passages found.

        The best for the whole question stays first. A sentence counts with the half that it
        answers best.
        """
        query = read.query
        context = query.text[: query.focus]
        parts = [
            self._searcher.search(
                replace(query, text=context + half), _RETRIEVED, only=read.question.scope
            )
            for half in halves(query.text[query.focus :])
        ]
        more = [e for part in parts for e in self._reader.weigh(part)]
        matches = {m.passage.id: m for part in (*parts, read.found) for m in part.matches}
        first = [m.passage.id for m in read.found.matches]
        ordered = [matches[i] for i in dict.fromkeys([*first, *matches])]
        return replace(
            read,
            found=replace(read.found, matches=ordered),
            weighed=distinct(ranked([*read.weighed, *more])),
            evidence=distinct([*read.evidence[:1], *ranked([*read.evidence[1:], *more])]),
        )


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
