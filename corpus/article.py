"""Articles, with their identity and fingerprint, and rejections."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Article:
    """One article as the archive stores it.

    `body` is cleaned text: paragraphs separated by a blank line, one line each. Every offset
    in Newsdesk counts code points in this string. `uri` says where the article was read from
    (a file's path, `path#key` for one record of several, or a URL) and is its identity; `url`
    is its public address, where known. What the file did not say is empty or None.
    `ambiguous_date` says that it did state a date, but one that reads as two days: 03/04/2024.
    """

    uri: str
    title: str
    body: str
    source: str = ""
    published: date | None = None
    url: str = ""
    ambiguous_date: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        """Return the article's id: 16 hexadecimal digits that depend on the URI alone."""
        return hashlib.sha256(self.uri.encode()).hexdigest()[:16]

    @property
    def fingerprint(self) -> str:
        """Return a SHA-256 of all fields that a reader sees, to notice a changed article."""
        published = self.published.isoformat() if self.published else ""
        fields = (self.title, self.body, self.source, published, self.url)
        return hashlib.sha256("\x00".join(fields).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file or record that could not be read as an article, and the reason to show its owner."""

    uri: str
    reason: str
