"""The markers by which an answer cites its sources: `[1]`, and the other ways models write them."""

from __future__ import annotations

import re
import unicodedata

MARKER = re.compile(r"\[(\d+)\]")
"""One marker; its group is the number."""

MARKER_OF_SEVERAL = re.compile(r"\[\d[\d,\s]*\]")
"""One marker, of one number or of several."""

_NUMBER = r"\d{1,3}(?!\d)"
_JOIN = r"(?:\s*(?:[,;&–-]|and)\s*)"
_NOUN = r"(?:sources?|passages?|articles?|citations?|documents?|ref(?:erence)?s?\.?|no\.?)"
_LEAD = rf"(?:{_NOUN}|see|from|per|via|cf\.?)"
_NUMBERS = rf"{_NUMBER}(?:{_JOIN}(?:{_NOUN}\s*)?{_NUMBER})*"
_BRACKETED = (
    rf"\\?[\[［【]{{1,2}}\s*[\^#]?(?:{_NOUN}[\s:#]*)?{_NUMBERS}(?:†[^\[\]】\n]{{0,80}})?"
    r"\s*\\?[\]］】]{1,2}(?:\([^()\s]{0,300}(?:\s\"[^\"()]*\")?\))?"
)
_SEVERAL = rf"{_BRACKETED}(?:{_JOIN}?\s*{_BRACKETED})*"

CITATION = re.compile(
    rf"(?:{_BRACKETED}"
    rf"|[(（]\s*(?:{_LEAD}[\s:]*)?{_SEVERAL}\s*[)）]"
    rf"|[(（]\s*(?:sources?|passages?|citations?)[\s:]*{_NUMBERS}\s*[)）]"
    rf"|(?<=\s)[(（]\d\d?(?:\s*[,;]\s*\d\d?)*[)）](?=\s*(?:[.,;:!?]|$))"  # not "Article 5(2)"
    r"|(?<=[.!?…]\s)[(（]\d\d?(?:\s*[,;]\s*\d\d?)*[)）]"
    rf"|<(?:sup|cite|ref)\b[^<>]{{0,40}}>\s*(?:{_SEVERAL}|{_NUMBERS})\s*</(?:sup|cite|ref)>"
    r"|(?<=[.,;:!?…”\"’)])[¹²³⁰⁴-⁹]{1,2})",  # "30 km²" is none
    re.IGNORECASE,
)
"""A citation as models write it: `[1]`, `[[1]](https://…)`, `[^1]`, `(Source: [1])`, `(1)`…"""

RUN_OF_CITATIONS = re.compile(rf"\s*(?:{CITATION.pattern}\s*)+", re.IGNORECASE)
"""Citations in a row, with the white space around them."""

_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
_NOT_NUMBERS = re.compile(r"(?<=[\]］】])\([^()]*\)|†[^\[\]】]*|<[^<>]*>")
"""A link's address, OpenAI's line numbers after a dagger, and tags: their figures cite nothing."""

_MOST_IN_A_RANGE = 50


def plain_markers(text: str) -> str:
    """Write every citation of a text as `[1]` or `[1, 2]`, which is `MARKER_OF_SEVERAL`."""
    return CITATION.sub(lambda found: f"[{', '.join(map(str, cited_numbers(found[0])))}]", text)


def cited_numbers(citation: str) -> list[int]:
    """Return the numbers that one citation names; `[1, 3-5]` names 1, 3, 4 and 5."""
    named = unicodedata.normalize("NFKC", _NOT_NUMBERS.sub("", citation))

    def whole(ends: re.Match[str]) -> str:
        first, last = int(ends[1]), int(ends[2])
        return ", ".join(map(str, range(first, min(last, first + _MOST_IN_A_RANGE) + 1)))

    return [int(number) for number in re.findall(r"\d+", _RANGE.sub(whole, named))]
