"""A sentence's figures beside a window's: their bounds, and whether two have changed places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact
from retrieval.checking.unjudged.alignment import Words
from retrieval.checking.unjudged.negation import bound
from retrieval.checking.unjudged.reading import Text, Window


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
    """Return whether two figures change places while the words after them keep theirs."""
    own = _followed(claim.words, claim.facts, len(claim.text))
    theirs = _followed(window.source.read.words, window.facts, window.end)
    figures = [
        ((f.kind, f.unit), own[f], theirs[held[0]])
        for f in claim.facts
        if f.kind in ("number", "date") and len(held := _held(f, window)) == 1
    ]
    return any(
        kind == same
        and bool(one & there and other & here)
        and len(one & there) + len(other & here) > len(one & here) + len(other & there)
        for (kind, one, here), (same, other, there) in combinations(figures, 2)
    )


def _held(fact: Fact, window: Window) -> list[Fact]:
    return [held for held in window.facts if supports(held, fact, window.source.years)]


def _followed(words: Words, figures: Sequence[Fact], end: int) -> dict[Fact, set[str]]:
    """Return the stems of the content words between each figure and the next, or the end."""
    starts = sorted(figure.start for figure in figures)
    followed = {}
    for figure in figures:
        until = next((start for start in starts if start > figure.start), end)
        inside = words.within(figure.end, until)
        followed[figure] = {words.stems[i] for i in inside if words.content[i]}
    return followed
