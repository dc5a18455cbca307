"""Joins the lines of a paragraph, and the words that were parted at their ends."""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.formats.pdf_order import Line

_HYPHENS = "-\xad\u2010\u2011"
_PARTED = re.compile(rf"([^\W_]+)[{_HYPHENS}]\Z")
_COMPOUND = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)+|[^\W_]+")

_WHOLE_FIRST_PARTS = frozenset(
    "all cease co cross eight ex far fifty first five four full half hard heavy high ill land large"
    " left long low mid near nine non old one pro right second self seven short six sixty small so"
    " ten third thirty three top twenty two vice well wide".split()
)
"""What is mostly a word of its own before a hyphen: long-range, well-known, two-thirds."""


class Joiner:
    """Joins lines as words are spelled elsewhere in the same document.

    "agree-" and "ment" are one word, "Nagorno-" and "Karabakh" keep their hyphen, and so do
    "long-" and "range": where the document shows no other spelling, a capital or a digit after
    the hyphen and a short list of first parts decide.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        for line in lines:
            inner = line.text.casefold().split()
            self._words.update(
                found.replace("\u2010", "-") for word in inner for found in _COMPOUND.findall(word)
            )

    def join(self, before: str, after: str) -> str:
        """Return what stands between two lines that follow one another: `before` as it must be.

        The result is `before` with its hyphen kept or gone, or with a space at its end.
        """
        parted = _PARTED.search(before)
        if not parted:
            return f"{before} "
        follows = re.match(r"[^\W_]+(?:-[^\W_]+)*", after)
        if not follows:
            return f"{before[:-1]}- "
        first, second = parted[1], follows[0]
        return before[:-1] if self._is_one_word(first, second) else f"{before[:-1]}-"

    def _is_one_word(self, first: str, second: str) -> bool:
        head, tail = first.casefold(), second.casefold()
        if {head + tail, head + tail.partition("-")[0]} & self._words:
            return True
        if f"{head}-{tail}" in self._words or head in _WHOLE_FIRST_PARTS or "-" in tail:
            return False
        in_capitals = len(first) > 1 and f"{first}{second}".isupper()
        return first[-1].isalpha() and (second[0].islower() or in_capitals)
