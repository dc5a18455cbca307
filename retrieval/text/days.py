"""Days of the calendar."""

from __future__ import annotations

from datetime import date


def shifted(day: date, days: int) -> date:
    """Return the day that is so many days later, or the calendar's first or last day."""
    return date.fromordinal(min(max(1, day.toordinal() + days), date.max.toordinal()))
