"""Numbers of things in a row: "the third truce"."""

from __future__ import annotations

import re

ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
NUMBERED = re.compile(
    rf"\b({'|'.join(ORDINALS)})\b(?! (?:of|time|person|one|to|people|in|quarter|half|place)\b)",
    re.I,
)
"""A number of a thing; "the first to", "the third of October" and "in the first half" are none."""


def numbers_in(text: str) -> set[str]:
    """Return the numbers of things in a text, in small letters."""
    return {match.group().lower() for match in NUMBERED.finditer(text)}
