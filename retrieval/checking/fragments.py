"""Answers that are no sentences, such as "107" or "Shoei Kisen": the question says what they claim.

By itself, any figure that the passages have would bear out "107".
"""

from __future__ import annotations

import re

from retrieval.checking.facts import find_facts
from retrieval.text.sentences import split_sentences
from retrieval.text.words import content_words

_UNIT = re.compile(r"^[\s-][a-z]+")

_REPLIES = frozenset(
    "yes true false correct right none nobody nothing neither never nowhere".split()
)
"""Words that answer without a name or figure: a question cannot be their evidence."""


def question_of(text: str, question: str) -> str:
    """Return the question that a fragment answers, the last of several, without its mark.

    It is empty for a text that is a sentence by itself, or neither names nor counts anything.
    """
    said = [question[s.start : s.end] for s in split_sentences(question)]
    asked = [one for one in said if one.endswith("?")] or said
    return asked[-1].rstrip(" ?!.") if asked and _is_fragment(text) else ""


def _is_fragment(text: str) -> bool:
    """Return whether a text has nothing but names, and figures with a word behind each at most."""
    facts = find_facts(text)
    for fact in reversed(facts):
        text = text[: fact.start] + _UNIT.sub("", text[fact.end :])
    plain = content_words(text)
    bare = any(word in text or word in _REPLIES for word in plain)
    return bool(facts or plain) and not bare
