"""Words: tokens, stop words, stems. Pure, and shared by search, answers and abstention."""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    had has have having he her here hers him his how i if in into is it its itself just me more
    most my no nor not now of off on once only or other our out over own please same she should
    so some such tell than that the their them then there these they this those through to too
    under until up us very was we were what when where which while who whom whose why will with
    would you your yours
    """.split()
)
"""Words that say nothing about what a question is about; among them the question words."""


def words(text: str, *, possessive: bool = False) -> list[str]:
    """The words of a text in lower case, in order; `'s` is left off unless `possessive`."""
    found = [m.group().lower().replace("’", "'") for m in _WORD.finditer(text)]
    return found if possessive else [word.removesuffix("'s") for word in found]


def content_words(text: str) -> list[str]:
    """The words that are not stop words, in order."""
    return [word for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Porter's stem of a lower-case word: the same that SQLite's full-text index uses."""
    return str(_stemmer().stemWord(word))


def content_stems(text: str) -> list[str]:
    """The stems of the content words of a text, in order."""
    return [stem(word) for word in content_words(text)]


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:  # type: ignore[valid-type]
    return snowballstemmer.stemmer("porter")
