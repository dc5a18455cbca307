"""What reading a file gives: articles, withdrawals of articles, and rejections."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime


def article_id(uri: str) -> str:
    """Return the id of the article with a URI: 16 hexadecimal digits."""
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as the archive stores it.

    `body` is cleaned text: paragraphs separated by a blank line, one line each. Every offset
    in Newsdesk counts code points in this string. `uri` says where the article was read from
    (a file's path, `path#key` for one record of several, or a URL) and is its identity; `url`
    is its public address, where known. What the file did not say is empty or None.
    `ambiguous_date` says that it did state a date, but one that reads as two days: 03/04/2024.

    `pages` are the offsets in `body` where each page of a paged file begins. `excerpt` says that
    only what a feed says of the article could be read, and `hearsay` that it is another site's
    feed. Before `embargo`, an aware time, nothing is answered from it. `version` counts an agency's
    versions of one item, from 1; an older never replaces a newer.
    """

    uri: str
    title: str
    body: str
    source: str = ""
    published: date | None = None
    url: str = ""
    ambiguous_date: bool = field(default=False, compare=False)
    pages: tuple[int, ...] = ()
    excerpt: bool = False
    embargo: datetime | None = None
    version: int = 0
    hearsay: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        """Return the article's id: 16 hexadecimal digits that depend on the URI alone."""
        return article_id(self.uri)

    @property
    def fingerprint(self) -> str:
        """Return a SHA-256 of all fields that a reader sees, to notice a changed article."""
        published = self.published.isoformat() if self.published else ""
        fields = [self.title, self.body, self.source, published, self.url]
        if self.excerpt:
            fields.append("excerpt")
        if self.embargo:
            fields.append(str(self.embargo.timestamp()))
        if self.pages:
            fields.append(repr(self.pages))
        return hashlib.sha256("\x00".join(fields).encode()).hexdigest()

    def is_held(self, now: float) -> bool:
        """Return whether it is under an embargo at a time, in seconds since 1970."""
        return self.embargo is not None and self.embargo.timestamp() > now

    def page_at(self, offset: int) -> int | None:
        """Return the page, counted from 1, that an offset of `body` is on; None without pages."""
        return bisect_right(self.pages, offset) or None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An agency's order to take an article out, up to some version of it, and its reason."""

    uri: str
    reason: str
    version: int = 0

    @property
    def id(self) -> str:
        """Return the id of the article that is withdrawn."""
        return article_id(self.uri)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file or record that could not be read as an article, and the reason to show its owner."""

    uri: str
    reason: str


Item = Article | Withdrawal | Rejection
"""What reading a file gives, one for each article or record in it."""
