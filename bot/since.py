"""Reads how far back a person wants to look: `24h`, `yesterday`, `last week`, `2026-11-01`."""

from __future__ import annotations

import re
from calendar import day_name
from datetime import datetime, timedelta

from retrieval.errors import BadQuestion

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FURTHEST = 100_000
"""The largest number of units; more would be before all articles, and at last before all dates."""

_DAYS = [name.lower() for name in day_name]


def since(text: str, now: datetime | None = None, *, name: str = "--since") -> datetime:
    """Return the time that "24h", "last week", "monday" or "2026-11-01" goes back to.

    A day begins at midnight where this machine is, a week on Monday. A weekday is the last before
    today. The time is aware. `name` is what the person knows the text by.

    Raises:
        BadQuestion: it is no such text; says what it takes.
    """
    now = now or datetime.now().astimezone()
    span = re.fullmatch(r"\s*(\d{1,6})\s*([mhdw])\s*", text)
    try:
        if span and int(span[1]) <= _FURTHEST:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        if day := _named(" ".join(text.lower().split()), now.replace(tzinfo=None)):
            return day.replace(hour=0, minute=0, second=0, microsecond=0).astimezone()
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise BadQuestion(
            f"{name} takes a span such as 24h or 7d, a day such as 2026-11-01, or today, "
            "yesterday, a weekday, and this or last week, month or year, not "
            f"{text[:40]!r}."
        ) from None


def _named(words: str, now: datetime) -> datetime | None:
    """Return a time on the day that "yesterday", "monday" or "last week" begins with, if any."""
    monday, first = now - timedelta(days=now.weekday()), now.replace(day=1)
    named = {
        "today": now,
        "yesterday": now - timedelta(days=1),
        "this week": monday,
        "last week": monday - timedelta(days=7),
        "this month": first,
        "last month": (first - timedelta(days=1)).replace(day=1),
        "this year": first.replace(month=1),
        "last year": first.replace(month=1, year=now.year - 1),
    }
    for back in range(1, 8):
        day = now - timedelta(days=back)
        named |= dict.fromkeys((_DAYS[day.weekday()], f"last {_DAYS[day.weekday()]}"), day)
    return named.get(words)
