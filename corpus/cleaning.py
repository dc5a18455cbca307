"""Cleans any text into paragraphs of visible characters, one line each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

# Sequences are removed whole, or "\x1b[31m" would leave "[31m" in the text. An unterminated
# string sequence (the second alternative) ends with its line, so it cannot swallow an article.
_TERMINAL_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n\r]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b(?:[ -/]+[0-~]|[78=>cDEHMNOPXZ[\\\]^_])"
)

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")

# Tabs and every space of category Zs.
_SPACES = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")

# Characters that show nothing, by line: controls; soft hyphen and Arabic letter mark; zero-width
# space and direction marks; direction embeddings and overrides; word joiner, invisible
# operators, direction isolates and the deprecated controls; surrogates; byte order mark;
# annotation marks; tags, with which text can be hidden from a reader but not from a model.
# U+200C and U+200D stay: Persian, Indic scripts and emoji are spelled with them.
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f"
    r"\u00ad\u061c"
    r"\u200b\u200e\u200f"
    r"\u202a-\u202e"
    r"\u2060-\u206f"
    r"\ud800-\udfff"
    r"\ufeff"
    r"\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)

# A quick test for runs of more than 30 combining marks, which are neither \w nor ASCII.
_LONG_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")

_WEB_URL = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)

_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", ".”", "!”", "?”", ".’", '."', '!"', '?"')


def clean_text(text: str) -> str:
    """Return `text` as paragraphs, one line each, separated by a blank line.

    The text is NFC, its spaces are single ordinary spaces, and terminal escapes, control
    characters and invisible characters are gone. Lines broken at a fixed width are joined;
    any other line is a paragraph of its own. Cleaning a clean text changes nothing.
    """
    return "\n\n".join(paragraphs(clean_lines(text)))


def clean_line(text: str) -> str:
    """Return `text` cleaned as by `clean_text`, all on one line."""
    return " ".join(line for line in clean_lines(text) if line)


def clean_url(value: object) -> str:
    """Return `value` without invisible characters if it is an http(s) URL, else an empty text."""
    if not isinstance(value, str):
        return ""
    url = _INVISIBLE.sub("", _TERMINAL_ESCAPES.sub("", value).replace("\n", "")).strip()
    return url if _WEB_URL.fullmatch(url) else ""


def host_of(address: str) -> str:
    """Return the host of a web address without "www.", or an empty text for what has none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # a malformed address
        return ""


def clean_lines(text: str) -> list[str]:
    """Return the lines of `text`, each cleaned and stripped, the blank ones as empty strings."""
    text = _TERMINAL_ESCAPES.sub("", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    # Removing a character can bring two spaces, or a letter and its accent, together.
    text = _compose(_SPACES.sub(" ", text))
    return [line.strip(" ") for line in text.split("\n")]


def paragraphs(lines: list[str]) -> list[str]:
    """Return the paragraphs that clean `lines` make, in order, none of them empty."""
    found: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            found.extend([" ".join(block)] if _is_hard_wrapped(block) else block)
            block = []
    return found


def row_line(cells: Iterable[str]) -> str:
    """Return the cells of a table's row as one line: "Aghdam: 20 November, 1993"."""
    first, *others = [cell for cell in cells if cell] or [""]
    return f"{first}: {', '.join(others)}" if others else first


def has_words(text: str) -> bool:
    """Say whether `text` has a letter or a digit in any script."""
    return any(character.isalnum() for character in text)


def _compose(text: str) -> str:
    """Return `text` in NFC, with at most 30 combining marks on a letter."""
    # Unicode's own limit for streams. Ordering more takes quadratic time: hours for a page of
    # them. Some marks compose into two, hence the second cut.
    text = unicodedata.normalize("NFC", _LONG_MARKS.sub(_cut_marks, text))
    return _LONG_MARKS.sub(_cut_marks, text)


def _cut_marks(match: re.Match[str]) -> str:
    kept = []
    marks = 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= 30:
            kept.append(character)
    return "".join(kept)


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Guess whether `lines` are one paragraph broken at a fixed width."""
    *broken, last = lines
    if not broken or len(last) > 100 or not all(45 <= len(line) <= 100 for line in broken):
        return False
    finished = sum(line.endswith(_SENTENCE_ENDS) for line in broken)
    return finished * 2 < len(broken)
