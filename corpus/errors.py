"""The error that readers raise for a file or record that is not an article."""

from __future__ import annotations


class NotAnArticle(Exception):
    """A file or record cannot be read as an article; the message says why, for its owner."""
