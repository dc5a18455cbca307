"""A follow-up question and its conversation -> one query. Pure, and without a model.

A question that stands alone is searched as it is. One that does not is searched together with
the questions it hangs on: back to the last that stood alone, two at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers import Turn
from retrieval.text import content_words, words

_MOST_TURNS = 2
_FEW_WORDS = 2

_POINTING = frozenset(
    """he him his she her hers it its they them their theirs this that these those there then one
    ones same such former latter both another other others else either neither too also again
    """.split()
)
_OPENING = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what about|how about|why not|why so|ok(?:ay)?|no[,. ])\b", re.I
)
# "that" and "there" often do no pointing: "the group that ...", "were there any ..."; but
# "Was that the ..." does.
_IDLE = re.compile(
    r"(?<=\s)\w+ that (?!is\b|was\b|day\b|time\b|year\b|happen)(?=\w)"
    r"|\b(?:is|are|was|were|been|be) there\b"
    r"|\bthere (?:is|are|was|were)\b|\b(?:is|was) it (?:true )?that\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `text[focus:]` is the question; before it, its conversation."""

    text: str
    focus: int = 0


def condense(question: str, history: Sequence[Turn]) -> Query:
    """The query for a question asked after some turns."""
    question = question.strip()
    if not history or stands_alone(question):
        return Query(question)
    context: list[str] = []
    for turn in reversed(history[-_MOST_TURNS:]):
        context.insert(0, turn.question.strip())
        if stands_alone(turn.question):
            break
    before = " ".join(context) + " "
    return Query(before + question, focus=len(before))


def stands_alone(question: str) -> bool:
    """Whether a question can be understood without what was said before it.

    It cannot where it points back ("he", "that", "the other"), opens like the second half of
    something ("and", "what about"), or says next to nothing by itself ("Why?", "how many").
    """
    pointing = _POINTING & set(words(_IDLE.sub(" ", question)))
    return (
        not pointing and not _OPENING.search(question) and len(content_words(question)) > _FEW_WORDS
    )
