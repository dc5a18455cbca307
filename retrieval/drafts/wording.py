"""Which words of a sentence are its own, where it is otherwise a quote's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from retrieval.checking.facts import find_facts, measure
from retrieval.checking.unjudged.alignment import WORD
from retrieval.text.stems import stem
from retrieval.text.words import STOP_WORDS, words

_SMALL = STOP_WORDS - frozenset("all few more most no nor not off once only".split())
"""Words that may be added or left out."""

_SPELLINGS = (
    ("z", "s"),
    ("our", "or"),
    ("ogue", "og"),
    ("ll", "l"),
    ("ence", "ense"),
    ("tre", "ter"),
)
"""British spellings and American ones, as one: "centre travelled", "center traveled"."""

_MOST = 0.4
"""From this share of words of its own on, a sentence is in other words throughout."""


def other_words(sentence: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a sentence that none of its quotes has, those in a row together.

    None where most words are others, which tells nothing, and none of its figures and dates: that
    they are borne out is known.
    """
    known = {_form(word) for quote in quotes for word in words(quote)}
    facts = [(fact.start, fact.end) for fact in find_facts(sentence)]

    def is_known(match: re.Match[str]) -> bool:
        said = words(match.group())
        counted = any(start <= match.start() < end for start, end in facts)
        return counted or all(word in _SMALL or _form(word) in known for word in said)

    said = list(WORD.finditer(sentence))
    runs = [list(run) for there, run in groupby(said, is_known) if not there]
    if sum(map(len, runs)) > _MOST * len(said):
        return ()
    return tuple(sentence[run[0].start() : run[-1].end()] for run in runs)


def _form(word: str) -> str:
    """Return what a word has in common with its other forms, spellings and, of a unit, names."""
    if unit := measure(word):
        return unit
    for one, other in _SPELLINGS:
        word = word.replace(one, other)
    return stem(word)
