"""What stands before the lines of an answer and is Newsdesk's own, no part of a quotation."""

from __future__ import annotations

import re
from datetime import date

from corpus.dates import MONTHS, in_words

ITEM = "• "
"""The mark of an item."""

_OURS = re.compile(
    rf"^(?:{ITEM}|Reported \d\d? (?:{'|'.join(MONTHS)}) \d{{4}}: )"
    r"|(?:^|(?<=\] )|(?<=\d{4}: ))\[(?!\d+\])[^\[\]\n]+\] ",
    re.M,
)

_ROUND = str.maketrans("[]\n", "() ")


def reported(day: date | None) -> str:
    """Return what stands before a stage of a timeline: the day of its article, if it has one."""
    return f"Reported {in_words(day)}: " if day else ""


def about(subject: str) -> str:
    """Return what stands before a quotation that does not name what it is about."""
    return f"[{subject.translate(_ROUND)}] " if subject else ""


def without_own(text: str) -> str:
    """Return an answer's text without what stands before its items, stages and quotations."""
    return _OURS.sub("", text)
