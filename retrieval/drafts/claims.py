"""A draft's sentences: which of them claim something, and what they lean on."""

from __future__ import annotations

import re
from calendar import day_name
from dataclasses import dataclass

from retrieval.answering.context import needs_context
from retrieval.checking.idle import is_idle
from retrieval.checking.markers import unmark
from retrieval.checking.names import common, find_names
from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import content_words

_MARKS = re.compile(r"^(?:(?:[-*+•–]|#{1,6}|\d{1,3}[.)]|\[[ xX]\]|\[\^[^\]\s]+\]:) )+", re.M)
"""What stands before the words of a line: of an item, a heading, a task, or a footnote."""

_QUESTION = re.compile(r"[^\"“”]*\?|[\"“].*\?[\"”]")
_AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|\w+n[’']t)"
)
_TAG = re.compile(
    rf", (?:{_AUXILIARY} (?:s?he|it|they|we|you|I|there)(?: not)?|right|correct|no)\s*\?$", re.I
)
"""What makes a question of a statement: ", did it not?"."""

_ASKS = re.compile(
    rf"(?:(?:and|but|so|or) )?(?:who|whom|whose|what|which|when|where|why|how|{_AUXILIARY})\b", re.I
)
_NAMED = r"(?-i:[A-Z][\w.’'/&-]*|of|for|the|and|in|van|von|de|al)"
_TO_THE_READER = re.compile(
    r"(?:read|see|hear|watch) (?:more|also|here|below)\b|(?:click|tap) (?:here|on)\b"
    r"|(?:follow|contact|email) us\b|(?:sign up|subscribe) (?:to|for)\b"
    r"|thank(?:s| you)[\w ]* for (?:reading|watching|listening|following|subscribing|your)\b"
    r"|more (?:to )?follows?\W*$|©|\(c\) ?\d{4}|copyright ?©? ?\d{4}|all rights reserved\W*$"
    rf"|(?:by|(?:photos?|pictures?|images?|graphics?|sources?|credits?)(?: by| credit)?:)"
    rf"(?:,? {_NAMED})+\W*$",
    re.I,
)
_OPINION = re.compile(
    r"(?:I|we) (?:\w+ly |still |also )?(?:think|feel|believe|hope|wish|fear)\b[^\d\"“”]*"
    r"|(?:I|we) (?:should|must|ought to)\b[^\d\"“”]*",
    re.I,
)
"""What somebody thinks in the first person; with a figure it may well be a claim."""

_SHORT_DAY = re.compile(r"(?<!\bthe )\b(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)\.")
"""A weekday cut short, which would be a name; "the Sun" is one."""


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
        text = _stated(draft[sentence.start : sentence.end])
        mark = marks.get(sentence.start, "")
        end = sentence.start + len(text)
        whole = end == sentence.end and not mark  # headings have neither a tag nor a mark
        is_heading = mark.startswith("#") or (sentence.kind is Kind.HEADING and whole)
        idle = _idle(text, is_heading=is_heading)
        leans = bool(upright) and not idle and _leans(text)
        before = upright if leans else ""
        claims.append(Claim(sentence.start, end, text, idle, before, after))
        if not idle:
            after = text
            upright = upright if leans else text
    return claims


def plain(text: str) -> str:
    """Return a sentence without markup, citation markers and addresses, its weekdays in full."""
    marked = unmark(text)
    bare = _SHORT_DAY.sub(lambda short: _in_full(short.group()), marked.text)
    for url in marked.urls:
        bare = bare.replace(url, " ")
    return " ".join(bare.split())


def _in_full(short: str) -> str:
    return next(day for day in day_name if day.startswith(short[:3]))


def _stated(text: str) -> str:
    """Return a statement without its tag: "It was lost, was it not?" claims that it was."""
    return text if _ASKS.match(text) else _TAG.sub("", text)


def _leans(text: str) -> bool:
    """Return whether a sentence is unclear by itself: "He said …", "At least two people died."."""
    said = text.rstrip(":")
    return needs_context(said) or not find_names(said, common((), ()))


def _idle(text: str, *, is_heading: bool) -> str:
    if is_heading:
        return "a heading"
    if _QUESTION.fullmatch(text) or (_ASKS.match(text) and text.endswith("?")):
        return "a question"
    if not content_words(text) or is_idle(text, ""):
        return "claims nothing"
    if _TO_THE_READER.match(text) or _OPINION.fullmatch(text):
        return "claims nothing"
    return ""
