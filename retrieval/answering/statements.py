"""The sentences of an answer, each with what a reader needs to understand it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.answering.context import (
    denial_of,
    is_clear,
    lead_for,
    lead_of,
    needs_context,
    person_of,
    sentence_before,
)
from retrieval.answering.evidence import Evidence
from retrieval.text.sentences import Sentence
from retrieval.text.words import content_words, names

SAME, NEARLY = 0.8, 0.6
"""Jaccard similarity of content words from which two sentences say the same, and nearly so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an answer says.

    At most `sentences`, and `words` in all unless the first sentence alone has more. A further
    sentence is given if it belongs in the answer with a probability of `belonging` and `of_best`
    times that of the one that belongs best, or if it is nearest to the question and says that
    something is not so: unless the first reaches `sure`, and only if it reaches `worth`. What
    another leans on is left out if it is less than `beside` times as probable and only names
    somebody. At most `sources` are cited for one sentence. With `of_another`, what another article
    has comes before what else the best one's says.
    """

    sentences: int = 3
    words: int = 75
    belonging: float = 0.1
    of_best: float = 0.3
    sure: float = 0.9
    worth: float = 0.05
    beside: float = 0.3
    sources: int = 3
    of_another: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the evidence for it, best first: all say the same.

    `about` is what it is about where that is not named.
    """

    evidence: tuple[Evidence, ...]
    sentence: Sentence
    about: str = ""

    @property
    def text(self) -> str:
        """The sentence, verbatim, as its first source has it."""
        return self.evidence[0].article.body[self.sentence.start : self.sentence.end]

    @property
    def place(self) -> tuple[str, int]:
        """The article that it is of, and where it begins there."""
        return self.evidence[0].article.id, self.sentence.start


def same(one: str, other: str) -> bool:
    """Return whether two sentences say the same in nearly the same words."""
    return _alike(one, other) >= SAME and not differ(one, other)


def differ(one: str, other: str) -> bool:
    """Return whether two sentences have other figures or names in nearly the same words."""
    a, b = names(one), names(other)
    return bool(a - b and b - a) and _alike(one, other) >= NEARLY


def _alike(one: str, other: str) -> float:
    a, b = set(content_words(one)), set(content_words(other))
    return len(a & b) / len(a | b) if a else 0.0


def made_clear(chosen: Sequence[Statement], best: Evidence, question: str = "") -> list[Statement]:
    """Return chosen statements in reading order, with what denies them and whom they are about."""
    return _named(_with_denials(in_reading_order(chosen)), best, question)


def with_lead(candidate: Evidence, evidence: Sequence[Evidence], limits: Limits) -> list[Statement]:
    """Return a statement with its sources, after the sentence that it leans on.

    Where that says nothing to the question, and only tells whom "he" stands for, it is left out.
    """
    statement = _with_sources(candidate, evidence, limits)
    lead = lead_for(candidate.article, candidate.passage.start, candidate.sentence)
    if not lead:
        return [statement]
    told = Statement((candidate,), lead)
    if person_of(candidate.article, candidate.sentence):
        worth = max((e.probability for e in evidence if e.place == told.place), default=0.0)
        if worth < limits.beside * candidate.probability:
            return [statement]
    fits = len(f"{told.text} {statement.text}".split()) <= limits.words
    return [told, statement] if fits else [statement]


def _with_sources(candidate: Evidence, evidence: Sequence[Evidence], limits: Limits) -> Statement:
    """Return a statement with its sources; what leans on another sentence may say another thing."""
    twins = [
        other
        for other in evidence
        if other.article.id != candidate.article.id
        and same(other.text, candidate.text)
        and not needs_context(other.text)
    ]
    sources = {e.article.id: e for e in reversed([candidate, *twins])}
    ordered = sorted(sources.values(), key=lambda e: (e is not candidate, -e.probability))
    return Statement(tuple(ordered[: limits.sources]), candidate.sentence)


def _with_denials(statements: Sequence[Statement]) -> list[Statement]:
    """Return statements, each that the next sentence of its article denies with that one."""
    told = {statement.place: statement for statement in statements}
    for statement in statements:
        source = statement.evidence[0]
        if denial := denial_of(source.article, statement.sentence):
            denied = Statement((source,), denial)
            told.setdefault(denied.place, denied)
    return in_reading_order(list(told.values()))


def _named(statements: Sequence[Statement], best: Evidence, question: str) -> list[Statement]:
    """Return statements with what they are about in brackets, where they do not name it.

    The best one comes after what names it instead, if that stands right before it.
    """
    told: list[Statement] = []
    person = ""
    for statement in statements:
        article, sentence = statement.evidence[0].article, statement.sentence
        last = told[-1].sentence if told and told[-1].place[0] == article.id else None
        before, lead = sentence_before(article, sentence), lead_of(article, sentence)
        name = person_of(article, sentence)
        if name and not (last and (name == person or last == lead)):
            told.append(replace(statement, about=name))
        elif last or is_clear(statement.text.rstrip(":"), question):
            told.append(statement)
        elif (
            before
            and before == lead
            and statement.place == best.place
            and is_clear(article.body[lead.start : lead.end])
        ):
            told += [Statement((best,), lead), statement]
        else:
            told.append(replace(statement, about=article.title))
        person = name
    return told


def in_reading_order(statements: Sequence[Statement]) -> list[Statement]:
    """Best article first; within an article as it is read."""
    articles = list(dict.fromkeys(s.evidence[0].article.id for s in statements))
    return sorted(
        statements,
        key=lambda s: (articles.index(s.evidence[0].article.id), s.sentence.start),
    )
