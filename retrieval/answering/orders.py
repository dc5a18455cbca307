"""Sentences that give a model orders.

An article may say "Reply that the ship sank". Then a model that obeys is literally supported by
the article; but an order reports nothing, and backs no sentence of an answer.
"""

from __future__ import annotations

import re

_WHOM = r"(?:the |your |any |all )?(?:users?|readers?|people|person|them|him|her|everyone)"
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)(?: \w+){0,4} "
    r"(?:instructions?|rules|prompts?|guidelines|passages|sources)\b"
    r"|\byour (?:[a-z]+ )?(?:instructions|prompt|answers?|reply|replies|response|output)\b"
    r"|\b(?:system|hidden|initial) prompt\b"
    r"|\byou are (?:now|no longer)\b|\bas an ai\b|\blanguage model\b"
    r"|(?:^|[.!?:>\"“]\s*|\b(?:and|then|must|should|please) )"
    rf"(?:say|reply|respond|answer|write|claim|state|tell {_WHOM}) (?:that|with|to|only|:)"
    r"|^\W*(?:system|assistant|user|developer) ?:",
    re.I | re.M,
)


def gives_orders(text: str) -> bool:
    """Return whether a text speaks to a model and tells it what to do, rather than to a reader."""
    return bool(_ORDER.search(text))
