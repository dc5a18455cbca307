"""Splits an article's body into sentences, headings and captions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, chain, pairwise, takewhile

from sentencex import segment

from retrieval.text.languages import ENGLISH, language_of_article

LONGEST_UNIT = 600
"""Code points; a longer "sentence" (a table, text without full stops) is cut at a space."""

_LONGEST_PART = 5_000
"""Code points that the segmenter is given at once: open quotes take it quadratic time. Few
paragraphs are longer."""

_LINE = re.compile(r"[^\n]+")
_CREDIT = re.compile(r"\s*[\[(][^\[\]()]{2,60}[\])]\s*$")
_CREDIT_WORDS = re.compile(
    r"/|\b(?:AFP|AP|EPA|Reuters|Getty|Photo|File|Handout|Anadolu|Shutterstock)\b"
)
_ENDS_LIKE_A_SENTENCE = re.compile(r"[.!?…:;。！？：；؟۔।॥։][\"'”’»)\]」』）]*$")
_HEADING_WORDS = 12
_WITHIN_A_DATE = re.compile(
    r"(?<!\bthe )\b(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun|(?i:janv|févr|avr|juil|déc)|Okt|Dez)"
    r"\.\s+(?=[a-zà-ÿ\d])"
    r"|\b(?i:am|vom|zum|dem|den|der|seit|bis|ab) \d{1,2}\.\s+(?=[a-zà-ÿ]|Januar|Februar|März|April"
    r"|Mai|Juni|Juli|August|September|Oktober|November|Dezember)"
    r"|\b(?i:[ap]\.m\.)\s+(?=(?:\w+ time|GMT|UTC|ET|PT|[BCEM][ES]T|[CEMP][SD]T"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)"
)
"""A full stop that the English rules take for a sentence's last: "on Tues. that", "at 3 p.m. GMT",
"am 3. Mai". A text of a few words is read by them in any language."""


class Kind(Enum):
    """The kind of a span of the body. Headings are not quoted."""

    SENTENCE = "sentence"
    HEADING = "heading"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a body, without white space around it, and of a caption without its credit.

    `start` and `end` are in code points.
    """

    start: int
    end: int
    kind: Kind


def split_sentences(body: str) -> list[Sentence]:
    """Return the sentences, headings and captions of a cleaned body, in order and without overlap.

    A paragraph is one line (see `corpus.cleaning`). Sentences end where sentencex
    (Wikimedia's segmenter) says they do, by the rules of the body's language; a short line without
    a full stop, between longer paragraphs, is a heading; one that ends in a photographer's credit
    is a caption.
    """
    return list(_split(body, 0))


def sentences_within(body: str, start: int, end: int) -> list[Sentence]:
    """Return the sentences that lie whole within `body[start:end]`.

    They are those that `split_sentences` finds there, but the rest of the body is not read.
    """
    line = body.rfind("\n", 0, start) + 1
    before_end = takewhile(lambda sentence: sentence.start < end, _split(body, line))
    return [s for s in before_end if start <= s.start and s.end <= end]


def _split(body: str, first: int) -> Iterator[Sentence]:
    """Yield the sentences from the line on that begins at `first`."""
    language = language_of_article(body)
    lines = (m.span() for m in _LINE.finditer(body, first) if not m.group().isspace())
    for (start, end), following in pairwise(chain(lines, [(len(body), len(body))])):
        line = body[start:end]
        credit = _credit(line)
        if credit is None and _is_heading(line, body[slice(*following)]):
            yield from _trimmed(body, start, end, Kind.HEADING)
            continue
        kind = Kind.SENTENCE if credit is None else Kind.CAPTION
        at = start
        for piece in chain.from_iterable(_pieces(language, p) for p in _parts(line[:credit])):
            yield from _cut(body, at, at + len(piece), kind)
            at += len(piece)


def _pieces(language: str, part: str) -> Iterator[str]:
    """Yield the sentences of a part of a line, and the white space after each.

    In another language than English, a sentence ends where its rules and the English ones agree:
    German ones know that "8. Februar" goes on, and French ones do not that "M. Macron" does.
    """
    ends = set(accumulate(map(len, segment(ENGLISH, part))))
    ends -= {match.end() for match in _WITHIN_A_DATE.finditer(part)}
    if language != ENGLISH:
        ends &= set(accumulate(map(len, segment(language, part))))
    for start, end in pairwise([0, *sorted(ends)]):
        yield part[start:end]


def _parts(line: str) -> Iterator[str]:
    """Yield a line in parts of at most `_LONGEST_PART`, cut at a full stop or a space."""
    at = 0
    while len(line) - at > _LONGEST_PART:
        least, most = at + _LONGEST_PART // 2, at + _LONGEST_PART
        cut = line.rfind(". ", least, most) + 1 or line.rfind(" ", least, most) + 1 or most
        yield line[at:cut]
        at = cut
    yield line[at:]


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


def _trimmed(body: str, start: int, end: int, kind: Kind) -> list[Sentence]:
    text = body[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return [Sentence(start, end, kind)] if start < end else []


def _cut(body: str, start: int, end: int, kind: Kind) -> list[Sentence]:
    """Return a sentence, or its pieces if it is longer than `LONGEST_UNIT`."""
    pieces: list[Sentence] = []
    while end - start > LONGEST_UNIT:
        cut = body.rfind(" ", start + LONGEST_UNIT // 2, start + LONGEST_UNIT)
        cut = cut if cut > 0 else start + LONGEST_UNIT
        pieces += _trimmed(body, start, cut, kind)
        start = cut
    return pieces + _trimmed(body, start, end, kind)
