"""Several values or sides: the two sentences that give them together, and any nearly as good.

The reader was trained to find one answer. A value that was another before, or what the other side
says, is often told next to it, in a sentence that by itself seems to answer little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from itertools import combinations, groupby

from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.extractive import Composed, compose
from retrieval.answering.forms import Told
from retrieval.answering.halves import halves
from retrieval.answering.pairing import Pairing, alone, candidate, together
from retrieval.answering.statements import Limits, Statement, made_clear, same, with_lead
from retrieval.answers import Citation
from retrieval.archive.filters import Filters
from retrieval.logistic import Logistic, log_odds
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult
from retrieval.text.lines import reported

LIMITS = Limits(sentences=4, words=110)

_RETRIEVED = 10
_LOOKED_AT = 30
"""Sentences that are put together; the others are too unlikely for it to matter."""

_NEARLY = 0.5
"""How far behind the best two, in log-odds, two others may be whose sentences are given too."""

_UNREAD = 1e-3
"""The probability that a sentence answers which was not among what a search found."""

Pair = tuple[tuple[Evidence, ...], Pairing]


class Sides:
    """Gives several values or sides. Safe to call from several threads.

    Args:
        searcher: finds and reads passages for the halves of a question.
        reader: weighs sentences.
        model: tells, of a `Pairing`, how good an answer it is beside others.
    """

    def __init__(self, searcher: Searcher, reader: EvidenceReader, model: Logistic) -> None:
        self._searcher = searcher
        self._reader = reader
        self._model = model

    def told(
        self,
        query: Query,
        found: SearchResult,
        evidence: Sequence[Evidence],
        scope: Filters,
    ) -> Told:
        """Return the answer to a question that has some evidence, best first and not empty."""
        parts = self.search_halves(query, scope)
        measured = self.pairs(query, evidence, [self._reader.weigh(part) for part in parts])
        matches = {m.passage.id: m for part in (*parts, found) for m in part.matches}
        first = [m.passage.id for m in found.matches]
        ordered = [matches[i] for i in dict.fromkeys([*first, *matches])]
        chosen = choose_sides(measured, self._model)
        best = evidence[0]
        if best.probability >= LIMITS.sure and not any(same(best.text, e.text) for e in chosen):
            chosen.insert(0, best)
        composed = _composed(chosen[: LIMITS.sentences], evidence, query.text)
        return Told(composed, replace(found, matches=ordered))

    def search_halves(self, query: Query, scope: Filters) -> list[SearchResult]:
        """Return what is found for each half of a question."""
        context = query.text[: query.focus]
        return [
            self._searcher.search(replace(query, text=context + half), _RETRIEVED, only=scope)
            for half in halves(query.text[query.focus :])
        ]

    def pairs(
        self, query: Query, evidence: Sequence[Evidence], parts: Sequence[list[Evidence]]
    ) -> list[Pair]:
        """Return the likeliest sentences, by themselves and two by two, with what is measured."""
        first, second = [*parts, evidence, evidence][:2]
        best: dict[tuple[str, int], Evidence] = {}
        for e in sorted((e for read in (evidence, *parts) for e in read), key=_improbability):
            best.setdefault(e.place, e)
        likely = list(best.values())[:_LOOKED_AT]
        likenesses = self._reader.likenesses(query.text, [e.text for e in likely])
        chances = [{e.place: e.probability for e in half} for half in (first, second)]
        read = [
            candidate(e, likeness, (_odds(e, chances[0]), _odds(e, chances[1])))
            for e, likeness in zip(likely, likenesses, strict=True)
        ]
        return [((c.evidence,), alone(c)) for c in read] + [
            ((a.evidence, b.evidence), together(a, b))
            for a, b in combinations(read, 2)
            if not same(a.evidence.text, b.evidence.text)
        ]


def choose_sides(measured: Sequence[Pair], model: Logistic) -> list[Evidence]:
    """Return the sentences of the best pair, and of others while they are nearly as good."""
    scored = [(model.log_odds(asdict(pairing)), pair) for pair, pairing in measured]
    scored.sort(key=lambda entry: -entry[0])
    chosen: list[Evidence] = []
    for score, pair in scored:
        if score < scored[0][0] - _NEARLY:
            break
        added = [e for e in pair if not any(same(e.text, other.text) for other in chosen)]
        words = sum(len(e.text.split()) for e in (*chosen, *added))
        fits = len(chosen) + len(added) <= LIMITS.sentences and words <= LIMITS.words
        if not chosen or fits:
            chosen += added
    return chosen


def _composed(chosen: Sequence[Evidence], evidence: Sequence[Evidence], question: str) -> Composed:
    """Return the answer: as running text or, where articles are of several days, a line for each
    with its day, the newest first."""
    statements: list[Statement] = []
    for e in chosen:
        if any(same(e.text, given.text) for given in statements):
            continue
        given = {statement.place for statement in statements}
        added = [s for s in with_lead(e, evidence, LIMITS) if s.place not in given]
        if sum(len(s.text.split()) for s in (*statements, *added)) > LIMITS.words:
            added = [s for s in added if s.sentence == e.sentence]
        statements += added
    ordered = sorted(made_clear(statements, chosen[0], question), key=_day, reverse=True)
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


def _improbability(evidence: Evidence) -> float:
    return -evidence.probability


def _odds(evidence: Evidence, chances: dict[tuple[str, int], float]) -> float:
    return log_odds(max(chances.get(evidence.place, _UNREAD), _UNREAD))
