"""The errors of files and records that are no articles, and of addresses that give none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["refused", "robots", "forbidden", "gone", "busy", "failed"]
"""Why nothing was fetched.

refused: the address is none that is asked; robots: the site's robots.txt excepts it; forbidden:
401, 402, 403 or 451; gone: 404 or 410; busy: 429 or 503; failed: anything else.
"""


class NotAnArticle(Exception):
    """A file or record cannot be read as an article; the message says why, for its owner."""


class NotFetched(Exception):
    """An address could not be fetched; the message says why, without the address.

    `retry_after` is how many seconds the server wants to be left alone, if it said so.
    """

    def __init__(
        self, message: str, kind: Kind = "failed", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.retry_after = retry_after


@contextmanager
def no_other_errors() -> Iterator[None]:
    """Have whatever else a stranger's bytes provoke in the libraries be a NotAnArticle."""
    try:
        yield
    except (NotAnArticle, NotFetched):
        raise
    except Exception as error:
        raise NotAnArticle(f"cannot be read ({type(error).__name__})") from error
