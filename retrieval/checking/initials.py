"""Initials such as "B. Johnson", which may be Boris Johnson and are not Karen."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import combinations

from retrieval.checking.names import PARTICLES, key

_GIVEN = re.compile(
    r"(?<![\w.'’-])(?P<letters>(?:[A-Z]\.[\s-]?)*[A-Z]\.)\s"
    rf"{PARTICLES}(?P<last>[A-Z][\w'’-]+)"
)
_PART = r"(?:(?:[A-Z]\.-?)+|[A-Z][\w'’-]*)"
_ROW = re.compile(rf"{_PART}(?:\s{PARTICLES}{_PART})+")
"""Words with a capital in a row: "Boris Johnson", "J. K. Rowling"."""

Initial = tuple[str, str]
"""A letter, and the key of the surname behind it."""


def initials_of(text: str) -> frozenset[Initial]:
    """Return, for each surname of a text, the letters that the words before it begin with."""
    found: set[Initial] = set()
    for match in _ROW.finditer(text):
        words = [word for word in match.group().split() if word[0].isupper()]
        for first, last in combinations(words, 2):
            found.update((letter, key(last)) for letter in _letters(first))
    return frozenset(found)


def strange_initials(text: str, known: Collection[Initial]) -> list[str]:
    """Return what a text gives with initials, if no first name before that surname has them."""
    return [
        match.group()
        for match in _GIVEN.finditer(text)
        # "U.S. Army" has none: without a space, letters are a name of their own.
        if not re.search(r"\.[A-Z]", match["letters"])
        and any((letter, key(match["last"])) not in known for letter in _letters(match["letters"]))
    ]


def _letters(first: str) -> list[str]:
    return [part[0] for part in re.split(r"[.\s-]+", first.lower()) if part]
