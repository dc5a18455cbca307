"""Days of the calendar."""

from __future__ import annotations

from datetime import date

Day = tuple[int, int, int]
"""Year, month and day; 0 for what is not said."""

LEAP_YEAR = 2000
"""Stands for a year that is not said."""


def shifted(day: date, days: int) -> date:
    """Return the day that is so many days later, or the calendar's first or last day."""
    return date.fromordinal(min(max(1, day.toordinal() + days), date.max.toordinal()))


def exists(day: Day) -> bool:
    """Return whether there is such a day, in a leap year if in none that is said."""
    try:
        return bool(date(day[0] or LEAP_YEAR, day[1] or 1, day[2] or 1))
    except ValueError:
        return False
