"""The form of answer that a question asks for, where that is not simply its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

from retrieval.answering.extractive import Composed
from retrieval.search.condense import Query
from retrieval.search.searcher import SearchResult


class Form(Enum):
    """A form of answer: items, dated stages, or the gist."""

    LIST = "list"
    TIMELINE = "timeline"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer in a form of its own, and what was found for it."""

    composed: Composed
    found: SearchResult


class Teller(Protocol):
    """What answers in a form, by a search of its own."""

    def tell(self, query: Query, subject: str, until: date | None = None) -> Told | None:
        """Return the answer about a subject, or None where a usual answer is to be given."""
        ...


_PLURAL = r"(?:(?!was\b|has\b|does\b)[a-z-]+[^\Wsiu]s|people|men|women)\b(?!['’])"
_PATTERNS = {
    Form.TIMELINE: r"\btime-?\s?lines?\b|\bchronolog\w*|\bunfold(?:ed|s)?\b|\bkey dates\b"
    r"|\b(?:day by day|step by step|blow by blow|date by date)\b"
    r"|\b(?:stages|sequence|course|order|chain) of (?:the )?(?:events\b)?"
    r"|\bin (?:chronological |date |time )?order\b(?! to\b)|\bwith (?:the )?dates\b"
    r"|\bwhat(?:'s| has| had)? happened\b(?=.*\b(?:between|so far|since|from)\b)",
    Form.SUMMARY: r"\bsummar\w+|\boverview\b|\brecap\b|\bgist\b|\bin a nutshell\b|\bsum up\b"
    r"|\btell me about\b|\bwhat(?:'s| is) in (?:this|the|your) archive\b"
    r"|^\W*what happened (?:in|at|to|with)\b",
    Form.LIST: r"\b(?:list|enumerate)\b|\bnames of\b|\bname (?:all|the|every)\b"
    r"|\b(?:who|what) else\b"
    rf"|\b(?:what|who) (?:are|were) (?:the |all )*(?:[\w’'-]+ ){{0,3}}?{_PLURAL}"
    rf"|\bwhat (?:[\w-]+ ){{0,2}}?{_PLURAL} (?:did|do|have|will|would|must)\b"
    rf"|\bwhich (?:of the (?!two\b)|other )?(?:[\w-]+ )??{_PLURAL}",
}
"""How people ask for each form; the first that is found counts."""

_COMPILED = {form: re.compile(pattern, re.I) for form, pattern in _PATTERNS.items()}
_LEADING = re.compile(
    r"^\W*(?:(?:and|then|it|that|please|give|show|tell|make|write|me|us|can|could|you|an?|the|how"
    r"|did|has|have|what|is|was|happened|of|for|in|to|about|key|full|complete|brief|short|detailed"
    r"|events)\W+)*",
    re.I,
)
"""What is left before the subject when the words that name a form are gone."""


def form_of(question: str) -> Form | None:
    """Return the form of answer that a question asks for, or None if it only wants an answer."""
    return next((form for form, asks in _COMPILED.items() if asks.search(question)), None)


def subject_of(query: Query, form: Form) -> str:
    """Return what an answer of a form is to be about: the query without the words that ask."""
    rest = re.sub(
        r"[ ,]*\b(?:please|pls)\b", "", _COMPILED[form].sub(" ", query.text[query.focus :])
    )
    own = _LEADING.sub("", " ".join(rest.split()) + " ").strip(" ,.:;?!")
    return " ".join(filter(None, (query.text[: query.focus].strip(), own))) or query.text
