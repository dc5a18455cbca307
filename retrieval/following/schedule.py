"""When an address is fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, time

from corpus.errors import NotFetched
from retrieval.following.records import Named

HOUR = 3600.0
DAY = 24 * HOUR
MISSES = 3
"""In how many checks, a day or more apart, an article must be missing to be taken for removed."""

EVERY = 900.0
"""Seconds from one fetch of a followed address to the next, unless it is told."""

_RECENT = 3 * DAY
_WATCHED = 30 * DAY


def next_check(named: Named, now: float) -> float | None:
    """Return when an article is looked at again for corrections; None once it is a month old.

    The pauses grow with its age, from an hour at first to a day after three days.
    """
    since = named.found
    if named.entry.published:
        midnight = datetime.combine(named.entry.published, time(), UTC).timestamp()
        since = midnight if midnight < since - _RECENT else since
    age = now - since
    return now + max(HOUR, age / 3) if age < _WATCHED else None


def after_failures(failures: int, fault: NotFetched | None, every: float = EVERY) -> float:
    """Return for how many seconds an address is left alone after some failures in a row.

    Twice as long each time, a day at most, and no shorter than its server asked for.
    """
    asked = (fault.retry_after if fault else None) or 0.0
    return max(asked, min(every * 2.0 ** min(failures, 20), DAY))
