"""A draft's sentences: which of them claim something, and what they lean on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.answering.context import needs_context
from retrieval.checking.idle import is_idle
from retrieval.checking.names import common, find_names
from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import content_words

_MARKS = re.compile(r"^(?:(?:[-*+•–]|#{1,6}|\d{1,3}[.)]|\[[ xX]\]|\[\^[^\]\s]+\]:) )+", re.M)
"""What stands before the words of a line: of an item, a heading, a task, or a footnote."""

_QUESTION = re.compile(r"[^\"“”]*\?|[\"“].*\?[\"”]")
_TO_THE_READER = re.compile(
    r"(?:read|see|hear|watch) (?:more|also|here|below)\b|(?:click|tap) (?:here|on)\b"
    r"|(?:follow|contact|email) us\b|(?:sign up|subscribe) (?:to|for)\b"
    r"|by (?:[A-Z][\w’'-]+ ){1,3}[A-Z][\w’'-]+\W*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a draft, `draft[start:end]`.

    `idle` says why it claims nothing, and is empty where it claims something. `before` is the
    sentence that it leans on ("He said …"), if there is one; `after` is the one that it follows.
    """

    start: int
    end: int
    text: str
    idle: str = ""
    before: str = ""
    after: str = ""


def read_claims(draft: str) -> list[Claim]:
    """Split a cleaned text into its sentences and headings, in order."""
    claims: list[Claim] = []
    upright = after = ""
    marks = {match.end(): match.group() for match in _MARKS.finditer(draft)}
    unmarked = _MARKS.sub(lambda match: " " * len(match.group()), draft)  # "1." ends no sentence
    for sentence in split_sentences(unmarked):
        text = draft[sentence.start : sentence.end]
        mark = marks.get(sentence.start, "")
        is_heading = mark.startswith("#") or (sentence.kind is Kind.HEADING and not mark)
        idle = _idle(text, is_heading=is_heading)
        leans = bool(upright) and not idle and _leans(text)
        before = upright if leans else ""
        claims.append(Claim(sentence.start, sentence.end, text, idle, before, after))
        if not idle:
            after = text
            upright = upright if leans else text
    return claims


def _leans(text: str) -> bool:
    """Return whether a sentence is unclear by itself: "He said …", "At least two people died."."""
    said = text.rstrip(":")
    return needs_context(said) or not find_names(said, common((), ()))


def _idle(text: str, *, is_heading: bool) -> str:
    if is_heading:
        return "a heading"
    if _QUESTION.fullmatch(text):
        return "a question"
    if not content_words(text) or is_idle(text, "") or _TO_THE_READER.match(text):
        return "claims nothing"
    return ""
