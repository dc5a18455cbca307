"""Tells people what a server's status says, and for how long it wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from corpus.errors import Kind, NotFetched
from corpus.web.sending import Reply

_LONGEST_WAIT = 86_400.0
_TOLD: dict[int, tuple[Kind, str]] = {
    **dict.fromkeys((401, 402, 403, 451), ("forbidden", "the site does not let it be read")),
    **dict.fromkeys((404, 410), ("gone", "there is nothing at this address")),
    **dict.fromkeys((429, 503), ("busy", "the site asks to come back later")),
}


def require_success(reply: Reply) -> None:
    """Pass over a reply that has what was asked for.

    Raises:
        NotFetched: it has not; of a busy server with the seconds of Retry-After.
    """
    if reply.status in (200, 203):
        return
    kind, message = _TOLD.get(reply.status, ("failed", "the server did not give it"))
    wait = _seconds(reply.headers.get("retry-after", "")) if kind == "busy" else None
    raise NotFetched(f"{message} ({reply.status})", kind, wait)


def _seconds(retry_after: str) -> float | None:
    """Return the seconds that Retry-After asks for, in seconds or as a date; a day at most."""
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after[:10])
        else:
            date = parsedate_to_datetime(retry_after)
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            seconds = (date - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)
