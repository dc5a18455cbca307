"""Parses dates as news files write them. An ambiguous date gives None rather than a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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

# Who writes 03/04/2020 decides which part is the month; a date is clear if both orders agree.
_ORDERS = ("DMY", "MDY")
_LANGUAGES = (
    "en de fr es it pt nl sv da nb fi pl cs sk hu ro bg ru uk el tr ar fa he hi th vi id ko ja zh"
).split()

_LONGEST = 60  # characters of a text that states a date and nothing else
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_DAY = re.compile(r"(?<!\d)\d\d?(?!\d)")
_ISO_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")

# What may be a date in a short text such as "Posted on October 27, 2020 by Ann Bell".
_NAME = r"[^\W\d_]+\.?"
_STATED = re.compile(
    r"(?<!\d)(?:"
    r"(?:1[5-9]|20)\d\d\s?[-/.年년]\s?\d{1,2}\s?[-/.月월]\s?\d{1,2}"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:1[5-9]|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.|º)?[\s.-](?:de |of )?{_NAME},?[\s.-]?(?:de )?(?:1[5-9]|20)\d\d"
    rf"|{_NAME} \d{{1,2}}(?:st|nd|rd|th)?,? (?:1[5-9]|20)\d\d"
    r")(?!\d)"
)
_LABEL_WORDS = 7  # "Posted by Ann Bell, The Bell, on"
_CHANGED = re.compile(
    r"updated|modified|edited|mis à jour|modifié|actualizad|aktualisiert|geändert|aggiornat"
    r"|обновлен|изменен|更新|수정",
    re.IGNORECASE,
)


def in_words(day: date) -> str:
    """Return a date such as "26 October 2020", whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def parse_date(value: object) -> date | None:
    """Return the calendar date that `value` states, or None where it states none.

    Dates, datetimes and texts give their date as written, whatever their time zone: ISO 8601,
    RFC 2822, "27 October 2020", "Oct. 27, 2020, 11:00 PM", "27.10.2020", "27 octobre 2020". Unix
    time in seconds or milliseconds gives its date in UTC, if that falls between 1990 and 2100.
    Ambiguous dates such as "03/04/2020" and everything else give None. Never raises.
    """
    found = _readings(value)
    return found.pop() if len(found) == 1 else None


def first_date(values: Iterable[object]) -> tuple[date | None, bool]:
    """Return the first date that is stated clearly, and whether there are only ambiguous ones."""
    stated = list(values)
    found = next(filter(None, map(parse_date, stated)), None)
    return found, found is None and any(map(is_ambiguous, stated))


def is_ambiguous(value: object) -> bool:
    """Say whether `value` is a date that reads as one day or another: "03/04/2020"."""
    return len(_readings(value)) > 1


def shown_date(text: str) -> date | None:
    """Return the first date in a short text for readers, but not of a change or in a sentence."""
    start = 0
    for match in _STATED.finditer(text):
        before = text[start : match.start()]
        day = parse_date(match[0])
        if day and len(before.split()) <= _LABEL_WORDS and not _CHANGED.search(before):
            return day
        start = match.end()
    return None


def _readings(value: object) -> set[date]:
    """Return every date that `value` may state."""
    if isinstance(value, datetime):
        return {value.date()}
    if isinstance(value, date):
        return {value}
    if isinstance(value, str):
        return set(_parse_text(value.strip()))
    if isinstance(value, int | float):
        return set(_parse_timestamp(value))
    return set()


def _parse_text(text: str) -> Iterator[date]:
    if len(text) > _LONGEST:
        return
    if re.fullmatch(r"\d{10}|\d{13}", text, re.ASCII):
        yield from _parse_timestamp(int(text))
        return
    try:
        yield datetime.fromisoformat(text).date()
        return
    except ValueError:
        pass
    if _YEAR.search(text) and _DAY.search(text) and not _is_no_day(text):
        yield from _parse_written(text)


def _is_no_day(text: str) -> bool:
    """Say whether `text` begins as ISO 8601 with a day that does not exist: 2020-13-01."""
    match = _ISO_LIKE.match(text)
    try:
        return match is not None and not date.fromisoformat(match[0])
    except ValueError:
        return True


def _parse_written(text: str) -> Iterator[date]:
    import dateparser

    for order in _ORDERS:
        settings = {
            "DATE_ORDER": order,
            "PREFER_LOCALE_DATE_ORDER": False,
            "PARSERS": ["absolute-time"],  # not "yesterday"
            "REQUIRE_PARTS": ["day", "month", "year"],
        }
        try:
            found = dateparser.parse(text, languages=_LANGUAGES, settings=settings)
        except Exception:  # whatever an odd text provokes in the library
            continue
        if found:
            yield found.date()


def _parse_timestamp(number: float) -> Iterator[date]:
    # Compared before conversion: an int may be too large to become a float.
    if not 0 <= number < 1e13:  # NaN is not, either
        return
    seconds = number / 1000 if number >= 1e11 else number
    day = datetime.fromtimestamp(seconds, UTC).date()
    if 1990 <= day.year < 2100:
        yield day
