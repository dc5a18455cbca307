"""Tell someone who asks an English archive in another language to ask in English.

Only refusals look at this: reading the detector's model takes half a second, once, and 80 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from prompts import ask_in_english
from retrieval.text.words import words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CERTAIN = 0.9
"""How probable a language in Latin letters must be: foreign names alone come to 0.86."""

_CERTAIN_BY_SCRIPT = 0.5
"""The same in other letters, which cannot be English: Russian and its neighbours share words."""

_WORDS = 3
"""Fewer words in Latin letters are too few to tell."""


def told_to_ask_in_english(question: str, passages: Sequence[str]) -> str | None:
    """Return the line for a question that is not in English, in its own language.

    Args:
        question: what was asked.
        passages: texts of the archive; if any is not in English, there is no such line.
    """
    told = ask_in_english().get(_language(question))
    if told and passages and all(_language(passage) == "en" for passage in passages):
        return told
    return None


def _language(text: str) -> str:
    """Return the language of a text, or "en" where none is certain."""
    letters, latin = len(regex.findall(r"\p{L}", text)), len(regex.findall(r"\p{Latin}", text))
    foreign_script = latin < letters / 2
    if not foreign_script and len(words(text)) < _WORDS:
        return "en"
    language, probability = _detector().classify(text)
    return language if probability >= (_CERTAIN_BY_SCRIPT if foreign_script else _CERTAIN) else "en"


@lru_cache(maxsize=1)
def _detector() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(["en", *ask_in_english()])
    return detector
