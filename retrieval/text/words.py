"""Words, stop words and names in a text, for search, answers and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_MARKS = (
    r"\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0963\u0966-\u0dff"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
"""Signs above, below and beside letters, as Hindi writes its vowels: `re` does not count them to
a word. With those of India come their letters, without the full stop."""

_LETTERS = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
_WORD = re.compile(rf"{_LETTERS}(?:['’.]{_LETTERS})*")

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
"""Words that do not tell the subject of a question, question words included."""


def words(text: str, *, possessive: bool = False) -> list[str]:
    """Return the words of a text in lower case, in order; `'s` is left off unless `possessive`."""
    found = [m.group().lower().replace("’", "'") for m in _WORD.finditer(text)]
    return found if possessive else [word.removesuffix("'s") for word in found]


def content_words(text: str) -> list[str]:
    """Return the words that are not stop words, in order."""
    return [word for word in words(text) if word not in STOP_WORDS]


_NAME = re.compile(r"\b(?:[A-Z][\w’'-]*|\d[\d.,]*\d|\d)")
_KIN = 5
_BEGINS = re.compile(r"(?:^|[.!?:\n])[\s\"“”'‘’(]*\Z")


def names(question: str) -> set[str]:
    """Return the names in a question: its capitalized words and numbers, in lower case.

    The first word is left out, because it is always capitalized.
    """
    first = _WORD.search(question)
    rest = question[first.end() :] if first else ""
    found = {word for match in _NAME.finditer(rest) for word in words(match.group())}
    return found - STOP_WORDS


def paired(pairs: str, form: Callable[[str], str]) -> dict[str, frozenset[str]]:
    """Parse pairs such as "rise fall; rise drop" into each word's partners, in both directions."""
    found: dict[str, set[str]] = {}
    for pair in pairs.split(";"):
        one, other = map(form, pair.split())
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


def always_capitalized(texts: Iterable[str]) -> set[str]:
    """Return the words that some texts always capitalize, even within a sentence."""
    capital: set[str] = set()
    small: set[str] = set()
    for text in texts:
        with_capital, without = _by_capital(text)
        capital |= with_capital
        small |= without
    return capital - small - STOP_WORDS


@lru_cache(maxsize=500)
def _by_capital(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that a text writes with a capital within a sentence, and those without."""
    capital: set[str] = set()
    small: set[str] = set()
    for match in _WORD.finditer(text):
        word = match.group()
        if not word[0].isupper():
            small.add(form_of(word))
        elif not _BEGINS.search(text, 0, match.start()):
            capital.add(form_of(word))
    return frozenset(capital), frozenset(small)


def form_of(word: str) -> str:
    """Return a word in lower case and without `'s`, whatever its apostrophe."""
    return word.lower().replace("’", "'").removesuffix("'s")


def shares_a_name(wanted: set[str], text: str) -> bool:
    """Return whether a text has at least one of some names; true where there are none to have.

    A name of five letters or more is also found as the beginning of a word ("Armenia" in
    "Armenian"), and the other way round.
    """
    there = set(words(text))
    kin = {word[:_KIN] for word in there if len(word) >= _KIN}
    return not wanted or any(name in there or name[:_KIN] in kin for name in wanted)
