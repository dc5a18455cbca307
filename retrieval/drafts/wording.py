"""Which words of a sentence are its own, where it is otherwise a quote's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from retrieval.checking.facts import find_facts
from retrieval.text.stems import stem
from retrieval.text.words import words

_SMALL = frozenset("a an and are be been being has have had in is it its of on that the to was were"
                   " which who".split())  # fmt: skip
"""Words that may be added."""

_MOST = 0.4
"""From this share of words of its own on, a sentence is in other words throughout."""


def other_words(sentence: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a sentence that none of its quotes has, those in a row together.

    None where most words are others, which tells nothing, and none of its figures and dates: that
    they are borne out is known.
    """
    known = {stem(word) for quote in quotes for word in words(quote)}
    known |= {stem(w) for f in find_facts(sentence) for w in words(sentence[f.start : f.end])}
    said = words(sentence)
    runs = groupby(said, lambda word: word in _SMALL or stem(word) in known)
    own = [" ".join(run) for is_known, run in runs if not is_known]
    return tuple(own) if sum(len(run.split()) for run in own) <= _MOST * len(said) else ()
