"""A model's sentence taken apart: its markers, its links, and what must not be seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from retrieval.text.citation_markers import CITATION, RUN_OF_CITATIONS, cited_numbers

_IMAGE = re.compile(r"!\[[^\]]*\]\s*(?:\([^)]*\)?|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\s*\(([^)\s]*)[^)]*\)?")
_DEFINITION = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.M)
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.I)
_DOMAINS = "com|org|net|edu|gov|info|biz|io|ru|az|am|tr|uk|de|fr|xyz|site|online|example|invalid"
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"”\])]*|\bwww\.[^\s<>\"”\])]+"
    r"|\b(?:mailto|javascript|data|tel|tg):[^\s<>\"”\])]+"
    rf"|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:{_DOMAINS})\b(?:[/:?#][^\s<>\"”\])]*)?",
    re.I,
)
_SPACES = re.compile(r"\s+")
_BEFORE_STOP = re.compile(r"\s+([.,;:!?](?:\s|$))")


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence without its markers and markup, the numbers that they named, and its URLs.

    `markers` are in order and distinct; `urls` are those written in the text as text.
    """

    text: str
    markers: tuple[int, ...]
    urls: tuple[str, ...]


def unmark(sentence: str) -> Marked:
    """Take a sentence apart. A Markdown link is its text alone; an image, nothing."""
    text = visible(sentence)
    text = _DEFINITION.sub(" ", _IMAGE.sub(" ", text))
    numbers = [number for found in CITATION.finditer(text) for number in cited_numbers(found[0])]
    text = RUN_OF_CITATIONS.sub(" ", text)
    text = _TAG.sub(" ", _LINK.sub(r"\1", text))
    text = _BEFORE_STOP.sub(r"\1", _SPACES.sub(" ", text)).strip()
    urls = tuple(match.group().rstrip(".,;:!?'’") for match in _URL.finditer(text))
    return Marked(text, tuple(dict.fromkeys(numbers)), urls)


def visible(text: str) -> str:
    """Return a text on one line without control, zero-width, bidirectional and private
    characters."""
    kept = (" " if c in "\n\t\r\u2028\u2029\x0b\x0c\x85" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))


def foreign_urls(urls: Collection[str], allowed: Collection[str]) -> list[str]:
    """Return the URLs that are not allowed; a final slash makes no difference."""
    known = {url.rstrip("/") for url in allowed if url}
    return [url for url in urls if url.rstrip("/") not in known]
