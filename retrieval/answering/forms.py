"""The form of answer that a question asks for, where that is not simply its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

from retrieval.answering.dating import time_asked, undated
from retrieval.answering.extractive import Composed
from retrieval.answers import Question
from retrieval.search.condense import Query
from retrieval.search.followups import points_back
from retrieval.search.searcher import SearchResult
from retrieval.text.words import content_words, names, words


class Form(Enum):
    """A form of answer: items, dated stages, the gist, or several values or sides."""

    LIST = "list"
    TIMELINE = "timeline"
    SUMMARY = "summary"
    SIDES = "sides"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer in a form of its own, what was found for it, and what a reader is told besides."""

    composed: Composed
    found: SearchResult
    notice: str = ""


class Teller(Protocol):
    """What answers in a form, by a search of its own."""

    def tell(self, query: Query, subject: str, question: Question) -> Told | None:
        """Return the answer about a question's subject, or None for a usual one to be given."""
        ...


_ASKING = re.compile(
    r"\btime-?\s?lines?\b|\bchronolog\w*|\bunfold(?:ed|s)?\b|\bkey dates\b"
    r"|\b(?:day by day|step by step|blow by blow|date by date)\b"
    r"|^\W*(?:the )?(?:stages|sequence|course) of\b"
    r"|\b(?:sequence|course|order|chain) of (?:the )?events\b"
    r"|\bin (?:chronological |date |time )?order\b(?! (?:to|for|that)\b)|\bwith (?:the )?dates\b"
    r"|\bsummar\w+|\boverview\b|\brecap\b|\bgist\b|\bin a nutshell\b|\bsum up\b"
    r"|^\W*in (?:short|brief)\b|\bin (?:short|brief)\W*$|\btl;?dr\b|\b(?:main|key) points\b"
    r"|\b(?:whole|full) story\b|\bwhat(?:'s| is| was) the story\b|\bbackground (?:on|to)\b"
    r"|\btell me (?:all |everything )?about\b|\bwhat do we know\b|\bwhat went on\b"
    r"|\b(?:walk|talk|take) (?:me|us) through\b|\b(?:catch|fill|brief) (?:me|us)(?: up| in)? on\b"
    r"|\b(?:me|us) up to (?:speed|date)\b|\b(?:where|how) do (?:things|matters) stand\b"
    r"|\bwhat(?:'s| is) in (?:this|the|your) archive\b",
    re.I,
)
"""Words that ask for a timeline or a summary, and are no part of its subject."""

_HAPPENED = re.compile(r"\bwhat(?:'s| has| had)? happen(?:ed|ing)\b", re.I)
_LINK = re.compile(r"^\W*(?:(?:and|but|or|so|then|ok(?:ay)?|also)\b\W*)+", re.I)

_LEADING = re.compile(
    r"^\W*(?:(?:and|then|it|that|please|give|show|tell|make|write|me|us|can|could|you|an?|the|how"
    r"|did|has|have|what|is|was|happened|of|for|in|to|about|key|full|complete|brief|short|detailed"
    r"|events|so|far|latest|with|there|behind|at|on)\W+)*",
    re.I,
)
"""What is left before the subject when those are gone."""


def says_form(question: str) -> bool:
    """Return whether a question says in words that it wants a timeline or a summary."""
    return bool(_ASKING.search(question) or _HAPPENED.search(question))


def names_subject(question: str) -> bool:
    """Return whether a wish for a timeline or summary says of what: "the war", "this archive".

    "And what happened in Ganja?" says it too.
    """
    subject = subject_of(Query(question))
    without = _LINK.sub("", question)
    points = points_back(without if names(without) else question)
    names_it = says_form(question) and subject != question and not points
    return names_it or "archive" in words(subject)


_NEWS = frozenset("any new news happen happened occurred going".split())
"""Words that say nothing of a subject beside the time that is asked for."""


def asks_of_a_time_alone(question: str, today: date) -> bool:
    """Return whether a question asks what there was at some time, and of no subject."""
    if not time_asked(question, today).days:
        return False
    return _NEWS.issuperset(content_words(subject_of(Query(undated(question, today)))))


def subject_of(query: Query) -> str:
    """Return what a timeline or summary is to be about: the query without the words that ask."""
    asked = re.sub(r"[ ,]*\b(?:please|pls)\b", "", query.text[query.focus :])
    parts = [_LEADING.sub("", part + " ") for part in _ASKING.split(asked)]
    own = max(reversed(parts), key=lambda part: len(content_words(part))).strip(" ,.:;?!")
    own = " ".join(own.split())
    return " ".join(filter(None, (query.text[: query.focus].strip(), own))) or query.text
