"""Stems, and the stop words of other languages than English."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from prompts import languages


@lru_cache(maxsize=40)
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that do not tell the subject of a question, as ISO 639-1."""
    from stop_words import AVAILABLE_LANGUAGES, get_stop_words

    name = languages()[language].name.lower()
    return frozenset(get_stop_words(name)) if name in AVAILABLE_LANGUAGES else frozenset()


def stemmer(language: str) -> Callable[[str], str] | None:
    """Return what stems a language's words in lower case, for one thread, or None without any."""
    import snowballstemmer

    name = languages()[language].name.lower()
    if name not in snowballstemmer.algorithms():
        return None
    stem: Callable[[str], str] = snowballstemmer.stemmer(name).stemWord
    return stem


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case: "accept" and "accepted" have the same."""
    import snowballstemmer  # reads its tables of all languages: .16 s

    stemmed: str = snowballstemmer.stemmer("english").stemWord(word)  # one keeps a word as it works
    return stemmed
