"""Reads how far back a person wants to look: `24h`, `7d`, `2026-11-01`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from retrieval.errors import BadQuestion

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FURTHEST = 100_000
"""The largest number of units; more would be before all articles, and at last before all dates."""


def since(text: str, now: datetime | None = None, *, name: str = "--since") -> datetime:
    """Return the time that a text such as "24h", "7d", "2w" or "2026-11-01" goes back to.

    A day begins at midnight where this machine is. The time is aware. `name` is what the person
    knows the text by.

    Raises:
        BadQuestion: it is no such text; says what it takes.
    """
    now = now or datetime.now().astimezone()
    span = re.fullmatch(r"\s*(\d{1,6})\s*([mhdw])\s*", text)
    try:
        if span and int(span[1]) <= _FURTHEST:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise BadQuestion(
            f"{name} takes a span such as 24h or 7d, or a day such as 2026-11-01, not "
            f"{text[:40]!r}."
        ) from None
