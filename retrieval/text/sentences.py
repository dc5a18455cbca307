"""Splits an article's body into sentences, headings and captions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from sentencex import segment

LONGEST_UNIT = 600
"""Code points; a longer "sentence" (a table, text without full stops) is cut at a space."""

_LANGUAGE = "en"
_CREDIT = re.compile(r"\s*[\[(][^\[\]()]{2,60}[\])]\s*$")
_CREDIT_WORDS = re.compile(
    r"/|\b(?:AFP|AP|EPA|Reuters|Getty|Photo|File|Handout|Anadolu|Shutterstock)\b"
)
_ENDS_LIKE_A_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_HEADING_WORDS = 12


class Kind(Enum):
    """The kind of a span of the body. Headings are not quoted."""

    SENTENCE = "sentence"
    HEADING = "heading"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a body, without white space around it, and of a caption without its credit.

    `start` and `end` are in code points; `paragraph` counts the body's paragraphs from 0.
    """

    start: int
    end: int
    kind: Kind
    paragraph: int


@lru_cache(maxsize=256)
def split_sentences(body: str) -> tuple[Sentence, ...]:
    """Return the sentences, headings and captions of a cleaned body, in order and without overlap.

    A paragraph is one line (see `corpus.cleaning`). Sentences end where sentencex
    (Wikimedia's segmenter) says they do; a short line without a full stop, between longer
    paragraphs, is a heading; one that ends in a photographer's credit is a caption.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]*\S[^\n]*", body)]
    found: list[Sentence] = []
    for number, (start, end) in enumerate(lines):
        line = body[start:end]
        following = lines[number + 1] if number + 1 < len(lines) else None
        credit = _credit(line)
        if credit is not None:
            found += _trimmed(body, start, start + credit, Kind.CAPTION, number)
        elif following and _is_heading(line, body[slice(*following)]):
            found += _trimmed(body, start, end, Kind.HEADING, number)
        else:
            at = start
            for piece in segment(_LANGUAGE, line):
                found += _cut(body, at, at + len(piece), number)
                at += len(piece)
    return tuple(found)


def _credit(line: str) -> int | None:
    """Return where a photographer's credit begins, if the line is a caption that ends in one."""
    match = _CREDIT.search(line)
    if match and match.start() and _CREDIT_WORDS.search(match.group()):
        return match.start()
    return None


def _is_heading(line: str, following: str) -> bool:
    words = line.split()
    if len(words) > _HEADING_WORDS or len(line) > 90:
        return False
    if line.endswith("?") and len(words) <= 8:
        return len(following) > len(line)
    return not _ENDS_LIKE_A_SENTENCE.search(line) and len(following) > len(line)


def _trimmed(body: str, start: int, end: int, kind: Kind, paragraph: int) -> list[Sentence]:
    text = body[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return [Sentence(start, end, kind, paragraph)] if start < end else []


def _cut(body: str, start: int, end: int, paragraph: int) -> list[Sentence]:
    """Return a sentence, or its pieces if it is longer than `LONGEST_UNIT`."""
    pieces: list[Sentence] = []
    while end - start > LONGEST_UNIT:
        cut = body.rfind(" ", start + LONGEST_UNIT // 2, start + LONGEST_UNIT)
        cut = cut if cut > 0 else start + LONGEST_UNIT
        pieces += _trimmed(body, start, cut, Kind.SENTENCE, paragraph)
        start = cut
    return pieces + _trimmed(body, start, end, Kind.SENTENCE, paragraph)
