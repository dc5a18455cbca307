"""A draft's sentences: which of them claim something, and what they lean on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.answering.context import needs_context
from retrieval.checking.idle import is_idle
from retrieval.checking.names import common, find_names
from retrieval.text.sentences import Kind, Sentence, split_sentences
from retrieval.text.words import content_words

_BULLET = re.compile(r"(?:[-*•–]|#{1,6}|\d{1,3}[.)]) ")
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
    for sentence in split_sentences(draft):
        bullet = _BULLET.match(draft, sentence.start, sentence.end)
        start = bullet.end() if bullet else sentence.start
        text = draft[start : sentence.end]
        idle = _idle(text, sentence)
        leans = bool(upright) and not idle and _leans(text)
        before = upright if leans else ""
        claims.append(Claim(start, sentence.end, text, idle, before, after))
        if not idle:
            after = text
            upright = upright if leans else text
    return claims


def _leans(text: str) -> bool:
    """Return whether a sentence is unclear by itself: "He said …", "At least two people died."."""
    said = text.rstrip(":")
    return needs_context(said) or not find_names(said, common((), ()))


def _idle(text: str, sentence: Sentence) -> str:
    if sentence.kind is Kind.HEADING:
        return "a heading"
    if _QUESTION.fullmatch(text):
        return "a question"
    if not content_words(text) or is_idle(text, "") or _TO_THE_READER.match(text):
        return "claims nothing"
    return ""
