"""Answers that are no sentences, such as "107" or "Shoei Kisen": the question says what they claim.

By itself, any figure that the passages have would bear out "107".
"""

from __future__ import annotations

import re

from retrieval.checking.facts import find_facts
from retrieval.text.sentences import split_sentences
from retrieval.text.words import content_words

_UNIT = re.compile(r"^[\s-][a-z]+")


def question_of(text: str, question: str) -> str:
    """Return the question that a fragment answers, the last of several, without its mark.

    It is empty for a text that is a sentence by itself.
    """
    asked = split_sentences(question)
    if not asked or not _is_fragment(text):
        return ""
    return question[asked[-1].start : asked[-1].end].rstrip(" ?!.")


def _is_fragment(text: str) -> bool:
    """Return whether a text has nothing but names, and figures with a word behind each at most."""
    for fact in reversed(find_facts(text)):
        text = text[: fact.start] + _UNIT.sub("", text[fact.end :])
    return not any(word in text for word in content_words(text))
