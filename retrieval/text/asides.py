"""Messages about the conversation itself: "say that again", "tell me more", "shorter", "the second
one?".

A message counts where it has no word but those of such messages, and one that says which it is.
"""

from __future__ import annotations

import re
from typing import Literal

from retrieval.text.ordinals import ORDINALS
from retrieval.text.words import words

Wish = Literal["shorter", "repeat", "more", "item"]

_WORDS = frozenset(
    """a about again an and answer any anything bit brief briefer briefly can carry catch come
    continue cool could detail details did didn't do dr elaborate else excuse expand few for
    further get gist give go going got great have hear hm i i'd in info information interesting
    is it just keep know known last let like little long make me missed more no not now of oh
    ok okay on once one pardon part please point put read really repeat said say sentence short
    shorten shorter so some something sorry sum summarise summarize sure tell than
    thank thanks that that's the them there there's these this those time tl tldr to too up us
    version want was well what what's word words would wow yes you your yourself
    """.split()
)
_SIGNS: tuple[tuple[Wish, re.Pattern[str]], ...] = (
    (
        "shorter",
        re.compile(
            r"\b(?:short|shorter|shorten|brief(?:er|ly)?|gist|tl ?dr|summari[sz]e"
            r"|too long|(?:one|a) sentence|few words|sum (?:it|that|this) up)\b"
        ),
    ),
    (
        "repeat",
        re.compile(
            r"\b(?:repeat|again|pardon|missed|catch|once more|one more time|what was that"
            r"|you (?:just )?(?:say|said))\b"
        ),
    ),
    (
        "more",
        re.compile(
            r"\b(?:more|else|further|details?|elaborate|expand|continue|(?:go|carry|keep going) on"
            r"|keep going)\b"
        ),
    ),
)
_MOST_WORDS = 12

_LAST = "last"
_ITEM = re.compile(
    r"(?:(?:and|or|ok|okay|so|then|(?:what|how) about|(?:what|who|which) (?:is|was)) )*"
    rf"the ({'|'.join(ORDINALS)}|{_LAST})(?: (?:one|item))?(?: please)?"
)


def aside(message: str) -> Wish | None:
    """Return what a message wishes of the last answer, or None if it asks of the archive."""
    if item_wished(message) is not None:
        return "item"
    said = words(message, possessive=True)
    if not 0 < len(said) <= _MOST_WORDS or not _WORDS.issuperset(said):
        return None
    text = " ".join(said)
    return next((wish for wish, sign in _SIGNS if sign.search(text)), None)


def item_wished(message: str) -> int | None:
    """Return the index of the item of the last answer that a message wishes, -1 for the last.

    None if it wishes none.
    """
    found = _ITEM.fullmatch(" ".join(words(message)))
    if not found:
        return None
    return -1 if found[1] == _LAST else ORDINALS.index(found[1])
