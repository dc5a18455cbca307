"""A sentence's figures beside a window's: their bounds, and whether two have changed places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact
from retrieval.checking.unjudged.alignment import Words
from retrieval.checking.unjudged.negation import bound
from retrieval.checking.unjudged.reading import Text, Window

_BESIDE = 2
"""Words next to a figure that tell whether it has changed places with another."""


def bounds(claim: Text, window: Window) -> list[int]:
    """Return, for each figure that is a lower or an upper bound, what the window makes of it.

    1 where the window has it as the same bound, -1 where as the opposite one only, 0 where as
    none. A figure that the window does not have is left out.
    """
    found = []
    for fact in claim.facts:
        said = bound(claim.text, fact)
        there = {bound(window.source.read.text, held) for held in _held(fact, window)}
        if said and there:
            found.append(1 if said in there else -1 if there == {-said} else 0)
    return found


def exchanged(claim: Text, window: Window) -> bool:
    """Return whether two figures change places while the words beside them keep theirs."""
    read = window.source.read.words

    def place(held: Fact) -> int:
        return read.within(held.start, held.end).start

    own = _once(claim.words, range(len(claim.words.forms)), claim.facts)
    theirs = _once(read, window.words, window.facts)
    shared = [(own[form], theirs[form]) for form in own.keys() & theirs.keys()]
    figures = [
        ((f.kind, f.unit), claim.words.within(f.start, f.end).start, place(held[0]))
        for f in claim.facts
        if f.kind in ("number", "date") and len(held := _held(f, window)) == 1
    ]
    return any(
        kind == same
        and _go_with(one, other, second, first, shared)
        and _go_with(other, one, first, second, shared)
        for (kind, one, first), (same, other, second) in combinations(figures, 2)
    )


def _held(fact: Fact, window: Window) -> list[Fact]:
    return [held for held in window.facts if supports(held, fact, window.source.years)]


def _once(words: Words, inside: range, figures: Sequence[Fact]) -> dict[str, int]:
    """Return where the content words stand that a text has once, by their stems."""
    taken = {i for figure in figures for i in words.within(figure.start, figure.end)}
    plain = [i for i in inside if words.content[i] and i not in taken]
    counts = Counter(words.stems[i] for i in plain)
    return {words.stems[i]: i for i in plain if counts[words.stems[i]] == 1}


def _go_with(
    one: int, other: int, there: int, elsewhere: int, shared: Sequence[tuple[int, int]]
) -> bool:
    """Return whether the words next to `one`, not to `other`, are nearest `there` in the window.

    `shared` has the places of the words that both texts have, in the sentence and in the window.
    """
    near = sorted((abs(at - one), where) for at, where in shared if abs(at - one) < abs(at - other))
    beside = [where for _, where in near[:_BESIDE]]
    return bool(beside) and all(abs(at - there) < abs(at - elsewhere) for at in beside)
