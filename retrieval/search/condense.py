"""Turns a follow-up question and its conversation into one query, without a model.

A question that stands alone is searched as it is. Another one is searched together with the last
before it that does, which names what they are about. "Tell me more" is no question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answers import Turn
from retrieval.text.asides import aside
from retrieval.text.words import content_words, names, words

_MOST_TURNS = 2
_FEW_WORDS = 2
_LONGEST_CONTEXT = 400
"""Code points of the conversation that are searched with: its end, so that an encoder of 256
word pieces always sees the question."""

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
    """A query: `text[focus:]` is the question, `text[:focus]` earlier questions.

    `cited` are the ids of the articles that the first of those was answered from.
    """

    text: str
    focus: int = 0
    cited: frozenset[str] = frozenset()


def condense(question: str, history: Sequence[Turn]) -> Query:
    """Return the query for a question asked after some turns."""
    question = question.strip()
    if not history or stands_alone(question):
        return Query(question)
    asked = [turn for turn in history if not aside(turn.question)]
    if not asked:
        return Query(question)
    context = _said_before(asked)
    before = " ".join(turn.question.strip() for turn in context)[-_LONGEST_CONTEXT:] + " "
    return Query(before + question, len(before), frozenset(context[0].cited))


def _said_before(asked: Sequence[Turn]) -> Sequence[Turn]:
    """Return the last turn whose question stands alone, or the last turns if none does."""
    alone = next((turn for turn in reversed(asked) if stands_alone(turn.question)), None)
    return [alone] if alone else asked[-_MOST_TURNS:]


def stands_alone(question: str) -> bool:
    """Return whether a question can be understood without what was said before it.

    It cannot where it points back ("he", "that", "the other"), opens like the second half of
    something ("and", "what about"), or says next to nothing by itself and names nothing ("Why?",
    "how many").
    """
    if points_back(question):
        return False
    return len(content_words(question)) > _FEW_WORDS or bool(names(question))


def points_back(question: str) -> bool:
    """Return whether a question has a word for what was said before, or opens as going on."""
    pointing = _POINTING & set(words(_IDLE.sub(" ", question)))
    return bool(pointing or _OPENING.search(question))
