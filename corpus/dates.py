"""Parses dates as news files write them. An ambiguous date gives None rather than a guess."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime

MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)
"""The months' names, January first."""

MONTH_PATTERN = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
"""A regular expression for a month's name, whole or abbreviated."""

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_ZONE = r"(?:Z|[A-Z]{2,4}|(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?)"
_TIME = rf"(?:,?[T ]\s*{_CLOCK}(?:\s*{_ZONE})?)?"
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,? )?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?,?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"

_ISO = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_TIME}", re.ASCII)
_WRITTEN = (
    re.compile(rf"{_WEEKDAY}{_DAY} {_MONTH} {_YEAR}{_TIME}", re.ASCII),
    re.compile(rf"{_WEEKDAY}{_MONTH} {_DAY},? {_YEAR}{_TIME}", re.ASCII),
)


def parse_date(value: object) -> date | None:
    """Return the calendar date that `value` states, or None where it states none.

    Dates and datetimes, ISO 8601 texts, "27 October 2020", "Oct. 27, 2020" and RFC 2822 texts
    give their date as written, whatever their time zone. A number is Unix time in seconds, its
    date taken in UTC, if that falls between 1990 and 2100. Ambiguous dates such as "03/04/2020"
    and everything else give None. Never raises.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return _parse_text(value.strip())
    if isinstance(value, int | float):
        return _parse_timestamp(value)
    return None


def _parse_text(text: str) -> date | None:
    try:
        if match := _ISO.fullmatch(text):
            return date.fromisoformat(match["date"])
        for pattern in _WRITTEN:
            if match := pattern.fullmatch(text):
                return date(int(match["year"]), _month(match["month"]), int(match["day"]))
    except ValueError:  # the 31st of February, or a word that is no month
        return None
    return None


def _month(name: str) -> int:
    """Return the number of an English month, abbreviated or not; ValueError for other words."""
    name = "Sep" if name.lower() == "sept" else name.capitalize()
    for number, month in enumerate(MONTHS, start=1):
        if name in (month, month[:3]):
            return number
    raise ValueError(name)


def _parse_timestamp(seconds: float) -> date | None:
    # Compared before conversion: an int may be too large to become a float.
    if not 0 <= seconds < 1e10 or math.isnan(seconds):
        return None
    day = datetime.fromtimestamp(seconds, UTC).date()
    return day if 1990 <= day.year < 2100 else None
