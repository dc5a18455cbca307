"""The best sentences, read a second time: do they answer this question, or one like it?

In its passage a sentence may seem to answer for what stands around it, so it is read by itself.
And where it answers much better once a word that it does not have is left out of the question, that
word asks for something that it does not say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answering.evidence import Evidence
from retrieval.reading.reader import Asked, Reader, Told
from retrieval.search.condense import Query
from retrieval.text.words import content_words

_REREAD = 3
"""Sentences that are read by themselves."""

_LEFT_OUT = 12
"""Words of a question that are left out, each in its turn, at most."""

_WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class Rereading:
    """What a second reading found.

    `alone` are the greatest log-odds that one of the best sentences answers without its neighbours;
    `risen` is by how much the best sentence's rise at most when a word of the question is left out.
    """

    alone: float
    risen: float


def reread(reader: Reader, query: Query, evidence: Sequence[Evidence]) -> Rereading:
    """Read the best sentences once more; `evidence` comes best first and is not empty."""
    asked = Asked(query.text, query.focus)
    told = [_by_itself(one) for one in evidence[:_REREAD]]
    less = [(fewer, told[0]) for fewer in _with_a_word_less(query, evidence[0].text)]
    read = reader.read_pairs([*((asked, one) for one in told), *less])
    best, *others = [reading.answers for reading in read[: len(told)]]
    fewer = [reading.answers for reading in read[len(told) :]]
    return Rereading(alone=max([best, *others]), risen=max(fewer, default=best) - best)


def by_themselves(reader: Reader, query: Query, evidence: Sequence[Evidence]) -> list[float]:
    """Return the log-odds that each sentence answers when it is read without its neighbours."""
    asked = Asked(query.text, query.focus)
    return [one.answers for one in reader.read_pairs([(asked, _by_itself(e)) for e in evidence])]


def _by_itself(one: Evidence) -> Told:
    return Told(one.article.title, one.text, ((0, len(one.text)),))


def _with_a_word_less(query: Query, sentence: str) -> list[Asked]:
    """Return a query without each of the question's words that say something and that a sentence
    does not have."""
    said = set(content_words(sentence))
    found = [
        word
        for word in _WORD.finditer(query.text, query.focus)
        if (asked := content_words(word.group())) and said.isdisjoint(asked)
    ]
    return [
        Asked(query.text[: word.start()] + query.text[word.end() :].lstrip(), query.focus)
        for word in found[:_LEFT_OUT]
    ]
