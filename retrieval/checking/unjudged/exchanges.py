"""Words that a sentence has exchanged for others, where it otherwise repeats a quote.

What stands between the same words as in the quote can be compared as it is: two words that have
changed places, or one that stands for another of its kind ("by 21" for "to 21").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from retrieval.text.stems import stem
from retrieval.text.words import STOP_WORDS, form_of

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+|,\d{3})*")

_KINDS = """
by, to; from, to; before, after, since, until; with, without; inside, outside; into, out;
for, against; all, some several, many, most, few, only, nearly; more, less fewer; once, twice;
first, second, third, fourth, fifth, last; will would shall, may might can could, must;
morning, evening, afternoon, night; second, minute, hour, day, week, month, year;
daily, weekly, monthly, yearly annual; million, billion, trillion;
metre, foot feet, mile, kilometre km, yard; north, south, east, west;
northern, southern, eastern, western
"""
"""Words of a kind, of which one says what another does not; those that a space parts say the same.
They earned their place on sentences close to the text (docs/quality.md)."""

_AND = frozenset("and or but a an the".split())
_GAINED = 3
"""So many neighbours more must two words have as in the quote, once they have changed places."""

Exchange = tuple[str, str]


def exchanges(text: str, quote: str) -> list[Exchange]:
    """Return the words of a sentence that a quote has others for, each with what the quote has."""
    own, said = _words(text)
    theirs, shown = _words(quote)
    return [*_of_a_kind(own, said, theirs, shown), *_swapped(own, said, theirs)]


@lru_cache(maxsize=200)  # a sentence is held against many windows, which share theirs
def _words(text: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the words of a text as they are compared, and as they stand there."""
    shown = [match.group() for match in _WORD.finditer(text)]
    return [_compared(form_of(word)) for word in shown], shown


def _compared(form: str) -> str:
    return form if form in STOP_WORDS else stem(form)


def _of_a_kind(
    own: Sequence[str], said: Sequence[str], theirs: Sequence[str], shown: Sequence[str]
) -> list[Exchange]:
    """Return the words that stand where the quote has another of their kind."""
    between: dict[tuple[str, str], dict[str, str]] = {}
    for (before, word, after), as_shown in zip(_triples(theirs), shown, strict=True):
        between.setdefault((before, after), {})[word] = as_shown
    found = []
    for (before, word, after), as_said in zip(_triples(own), said, strict=True):
        there = between.get((before, after), {})
        others = [other for other in there if word not in there and _differ(word, other)]
        found += [(as_said, there[other]) for other in others[:1]]
    return found


def _triples(words: Sequence[str]) -> zip[tuple[str, str, str]]:
    return zip(["", *words[:-1]], words, [*words[1:], ""], strict=True)


def _differ(one: str, other: str) -> bool:
    return any(one in kind and other in kind and kind[one] != kind[other] for kind in _kinds())


def _swapped(own: Sequence[str], said: Sequence[str], theirs: Sequence[str]) -> list[Exchange]:
    """Return two words that have the quote's neighbours once they have changed places.

    Names in a row may change places: "Armenia and Azerbaijan".
    """
    pairs = set(pairwise(theirs))

    def neighbours(words: Sequence[str], at: int) -> int:
        return sum(pair in pairs for pair in pairwise(words[max(0, at - 1) : at + 2]))

    there = set(theirs)
    places = [n for n, word in enumerate(own) if word in there and word not in STOP_WORDS]
    for one, other in combinations(places, 2):
        if own[one] == own[other] or _AND.issuperset(own[one + 1 : other]):
            continue
        words = list(own)
        words[one], words[other] = words[other], words[one]
        gained = [neighbours(words, at) - neighbours(own, at) for at in (one, other)]
        fits = min(neighbours(words, at) for at in (one, other)) == 2
        if min(gained) > 0 and (fits or sum(gained) >= _GAINED):
            return [(said[one], said[other]), (said[other], said[one])]
    return []


@lru_cache(maxsize=1)
def _kinds() -> list[dict[str, int]]:
    """Return for each kind its words, and which of them say the same."""
    return [
        {_compared(form): at for at, same in enumerate(kind.split(",")) for form in same.split()}
        for kind in _KINDS.split(";")
    ]
