"""Classifies errors of the Bot API: did the request take effect, and may it be repeated?"""

from __future__ import annotations

from enum import Enum

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from retrieval.errors import NewsdeskError


class TokenRejected(NewsdeskError):
    """Telegram does not accept the bot's token, or no longer does."""


class TwoPollers(NewsdeskError):
    """Another process fetches the same bot's updates ("Conflict" of `getUpdates`)."""


class Fault(Enum):
    """The classes of errors."""

    NOT_DONE = "not done"  # took no effect, and may work later
    UNKNOWN = "unknown"  # may have taken effect
    REFUSED = "refused"  # took no effect, and never will in this form
    GONE = "gone"  # the chat is closed to the bot: blocked, kicked, deleted
    TOKEN = "token"  # Telegram rejects the token


TOKEN_REJECTED = (
    "Telegram does not accept TELEGRAM_BOT_TOKEN: take the bot's token from @BotFather."
)

_VERDICTS: tuple[tuple[type[TelegramError], Fault], ...] = (
    (InvalidToken, Fault.TOKEN),
    (EndPointNotFound, Fault.TOKEN),
    (Forbidden, Fault.GONE),
    (ChatMigrated, Fault.NOT_DONE),
    (RetryAfter, Fault.NOT_DONE),
    (Conflict, Fault.NOT_DONE),
)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def classify(error: TelegramError) -> Fault:
    """Classify an error of the Bot API.

    If the Bot API itself reports an error (5xx in its own words), the request took no effect.
    After a broken connection, a time-out or a gateway's error page, that is unknown.
    """
    for kind, verdict in _VERDICTS:
        if isinstance(error, kind):
            return verdict
    if isinstance(error, BadRequest):
        return Fault.GONE if says(error, "chat not found") else Fault.REFUSED
    said_so = isinstance(error, NetworkError) and error.__cause__ is None
    return Fault.NOT_DONE if said_so or isinstance(error.__cause__, _NEVER_SENT) else Fault.UNKNOWN


def says(error: TelegramError, words: str) -> bool:
    """Return whether an error's message contains `words`, which are in lower case."""
    return words in str(error).lower()


def seconds(error: RetryAfter) -> float:
    """Return the seconds to wait after a 429: its `retry_after` and a little more."""
    wait = error.retry_after  # a number, or a timedelta if PTB_TIMEDELTA is set
    return (wait if isinstance(wait, int) else wait.total_seconds()) + 0.1
