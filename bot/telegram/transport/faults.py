"""What a failed request to the Bot API means for what was to be sent. Pure."""

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
    """Another process fetches the same bot's updates."""


class Fault(Enum):
    """What to make of an error."""

    NOT_DONE = "not done"  # certainly had no effect, and may work later
    UNKNOWN = "unknown"  # may have had its effect
    REFUSED = "refused"  # had no effect, and never will in this form
    GONE = "gone"  # the chat is closed to the bot: blocked, kicked, deleted
    TOKEN = "token"  # the token is not accepted any more


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


def fault(error: TelegramError) -> Fault:
    """Sort an error out.

    A server that says it failed (5xx with the Bot API's own words) did nothing; a connection
    that broke, a time-out, or a gateway that answers in the server's place leaves it open.
    """
    for kind, verdict in _VERDICTS:
        if isinstance(error, kind):
            return verdict
    if isinstance(error, BadRequest):
        return Fault.GONE if says(error, "chat not found") else Fault.REFUSED
    said_so = isinstance(error, NetworkError) and error.__cause__ is None
    return Fault.NOT_DONE if said_so or isinstance(error.__cause__, _NEVER_SENT) else Fault.UNKNOWN


def says(error: TelegramError, words: str) -> bool:
    """Whether an error's text has some words, in any case."""
    return words in str(error).lower()


def seconds(error: RetryAfter) -> float:
    """How long to wait after a 429, and a little more."""
    wait = error.retry_after  # a number, or a timedelta where that is opted for
    return (wait if isinstance(wait, int) else wait.total_seconds()) + 0.1
