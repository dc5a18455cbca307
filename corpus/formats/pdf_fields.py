"""Finds the title, the date and the outlet of a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from corpus.cleaning import clean_line
from corpus.dates import shown_date
from corpus.formats.pdf_flow import Block
from corpus.formats.pdf_margins import is_print_date
from corpus.formats.titles import LONGEST_TITLE, reads_like_title
from corpus.page_parts import letters
from corpus.readers import take_date

_LARGER = 1.2
_LONGEST_DATELINE = 100
_FIRST_BLOCKS = 8


def find_title(declared: str, first_page: Sequence[Block], body_size: float) -> tuple[str, str]:
    """Return the title, or an empty text, and the title as it is declared if it reads like one.

    The declared title counts where the first page shows it, or shows nothing larger than its
    text: it is often that of the file from which this one was made.
    """
    declared = clean_line(declared)
    if not reads_like_title(declared):
        declared = ""
    headline = _headline(first_page, body_size)
    shown = letters(" ".join(block.text for block in first_page))
    if not headline or (declared and letters(declared) in shown):
        return declared or headline, declared
    return headline, declared if letters(headline) in letters(declared) else ""


def find_date(
    first_page: Sequence[Block], margins: Sequence[str]
) -> tuple[date | None, bool, Block | None]:
    """Return the day stated near the headline or in a running head, and whether it is ambiguous.

    The third is the block that says this and nothing else, if there is one. The day on which
    the file was made is none: archives make files of old articles, and a wrong day is worse
    than none where answers are limited to what was known on a day.
    """
    near = first_page[:_FIRST_BLOCKS]
    for block in near:
        _, day, ambiguous = take_date([block.text])
        if day or ambiguous:
            return day, ambiguous, block
    stated = [block.text for block in near if len(block.text) <= _LONGEST_DATELINE]
    stated = [text for text in stated if not text.endswith(".")]
    stated += [text for text in margins if not is_print_date(text)]
    return next(filter(None, map(shown_date, stated)), None), False, None


def _headline(first_page: Sequence[Block], body_size: float) -> str:
    """Return the largest text of the first page; the name of a newspaper above it is not meant."""
    large = [
        block
        for block in first_page
        if block.size >= _LARGER * body_size
        and len(block.text) <= LONGEST_TITLE
        and any(map(str.isalpha, block.text))
    ]
    if not large:
        return ""
    largest = max(large, key=lambda block: block.size)
    place = first_page.index(largest)
    after = first_page[place + 1 : place + 3]
    if any(find_date([block], [])[0] for block in after) and len(largest.text.split()) < 5:
        others = [block for block in large if first_page.index(block) > place + 1]
        largest = max(others, key=lambda block: block.size, default=largest)
    return largest.text
