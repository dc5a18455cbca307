"""A sentence's figures beside a window's: whether they bound or number the same."""

from __future__ import annotations

import re

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact
from retrieval.checking.unjudged.negation import bound
from retrieval.checking.unjudged.reading import Stretch, Text, Window
from retrieval.text.ordinals import numbers_in

_LEANS = re.compile(r"\W*(?:It|He|She|They|Its|His|Her|Their|This|These)\b")
"""How a sentence begins that says more of what was named before it."""


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


def numbers_another(claim: Text, window: Window) -> bool:
    """Return whether a sentence numbers things of which a window numbers others: "the first".

    "It had been brokered by France" is of the third truce if that was named before it.
    """
    said = numbers_in(claim.text)
    told = [*_lead(window), *window.sentences]
    body = window.source.read.text
    there = numbers_in(" ".join(body[stretch.start : stretch.end] for stretch in told))
    return bool(there - said) and not said <= there


def is_numbered_before(fact: Fact, window: Window) -> bool:
    """Return whether what a window leans on has an ordinal."""
    return fact.kind == "ordinal" and any(
        supports(there, fact) for stretch in _lead(window) for there in stretch.facts
    )


def _lead(window: Window) -> list[Stretch]:
    return window.before if _LEANS.match(window.text) else []


def _held(fact: Fact, window: Window) -> list[Fact]:
    return [held for held in window.facts if supports(held, fact, window.source.years)]
