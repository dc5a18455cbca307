"""Months as people type them: "november 9", "on 9 nov", "in may"."""

from __future__ import annotations

import re

from corpus.dates import MONTHS

_WORDS_TOO = ("March", "May")
_NAMES = "|".join(month for month in MONTHS if month not in _WORDS_TOO)
_SHORT = "jan|feb|apr|jul|aug|sept?|oct|nov|dec"
_BEFORE = "in|on|of|by|from|since|to|until|till|and|between|before|after|during|early|mid|late"
_AFTER_ONE = "|".join(rf"(?<=\b{word}[ -])" for word in _BEFORE.split("|"))
_TYPED = re.compile(
    rf"\b(?:{_NAMES})\b|(?:(?<=\d )|{_AFTER_ONE})(?:{'|'.join(_WORDS_TOO)})\b"
    rf"|\b(?:{_SHORT})\b(?=\.? \d)|(?<=\d )(?:{_SHORT}|mar|jun)\b",
    re.I,
)
"""A month's name, but "may" and "march" only behind a day or a preposition, and "oct" by a day."""


def with_capital_months(text: str) -> str:
    """Return a text with a capital for each month, and all else where it is."""
    return _TYPED.sub(lambda match: match[0].capitalize(), text)
