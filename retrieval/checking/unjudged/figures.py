"""A sentence's figures beside a window's: whether they are the same bounds."""

from __future__ import annotations

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact
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


def _held(fact: Fact, window: Window) -> list[Fact]:
    return [held for held in window.facts if supports(held, fact, window.source.years)]
