"""Quiet hours and the time of day, as people give them: "22-7 +2"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(
    r"(?P<quiet>off|(?P<first>\d{1,2})\s*[-–]\s*(?P<last>\d{1,2}))"
    r"(?:\s*(?:UTC|GMT)?\s*(?P<sign>[+\-−])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?)?",
    re.I,
)
_FURTHEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours in which a chat is not disturbed, from `first` to before `last`, or None.

    They are those of a clock that is `ahead` of UTC.
    """

    quiet: tuple[int, int] | None
    ahead: timedelta = timedelta()

    def is_quiet(self, at: float) -> bool:
        """Return whether a time, in seconds since 1970, is in the quiet hours."""
        if self.quiet is None:
            return False
        first, last = self.quiet
        hour = self.clock(at).hour
        return first <= hour < last if first <= last else hour >= first or hour < last

    def clock(self, at: float) -> datetime:
        """Return what the clock shows at a time in seconds since 1970."""
        return datetime.fromtimestamp(at, UTC).astimezone(timezone(self.ahead))

    def midnight(self, at: float) -> float:
        """Return when the day began that a time is in; both in seconds since 1970."""
        return self.clock(at).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()

    def __str__(self) -> str:
        minutes = int(self.ahead.total_seconds()) // 60
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        quiet = "off" if self.quiet is None else "{}-{}".format(*self.quiet)
        return f"{quiet}{sign}{hours}" + (f":{rest:02}" if rest else "")


def read_hours(text: str, usual: timedelta = timedelta()) -> Hours:
    """Parse "22-7 +2", "22-7" or "off"; where no clock is named, it is `usual` ahead of UTC.

    Raises:
        ValueError: it is none of these.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    quiet = None
    if found["first"]:
        quiet = int(found["first"]) % 24, int(found["last"]) % 24
        if max(int(found["first"]), int(found["last"])) > 24 or quiet[0] == quiet[1]:
            raise ValueError(text)
    if not found["sign"]:
        return Hours(quiet, usual)
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if ahead > _FURTHEST:
        raise ValueError(text)
    return Hours(quiet, ahead if found["sign"] == "+" else -ahead)
