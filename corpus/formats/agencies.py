"""What agencies' formats share: identity, version, embargo, and whether an item may be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from corpus.article import Article, Item, Rejection, Withdrawal
from corpus.cleaning import clean_line, clean_url
from corpus.errors import NotAnArticle

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:\S+")
_WEB = re.compile(r"(?i)https?://")
_NAMED_BY_ADDRESS = "item:"
_CANCELED = frozenset(("canceled", "cancelled", "kill", "killed", "mandatory kill"))
_USABLE = frozenset(("", "usable", "embargoed"))
_LAST_PLACE = timezone(timedelta(hours=-12))
"""The zone where a time comes last: what an embargo without a zone is taken to mean."""

LARGEST_VERSION = 2**63 - 1
"""The largest integer that SQLite holds (sqlite.org/datatype3.html)."""


class NoEnd(NotAnArticle):
    """An item is under an embargo, and when that ends cannot be told."""


def agency_uri(scheme: str, *names: str) -> str:
    """Return the URI of an item: the last name where that is one, else all after the scheme.

    So an item can never pass for a file: `nitf:AFP:storm-7`. Nor for the page at an address that
    it is named by, which may say something else: `item:https://afp.example/7`, in every format.
    """
    *givers, name = (clean_line(name) for name in names)
    if _WEB.match(name):
        return _NAMED_BY_ADDRESS + name
    return name if _ADDRESS.fullmatch(name) else ":".join([scheme, *filter(None, givers), name])


def address_in(uri: str) -> str:
    """Return the web address that an item is named by, if it is one, else an empty text."""
    return clean_url(uri.removeprefix(_NAMED_BY_ADDRESS))


def embargo_of(text: str) -> datetime | None:
    """Return when an embargo ends. Raises NoEnd where one is stated and that is not clear.

    A day means its beginning, and a time without a zone when it has come everywhere.
    """
    stated = clean_line(text)
    if not stated:
        return None
    end = moment(stated)
    if end is None:
        raise NoEnd(f"under an embargo until “{stated[:60]}”, which is no time: not stored")
    return end


def moment(text: str) -> datetime | None:
    """Return the moment that an ISO 8601 text states, or None."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=_LAST_PLACE)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def version_of(text: object) -> int:
    """Return the number of a version that may be a number, a time, or nothing (0).

    Raises NotAnArticle for one that is too large to be stored.
    """
    stated = clean_line(str(text or ""))
    if re.fullmatch(r"[0-9]+", stated):
        digits = stated.lstrip("0") or "0"
        if len(digits) > len(str(LARGEST_VERSION)) or int(digits) > LARGEST_VERSION:
            raise NotAnArticle(f"a version that is too large to be counted: {digits[:30]}")
        return int(digits)
    time = moment(stated)
    return int(time.timestamp()) if time else 0


def as_told(uri: str, version: int, status: str, article: Callable[[], Article]) -> list[Item]:
    """Return what an item comes to: its article, or the withdrawal of a cancelled one.

    `status` is the publishing status of IPTC's NewsCodes, with or without `stat:`. An item that is
    withheld "until further notice", in the works, or under an embargo without a clear end, is
    rejected, and its earlier versions are withdrawn. Raises what `article` raises.
    """
    told = clean_line(status).rpartition(":")[2].rpartition("/")[2].casefold()
    if told in _USABLE:
        try:
            return [article()]
        except NoEnd as error:
            if version <= 1:
                raise
            return [Rejection(uri, str(error)), Withdrawal(uri, "under an embargo", version - 1)]
    if told in _CANCELED:
        return [Withdrawal(uri, "cancelled by its agency", version)]
    rejection = Rejection(uri, f"not to be used: its status is “{told[:40]}”")
    if version <= 1:
        return [rejection]
    return [rejection, Withdrawal(uri, "withheld by its agency", version - 1)]
