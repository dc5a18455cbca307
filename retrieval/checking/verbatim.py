"""Sentences that are borne out word by word: what is written is a sentence of the source."""

from __future__ import annotations

import re

from retrieval.text.words import words

_LINK = frozenset("the a an that and also it its has have had was were is are on in".split())
"""Words that may be added or left out."""

_TURNS = re.compile(
    r"\b(?:not|no|never|none|without|only|if|unless|until|because|according|said|says?|told|den\w+"
    r"|claim\w*|alleg\w*|accus\w*|suspect\w*|report\w*|plan\w*|hope\w*|propos\w*|false\w*|fail\w*"
    r"|refus\w*|reject\w*|may|might|could|would|should|but|while|although|though|however)\b"
)
"""Words that turn the sense of what they stand beside: where they were cut off, somebody has to
look."""


def is_verbatim(sentence: str, quote: str) -> bool:
    """Return whether a sentence is a quote, or one with its beginning or end cut off.

    Its words stand there in a row, but for articles and the like, and what was cut off turns
    nothing.
    """
    said = [word for word in words(sentence) if word not in _LINK]
    there = [word for word in words(quote) if word not in _LINK]
    for at in range(len(there) - len(said) + 1):
        if said and there[at : at + len(said)] == said:
            cut = there[:at] + there[at + len(said) :]
            return not _TURNS.search(" ".join(cut))
    return False
