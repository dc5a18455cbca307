"""The words that the full text is asked for, by the language of what it is asked of.

The full text stems English. Words of another language are looked for in all forms of the same stem
that the archive has: so nothing but a question depends on a language's stems and stop words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from retrieval.archive.vocabulary import Vocabulary
from retrieval.text.languages import ENGLISH
from retrieval.text.stems import stemmer, stop_words
from retrieval.text.words import content_words, words

_SHORTEST = 3
"""Letters of the shortest word that is looked for in other forms."""

_BEGINNING = 3
"""Letters that the forms of a word have in common at least."""

_CHANGED = 2
"""Last letters of a stem that a form may have otherwise: elección, elecciones."""

_ENDING = 6
"""Letters by which a form may be longer than a word."""

_MOST = 12
"""Forms of one word; the shortest are preferred."""

_BEFORE_UMLAUT = re.compile(r"[aou](?=u?[^aeiou]*$)")
_UMLAUTS = {"a": "ä", "o": "ö", "u": "ü"}
"""Haus, Häuser: the stem is one, but not how they begin."""


def search_terms(text: str, language: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of a question without stop words, in all forms that the archive has.

    Args:
        text: the question.
        language: that of the articles which are asked, as ISO 639-1; English is stemmed elsewhere.
        vocabulary: the words of the archive.
    """
    said = words(text)
    if language == ENGLISH:
        return list(dict.fromkeys(content_words(text) or said))
    unwanted = stop_words(language)
    own = [_without_article(word, unwanted) for word in said]
    wanted = dict.fromkeys([word for word in own if word not in unwanted] or own)
    stem = stemmer(language)
    return list(dict.fromkeys(form for word in wanted for form in _forms(word, stem, vocabulary)))


def _without_article(word: str, unwanted: frozenset[str]) -> str:
    """Return a word without what is elided before it: "élection" of "l'élection"."""
    first, mark, rest = word.partition("'")
    return rest if rest and not unwanted.isdisjoint((first, first + mark)) else word


def _forms(word: str, stem: Callable[[str], str] | None, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield a word, and then what the archive has of the same stem."""
    yield word
    if stem is None or len(word) < _SHORTEST or not word.isalpha():
        return
    wanted = stem(word)
    length = max(_BEGINNING, len(wanted) - _CHANGED)
    begins = {word[:length], wanted[:length]}
    begins |= {_BEFORE_UMLAUT.sub(lambda m: _UMLAUTS[m[0]], begin) for begin in begins}
    found = {
        form
        for begin in begins
        for form in vocabulary.beginning(begin, length, len(word) + _ENDING)
        if stem(form) == wanted
    }
    yield from sorted(found - {word}, key=lambda form: (len(form), form))[:_MOST]
