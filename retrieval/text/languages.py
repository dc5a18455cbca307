"""The language of a text, as far as it can be told.

Only what is probably not English is looked at: reading the detector's model takes half a second,
once, and 80 MB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from prompts import Language, languages
from retrieval.text.words import words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"

_CERTAIN = 0.9
"""How probable a language in Latin letters must be: foreign names alone come to 0.86."""

_NOT_ENGLISH, _LIKELY, _LOWER_CASE = 0.025, 0.6, 3
"""Less certain will do where English is as improbable as this, and so many words are no names."""

_CERTAIN_BY_SCRIPT = 0.5
"""The same in other letters, which cannot be English: Russian and its neighbours share words."""

_WORDS = 3
"""Fewer words in Latin letters are too few to tell."""

_ENGLISH_ALONE = frozenset("the what who when where which why how did does".split())
"""Words that nearly every English question has one of, and hardly one in another language."""


_BEGINNING = 600
"""Code points of an article by which its language is told."""

_FEW = 25
"""Words in Latin letters that are too few of an article to load the detector for."""

_OFTEN = frozenset("the of and to".split())
_ENGLISH_SHARE = 0.05
"""The share of these words in an English text is more, and in another language's less."""


def language_of(text: str) -> str:
    """Return the code (ISO 639-1) of a text's language, or "en" where none is certain."""
    foreign_script = is_foreign_script(text)
    said = words(text)
    if not foreign_script and (len(said) < _WORDS or not _ENGLISH_ALONE.isdisjoint(said)):
        return ENGLISH
    return _detected(text, foreign_script)


def language_of_article(body: str) -> str:
    """Return the code of an article's language, which is told by how it begins."""
    return _language_of_beginning(body[:_BEGINNING])


@lru_cache(maxsize=500)
def _language_of_beginning(beginning: str) -> str:
    foreign_script = is_foreign_script(beginning)
    said = words(beginning)
    english = sum(word in _OFTEN for word in said) > _ENGLISH_SHARE * len(said)
    if not foreign_script and (len(said) < _FEW or english):
        return ENGLISH
    return _detected(beginning, foreign_script)


def language_of_words(question: str, nearest: Iterable[str]) -> str:
    """Return the code of the language in which words of a question are looked for.

    It is the question's, if one of the nearest texts is in it, or else that of most of them: a few
    words tell no language. Nothing but English is looked for where all of them are English.
    """
    if not _ENGLISH_ALONE.isdisjoint(words(question)):
        return ENGLISH
    there = Counter(map(language_of_article, nearest))
    if there.keys() <= {ENGLISH}:
        return ENGLISH
    own = language_of(question)
    return own if own in there and own != ENGLISH else there.most_common(1)[0][0]


def is_foreign_script(text: str) -> bool:
    """Return whether most letters of a text are not Latin."""
    if text.isascii():
        return False
    letters, latin = len(regex.findall(r"\p{L}", text)), len(regex.findall(r"\p{Latin}", text))
    return latin < letters / 2


def _detected(text: str, foreign_script: bool) -> str:
    ranking = _detector().rank(text)
    language, probability = ranking[0]
    if foreign_script:
        certain = probability >= _CERTAIN_BY_SCRIPT
    else:
        improbable = dict(ranking)[ENGLISH] <= _NOT_ENGLISH
        is_text = len(regex.findall(r"\b\p{Ll}+", text)) >= _LOWER_CASE
        certain = probability >= (_LIKELY if improbable and is_text else _CERTAIN)
    return str(language) if certain else ENGLISH


def foreign(question: str, passages: Sequence[str]) -> Language | None:
    """Return the language of a question, or None if it is English or the archive's own.

    Args:
        question: what was asked.
        passages: texts of the archive; unless all are in English, no language is foreign to it.
    """
    language = languages().get(language_of(question))
    if language and passages and all(language_of(text) == ENGLISH for text in passages):
        return language
    return None


@lru_cache(maxsize=1)
def _detector() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages([ENGLISH, *languages()])
    return detector
