"""Sentences that are borne out word by word: what is written is a sentence of the source."""

from __future__ import annotations

from retrieval.text.words import words

_LINK = frozenset("the a an that and also it its has have had was were is are on in".split())
"""Words that may be added or left out."""


def is_verbatim(sentence: str, quote: str) -> bool:
    """Return whether a sentence is a quote, but for articles and the like.

    What is cut out of a sentence may turn its sense ("Hardly any …"), so a part is not enough.
    """
    said = [word for word in words(sentence) if word not in _LINK]
    return bool(said) and said == [word for word in words(quote) if word not in _LINK]
