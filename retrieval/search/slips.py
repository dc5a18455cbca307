"""Finds the words of an archive that a misspelt word is near, by the slips of fingers and ears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.archive.vocabulary import Vocabulary

_SWAPPED, _DOUBLED, _MISSED, _ALIKE, _OTHER = 0.6, 0.5, 0.8, 0.7, 1.0
"""What edits cost: two letters swapped; a letter doubled, or a double one typed once; a letter
left out; one for its neighbour on the keyboard or one that sounds alike; any other."""
_MIXED = 0.9
"""What it costs at most to have all letters, in another order."""

_LIMITS = ((5, 0.6), (6, 0.8), (8, 0.9), (10, 1.5))
"""The most that a word may cost: with fewer letters than the first number, the second."""
_LONG_LIMIT = 2.0
_SLACK = 0.4
"""What `near` returns beyond the limit, for the caller to judge by its place in the sentence."""

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = ("aeiou", "ckq", "csz", "fhpvw", "gj", "iy", "bp", "dt", "mn")


def _alike() -> frozenset[tuple[str, str]]:
    pairs = {pair for row in _KEYBOARD for pair in pairwise(row)}
    for upper, lower in pairwise(_KEYBOARD):
        pairs |= {(above, key) for at, key in enumerate(lower) for above in upper[at : at + 2]}
    pairs |= {(one, other) for group in _SOUNDS for one in group for other in group}
    return frozenset(pairs | {(other, one) for one, other in pairs})


_ALIKE_LETTERS = _alike()


@dataclass(frozen=True, slots=True)
class Near:
    """A word near a misspelt one, as the archive writes it most, and how often it stands there.

    `cost` is how unlikely the slips are, `limit` the most that is likely. `is_name` is whether it
    mostly has a capital, `may_be_name` whether it ever has.
    """

    written: str
    cost: float
    limit: float
    count: int
    is_name: bool
    may_be_name: bool


def near(word: str, vocabulary: Vocabulary) -> Iterator[Near]:
    """Yield the words that a word may have been meant for; at most their first letters are
    swapped."""
    limit = next((most for length, most in _LIMITS if len(word) < length), _LONG_LIMIT)
    reach = limit + _SLACK
    edits = int(reach / _DOUBLED)
    candidates = vocabulary.beginning(word[0], len(word) - edits, len(word) + edits)
    candidates += vocabulary.beginning(word[1::-1], len(word), len(word))
    rows = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=edits, limit=None)
    for other, _, _ in rows:
        if (cost := slips(word, other)) <= reach and (forms := vocabulary.forms(other)):
            yield _near(other, forms, cost, limit)


def _near(word: str, forms: Mapping[str, int], cost: float, limit: float) -> Near:
    written = max(forms, key=lambda form: (forms[form], form))
    count = sum(forms.values())
    lower = forms.get(word, 0)
    return Near(written, cost, limit, count, 2 * lower < count, lower < count)


def slips(typed: str, meant: str) -> float:
    """Return how unlikely it is that someone typed one word for another: what the edits cost.

    It is an optimal string alignment (OSA) with weights.
    """
    earlier: list[float] = []
    above = [_MISSED * n for n in range(len(meant) + 1)]
    for i, key in enumerate(typed):
        row = [above[0] + _OTHER]
        for j, letter in enumerate(meant):
            changed = (
                0.0 if key == letter else _ALIKE if (key, letter) in _ALIKE_LETTERS else _OTHER
            )
            extra = _DOUBLED if i and typed[i - 1] == key else _OTHER
            missed = _DOUBLED if j and meant[j - 1] == letter else _MISSED
            best = min(above[j] + changed, above[j + 1] + extra, row[j] + missed)
            if i and j and key != letter and (typed[i - 1], key) == (letter, meant[j - 1]):
                best = min(best, earlier[j - 1] + _SWAPPED)
            row.append(best)
        earlier, above = above, row
    return min(above[-1], _MIXED) if sorted(typed) == sorted(meant) else above[-1]
