"""Why a file or record is not an article, raised by readers and caught where files are read."""

from __future__ import annotations


class NotAnArticle(Exception):
    """A file or record cannot be read as an article; the message says why, for its owner."""
