"""Reads drafts, texts to be checked: from a file, from stdin, or from a line of a batch."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.questions import STDIN, as_of_in
from corpus.cleaning import clean_text, has_words
from corpus.decoding import decode
from corpus.errors import NotAnArticle
from retrieval.errors import CannotCheck

LONGEST_DRAFT = 100_000
"""The most code points of a text that is checked: a thousand sentences, which take minutes."""

_LARGEST_FILE = 10 << 20
_MARKDOWN = (".md", ".markdown")
_PAGES = (".html", ".htm")
_BEFORE_A_TAG = rb"(?s)(?:\xef\xbb\xbf)?(?>\s|<!--.*?-->|<\?.*?\?>)*+"
_PAGE = re.compile(_BEFORE_A_TAG + rb"<(?:!doctype|html|head|body)\b", re.I)
_PIECE_OF_A_PAGE = re.compile(
    _BEFORE_A_TAG + rb"<(?:main|article|section|div|p|h[1-6]|[uod]l|table|blockquote|span|style"
    rb"|script|meta)\b",
    re.I,
)
_NOTE_MARK = re.compile(r"(?<!^)\[\^[^\]\s]{1,40}\](?!:)", re.M)


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned text to check, its title if its file has one, and the day it may know of."""

    text: str
    title: str = ""
    as_of: date | None = None


def draft_from(text: str, title: str = "", as_of: date | None = None) -> Draft:
    """Clean a text and return it as a draft.

    Raises:
        CannotCheck: it has no words, or more than `LONGEST_DRAFT` characters.
    """
    if len(text) > LONGEST_DRAFT:
        raise CannotCheck(
            f"The text has {len(text):,} characters; at most {LONGEST_DRAFT:,} are checked at "
            "once: check it in parts."
        )
    cleaned = clean_text(_NOTE_MARK.sub("", text))
    if not has_words(cleaned):
        raise CannotCheck("There is no text to check.")
    return Draft(cleaned, title, as_of)


def read_draft(path: Path) -> Draft:
    """Read a draft from a file: Markdown, a page, or any other text; - is stdin.

    Raises:
        CannotCheck: it cannot be read, is no text, or is empty or too long.
    """
    try:
        with sys.stdin.buffer if path == STDIN else path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE:
            raise NotAnArticle(f"it is larger than {_LARGEST_FILE >> 20} MB")
        title, text = _parsed(path, data)
    except (NotAnArticle, OSError) as error:
        name = "stdin" if path == STDIN else str(path)
        reason = (error.strerror or error) if isinstance(error, OSError) else error
        raise CannotCheck(f"{name} cannot be checked: {reason}.") from error
    return draft_from(text, title)


def draft_in(fields: dict[str, Any]) -> Draft:
    """Return the draft of a batch's line, `{"text", "as_of"?}`.

    Raises:
        CannotCheck, ValueError: it has none that can be checked.
    """
    text = fields.get("text")
    if not isinstance(text, str):
        raise ValueError('"text" is missing or not a string')
    return draft_from(text, as_of=as_of_in(fields))


def _parsed(path: Path, data: bytes) -> tuple[str, str]:
    """Return title and text of a file; only Markdown and pages have a title of their own.

    What begins like a page is one, whatever its name. A piece of one is read whole: nothing that
    is not the text stands around it.
    """
    suffix = path.suffix.lower()
    if _PAGE.match(data) or (suffix in _PAGES and not _PIECE_OF_A_PAGE.match(data)):
        from corpus.pages import read_page

        article = read_page(str(path), path.stem, data, as_draft=True)
    elif suffix in _MARKDOWN:
        from corpus.readers import read_markdown

        article = read_markdown(str(path), path.stem, data, as_draft=True)
    elif _PIECE_OF_A_PAGE.match(data):
        from corpus.formats.markup import marked_lines

        return "", "\n\n".join(marked_lines(decode(data)))
    else:
        return "", decode(data)
    return article.title, article.body
