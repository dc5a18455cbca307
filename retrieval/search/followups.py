"""Tells a follow-up, which needs its conversation, from a question that can be understood alone.

"How many people died?" and "what did the owner get in the end?" look whole and are not. A logistic
regression over the question's words, in runs of up to three, and over what it has of names and of
words that point back tells them; `training/followups.py` fits it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from retrieval.logistic import Logistic, load_logistic, sigmoid
from retrieval.text.runs import runs_of
from retrieval.text.words import content_words, names, words

MODEL = Path(__file__).parent / "followups.json"

SURE, SURE_NOT = 0.7, 0.2
"""The probabilities from which a question is a follow-up, and below which it is none. Between them
it is one if it points back, or has next to no words of its own and names nothing."""

_FEW_WORDS, _LITTLE = 2, 4
"""Words that say something: next to none, and few enough for a word that points back to tell."""

_MOST_WORDS, _MOST_NAMES = 8, 3
"""Words that say something, and names, of which more make no difference."""

_POINTING = frozenset(
    """he him his she her hers it its they them their theirs this that these those there then one
    ones same such former latter both another other others else either neither too also again
    """.split()
)
_AMOUNTS = frozenset("far long many much often times".split())
"""What "how" asks for; none of these is a subject."""

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


def is_follow_up(question: str, model: Logistic | None = None) -> bool:
    """Return whether a question cannot be understood without what was said before it.

    `model` is the shipped one when None.
    """
    chance = probability(question, model)
    if SURE_NOT <= chance < SURE:
        own = set(content_words(question)) - _AMOUNTS
        return points_back(question) or (len(own) <= _FEW_WORDS and not names(question))
    return chance >= SURE


def is_unsure(question: str, model: Logistic | None = None) -> bool:
    """Return whether its words do not tell if a question is a follow-up.

    One that points back and says little besides is one.
    """
    clear = points_back(question) and len(content_words(question)) <= _LITTLE
    return not clear and SURE_NOT <= probability(question, model) < SURE


def probability(question: str, model: Logistic | None = None) -> float:
    """Return how likely a question is a follow-up; runs of words that weigh nothing are left out
    of the model, which is the shipped one when None."""
    model = model or _model()
    found = features_of(question).items()
    return sigmoid(model.intercept + sum(model.weights.get(n, 0.0) * v for n, v in found))


def features_of(question: str) -> dict[str, float]:
    """Return what is measured of a question, by name, and 1 for each of its runs of words."""
    before = _before_it(question)
    measured = {
        "(words)": min(len(content_words(question)), _MOST_WORDS) / _MOST_WORDS,
        "(names)": min(len(names(question)), _MOST_NAMES) / _MOST_NAMES,
        "(points back)": float(points_back(question)),
        "(early)": 1 / (1 + len(content_words(before))) if before is not None else 0.0,
        "(lower case)": float(question == question.lower()),
    }
    return measured | dict.fromkeys(runs_of(question), 1.0)


def _before_it(question: str) -> str | None:
    """Return what stands before the first word that points back; None if there is no such word.

    What "it" stands for may stand there.
    """
    said = words(_IDLE.sub(" ", question))
    at = next((n for n, word in enumerate(said) if word in _POINTING), None)
    return None if at is None else " ".join(said[:at])


def names_nothing(question: str) -> bool:
    """Return whether a question has nothing that it could be about: "who was it?", "how often?".

    A word in capitals may be a name, as the WHO's is.
    """
    said = words(question)
    if _AMOUNTS.issuperset(content_words(question)) and not any(
        len(word) > 1 and word.isupper() for word in question.split()
    ):
        return len(said) == 1 or "how" in said or points_back(question)
    return False


def points_back(question: str) -> bool:
    """Return whether a question has a word for what was said before, or opens as going on."""
    return _before_it(question) is not None or bool(_OPENING.search(question))


@cache
def _model() -> Logistic:
    return load_logistic(MODEL)
