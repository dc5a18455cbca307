"""The extractive answerer: one or two sentences of the archive, verbatim."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answering.citing import cite, without_marks
from retrieval.answering.evidence import Evidence
from retrieval.answers import Citation
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence, sentences_within
from retrieval.text.words import content_words


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an answer says.

    At most `sentences`, and `words` in all unless the first sentence alone has more. A further
    sentence is given while the chance that the answer is still missing is worth it: while no
    given one has reached `sure`, and only if it reaches `worth` itself and is at least `beside`
    times as probable as the best. At most `sources` are cited for one sentence.
    """

    sentences: int = 2
    words: int = 75
    sure: float = 0.9
    worth: float = 0.05
    beside: float = 0.3
    sources: int = 3


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the evidence for it, best first: all say the same."""

    evidence: tuple[Evidence, ...]
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence, verbatim, as its first source has it."""
        return self.evidence[0].article.body[self.sentence.start : self.sentence.end]


SAME = 0.8
"""Jaccard similarity of content words from which two sentences count as one."""

SURE_OF_WORDS = 0.0
"""Log-odds, against no answer, from which the words that answer are pointed out."""

MOST_OF_IT = 0.7
"""Words that are more than this of their sentence are not worth pointing out."""

_SIGNS = frozenset("$€£¥%°+-−")

_GIVE_WAY = 0.85
"""A sentence that needs its neighbour yields to one that does not and is this much as probable."""

_NEEDS_CONTEXT = re.compile(
    r"^[\"'“‘(]*(?:he|she|they|it|his|her|their|its|this|these|those|that|such|both|but|however"
    r"|instead|meanwhile|also|then|there|\w+ of (?:them|these|those)"
    r"|the (?:next|same|following|previous) (?:day|week|month|year))\b",
    re.I,
)
_SPEAKER = re.compile(r"[”\"],? (?:he|she|they) (?:said|added|told|wrote|noted|warned)\b", re.I)


def needs_context(text: str) -> bool:
    """Return whether a sentence is unclear by itself ("He said …", a list item)."""
    return bool(
        _NEEDS_CONTEXT.search(text) or _SPEAKER.search(text) or text.endswith((";", ",", ":"))
    )


def choose(evidence: Sequence[Evidence], limits: Limits | None = None) -> list[Statement]:
    """Return the sentences to answer with; `evidence` comes best first and is not empty.

    Near-identical sentences are given once with all their sources. A sentence that needs
    the one before it yields to a rival almost as good, or else brings that one along.
    """
    limits = limits or Limits()
    chosen: list[Statement] = []
    words = 0
    for candidate in _upright_first(evidence):
        if chosen and not _worthwhile(candidate, chosen, limits):
            break
        if any(same(candidate.text, statement.text) for statement in chosen):
            continue
        added = _with_neighbour(candidate, evidence, limits, chosen)
        length = sum(len(statement.text.split()) for statement in added)
        if chosen and (
            words + length > limits.words or len(chosen) + len(added) > limits.sentences
        ):
            continue
        chosen += added
        words += length
    return _in_reading_order(chosen)


def same(one: str, other: str) -> bool:
    """Return whether two sentences say the same in nearly the same words."""
    a, b = set(content_words(one)), set(content_words(other))
    return bool(a) and len(a & b) >= SAME * len(a | b)


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's text with `[n]` after each sentence, and what each number stands for.

    `answer` is where in the text the words stand that answer, if the reader is sure of them.
    """

    text: str
    citations: tuple[Citation, ...]
    answer: tuple[int, int] | None = None


def compose(statements: Sequence[Statement]) -> Composed:
    """Return the text of an answer and its citations."""
    text = ""
    citations: list[Citation] = []
    pointed: list[tuple[float, tuple[int, int]]] = []
    for statement in statements:
        text += " " if text else ""
        first = statement.evidence[0]
        if first.sentence == statement.sentence and (words := _answering_words(first)):
            shift = len(text) - statement.sentence.start
            pointed.append((first.probability, (words[0] + shift, words[1] + shift)))
        marks = ""
        for number, source in enumerate(statement.evidence):
            span = statement.sentence if number == 0 else source.sentence
            citations.append(
                cite(len(citations) + 1, source.article, source.passage, span.start, span.end)
            )
            marks += f"[{len(citations)}]"
        text += f"{without_marks(statement.text)} {marks}"
    return Composed(text, tuple(citations), max(pointed)[1] if pointed else None)


def _answering_words(evidence: Evidence) -> tuple[int, int] | None:
    """Return where the words stand that answer, without the punctuation around them.

    None where the reader is not sure of them, or they are nearly the whole sentence.
    """
    if evidence.answer is None or evidence.features.span < SURE_OF_WORDS:
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


def _upright_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence, a self-contained sentence first if almost as probable."""
    best = evidence[0]
    if not needs_context(best.text):
        return list(evidence)
    for rival in evidence[1:3]:
        if not needs_context(rival.text) and rival.probability >= _GIVE_WAY * best.probability:
            return [rival, *(e for e in evidence if e is not rival)]
    return list(evidence)


def _worthwhile(candidate: Evidence, chosen: list[Statement], limits: Limits) -> bool:
    """Return whether a further sentence is likely enough to add an answer."""
    best = max(statement.evidence[0].probability for statement in chosen)
    needed = max(limits.worth, limits.beside * best)
    return best < limits.sure and candidate.probability >= needed and len(chosen) < limits.sentences


def _with_neighbour(
    candidate: Evidence, evidence: Sequence[Evidence], limits: Limits, chosen: list[Statement]
) -> list[Statement]:
    """Return a statement with its sources, after the sentence that gives it its context."""
    twins = [
        other
        for other in evidence
        if other.article.id != candidate.article.id and same(other.text, candidate.text)
    ]
    sources = {e.article.id: e for e in reversed([candidate, *twins])}
    ordered = sorted(sources.values(), key=lambda e: (e is not candidate, -e.probability))
    statement = Statement(tuple(ordered[: limits.sources]), candidate.sentence)
    before = _context_of(candidate)
    given = {(s.evidence[0].article.id, s.sentence.start) for s in chosen}
    if before is None or (candidate.article.id, before.start) in given:
        return [statement]
    neighbour = Statement((candidate,), before)
    if len((neighbour.text + " " + statement.text).split()) > limits.words:
        return [statement]
    return [neighbour, statement]


def _context_of(evidence: Evidence) -> Sentence | None:
    """Return the sentence that gives this one its context, or None.

    For an item of a list that is what introduces the list, else the sentence before.
    """
    body = evidence.article.body
    found = sentences_within(body, evidence.passage.start, evidence.sentence.start)
    earlier = [s for s in found if not gives_orders(body[s.start : s.end])]
    for before in reversed(earlier):
        text = body[before.start : before.end]
        if text.endswith(":"):
            return before
        if not text.endswith((";", ",")):
            break
    leaning = needs_context(evidence.text) and earlier and earlier[-1].kind is Kind.SENTENCE
    return earlier[-1] if leaning else None


def _in_reading_order(statements: list[Statement]) -> list[Statement]:
    """Best article first; within an article as it is read."""
    articles = list(dict.fromkeys(s.evidence[0].article.id for s in statements))
    return sorted(
        statements,
        key=lambda s: (articles.index(s.evidence[0].article.id), s.sentence.start),
    )
