"""The extractive answerer: one or two sentences of the archive, verbatim."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.answering.citing import cite, without_marks
from retrieval.answering.context import needs_context, person_of
from retrieval.answering.evidence import Evidence
from retrieval.answering.statements import (
    Limits,
    Statement,
    differ,
    made_clear,
    same,
    with_lead,
)
from retrieval.answers import Citation
from retrieval.checking.names import find_names, has_name, keys
from retrieval.text.lines import about

SURE_OF_WORDS = 0.6
"""Probability that a sentence answers from which the words in it that answer are pointed out.

The lowest, in steps of .05, at which three in four of the words pointed out are the gold answer, of
the development questions that `training/calibrate.py` asks. What is pointed out where nothing
answers counts as wrong. The reader's log-odds of the words tell it no better.
"""

MOST_OF_IT = 0.7
"""Words that are more than this of their sentence are not worth pointing out."""

_SIGNS = frozenset("$€£¥%°+-−")

_GIVE_WAY = 0.85
"""A sentence that needs its neighbour yields to one that does not and is this much as probable."""

_NEAR = 0.6
"""Cosine from which a sentence is about what the question asks, whether it says so or denies it."""

_SAYS_NOT = re.compile(
    r"\b(?:not?|never|nobody|none|nothing|without|(?:refus|reject|den[iy]|fail)\w*)\b|n[’']t\b",
    re.I,
)

_OF_ANOTHER = 0.3
"""What a sentence about another person than the question's is worth."""

_LOOKED_AT = 8
"""Sentences that are looked at for that: the others are too unlikely for it to matter."""


def choose(
    evidence: Sequence[Evidence], limits: Limits | None = None, question: str = ""
) -> list[Statement]:
    """Return the sentences to answer with; `evidence` comes best first and is not empty.

    Near-identical sentences are given once with all their sources, unless they differ in a name or
    a figure: then another article's stands beside the best. A sentence that needs the one before it
    yields to a rival almost as good, or else brings that one along, or has what it is about in
    brackets before it. `question` tells what needs no name, and whom it is about.
    """
    limits = limits or Limits()
    chosen: list[Statement] = []
    words = 0
    ranked = _upright_first(_of_others_last(evidence, question))
    against = [*_against(ranked, limits), *_otherwise(ranked)]
    further = sorted(ranked[1:], key=lambda e: -e.belongs)
    if limits.of_another:
        further = _another_first(ranked[0], further)
    least = max(limits.belonging, limits.of_best * max(e.belongs for e in evidence))
    for candidate in [ranked[0], *against, *further]:
        if chosen and candidate not in against and candidate.belongs < least:
            continue
        if any(same(candidate.text, statement.text) for statement in chosen):
            continue
        given = {statement.place for statement in chosen}
        added = [s for s in with_lead(candidate, evidence, limits) if s.place not in given]
        length = sum(len(statement.text.split()) for statement in added)
        if chosen and (
            words + length > limits.words or len(chosen) + len(added) > limits.sentences
        ):
            continue
        chosen += added
        words += length
    return made_clear(chosen, evidence[0], question)


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's text with `[n]` after each sentence, and what each number stands for.

    `answer` is where in the text the words stand that answer, if the reader is sure of them.
    """

    text: str
    citations: tuple[Citation, ...]
    answer: tuple[int, int] | None = None


def compose(statements: Sequence[Statement], after: int = 0) -> Composed:
    """Return the text of an answer and its citations, numbered `after` so many others."""
    text = ""
    citations: list[Citation] = []
    pointed: list[tuple[float, tuple[int, int]]] = []
    for statement in statements:
        text += " " if text else ""
        text += about(statement.about)
        first, told = statement.evidence[0], without_marks(statement.text)
        sure = first.sentence == statement.sentence and first.probability >= SURE_OF_WORDS
        if sure and (words := answering_words(first)):
            opened = len(told) > len(statement.text)  # a quotation mark stands before it
            shift = len(text) + opened - statement.sentence.start
            pointed.append((first.probability, (words[0] + shift, words[1] + shift)))
        marks = ""
        for number, source in enumerate(statement.evidence):
            span = statement.sentence if number == 0 else source.sentence
            mark = after + len(citations) + 1
            citations.append(cite(mark, source.article, source.passage, span.start, span.end))
            marks += f"[{mark}]"
        text += f"{told} {marks}"
    return Composed(text, tuple(citations), max(pointed)[1] if pointed else None)


def answering_words(evidence: Evidence) -> tuple[int, int] | None:
    """Return where the words stand that answer, without the punctuation around them.

    None where the reader points at none, or they are nearly the whole sentence.
    """
    if evidence.answer is None:
        return None
    start, end = evidence.answer
    body = evidence.article.body
    while start < end and not _belongs(body[start]):
        start += 1
    while start < end and not _belongs(body[end - 1]):
        end -= 1
    # A word piece may begin or end within a word, or behind the sign of a figure.
    while start < end and start > evidence.sentence.start and _belongs(body[start - 1]):
        start -= 1
    while start < end and end < evidence.sentence.end and _belongs(body[end]):
        end += 1
    size = evidence.sentence.end - evidence.sentence.start
    return (start, end) if start < end <= start + MOST_OF_IT * size else None


def _belongs(character: str) -> bool:
    """Return whether a character is part of a word, a figure, or a sign before or after one."""
    return unicodedata.category(character)[0] in "LNM" or character in _SIGNS


def _of_others_last(evidence: Sequence[Evidence], question: str) -> list[Evidence]:
    """Return the evidence, with what "he" said behind where he is nobody whom a question names."""
    wanted = find_names(question, lambda _: True)

    def of_another(one: Evidence) -> bool:
        person = wanted and person_of(one.article, one.sentence)
        there = keys(f"{person} {one.text}") if person else ()
        return bool(person) and not any(has_name(name, there) for name in wanted)

    others = {e.place for e in evidence[:_LOOKED_AT] if of_another(e)}
    ranked = [e for e in evidence if e.place not in others]
    for other in (e for e in evidence if e.place in others):
        behind = replace(other, probability=_OF_ANOTHER * other.probability)
        at = (n for n, e in enumerate(ranked) if e.probability < behind.probability)
        ranked.insert(next(at, len(ranked)), behind)
    return ranked


def _upright_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence, a self-contained sentence first if almost as probable."""
    best = evidence[0]
    if not needs_context(best.text):
        return list(evidence)
    for rival in evidence[1:3]:
        if not needs_context(rival.text) and rival.probability >= _GIVE_WAY * best.probability:
            return [rival, *(e for e in evidence if e is not rival)]
    return list(evidence)


def _otherwise(ranked: Sequence[Evidence]) -> list[Evidence]:
    """Return what another article has instead of the best sentence: another figure, or name."""
    best = ranked[0]
    return [
        e
        for e in ranked[1:_LOOKED_AT]
        if e.article.id != best.article.id and differ(e.text, best.text)
    ][:1]


def _another_first(best: Evidence, further: Sequence[Evidence]) -> list[Evidence]:
    """Return further evidence, the first that is of another article than the best one at its head.

    What was another value at another time, or to another outlet, stands there.
    """
    other = next((e for e in further if e.article.id != best.article.id), None)
    return sorted(further, key=lambda e: e is not other)


def _against(ranked: Sequence[Evidence], limits: Limits) -> list[Evidence]:
    """Return the sentence that is nearest to the question, where it says that something is not so.

    The question may take for granted what it denies.
    """
    nearest = max(ranked, key=lambda e: e.features.cosine)
    near = nearest.features.cosine >= _NEAR and nearest.probability >= limits.worth
    unsure = ranked[0].probability < limits.sure and nearest is not ranked[0]
    return [nearest] if near and unsure and _SAYS_NOT.search(nearest.text) else []
