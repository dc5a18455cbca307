"""Knows which stored article has a text, so that a text under two names is stored once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from corpus.article import Article
from corpus.formats.documents import files_of


def text_digest(body: str) -> str:
    """Return 32 hexadecimal digits that two bodies share if they differ in white space only."""
    return hashlib.sha256(" ".join(body.split()).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Text:
    """What tells an article's text from others: its title, and the digest of its body."""

    uri: str
    title: str
    digest: str

    @classmethod
    def of(cls, article: Article) -> Text:
        """Return what tells this article's text from others."""
        return cls(article.uri, article.title, text_digest(article.body))

    def is_that_of(self, other: Text) -> bool:
        """Return whether both are one text; a title made of a file's name is no part of it."""
        return self.digest == other.digest and (
            self.title == other.title or self._is_named() or other._is_named()
        )

    def _is_named(self) -> bool:
        return _letters(self.title) == _letters(PurePath(self.uri).stem)


class Texts:
    """The texts of stored articles, as an ingest goes on.

    Args:
        stored: returns the stored articles with a text, by its digest: id -> text.
    """

    def __init__(self, stored: Callable[[str], Mapping[str, Text]]) -> None:
        self._stored = stored
        self._put: dict[str, Text] = {}
        self._gone: set[str] = set()
        self._uris: dict[str, str] = {}

    def put(self, article_id: str, text: Text) -> None:
        """Note the text of an article that is stored from now on."""
        self._put.pop(article_id, None)
        self._put[article_id] = text
        self._gone.discard(article_id)

    def drop(self, article_id: str) -> None:
        """Forget the text of an article, if it has one."""
        self._put.pop(article_id, None)
        self._gone.add(article_id)

    def end_batch(self) -> None:
        """Note that all texts put so far are stored."""
        self._put.clear()

    def uri(self, article_id: str) -> str:
        """Return the URI of an article that was found to hold a text."""
        return self._uris[article_id]

    def holder(self, text: Text) -> str | None:
        """Return the id of an article with this text, or None."""
        stored = self._stored(text.digest)
        known = {i: t for i, t in stored.items() if i not in self._put and i not in self._gone}
        known |= {i: t for i, t in self._put.items() if t.digest == text.digest}
        found = next((i for i, other in known.items() if text.is_that_of(other)), None)
        if found:
            self._uris[found] = known[found].uri
        return found


def file_is_gone(uri: str) -> bool:
    """Return whether a URI is a file's path, or of what is inside one, and that does not exist."""
    return os.path.isabs(uri) and not any(map(os.path.exists, files_of(uri)))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)
