"""Knows which stored article has a text, so that a text under two names is stored once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
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
    """The texts of some stored articles, by article id; an ingest keeps it up to date."""

    def __init__(self, stored: Mapping[str, Text]) -> None:
        self._texts: dict[str, Text] = {}
        self._holders: dict[str, list[str]] = {}
        for article_id, text in stored.items():
            self.put(article_id, text)

    def put(self, article_id: str, text: Text) -> None:
        """Note the text of an article that is stored now."""
        self._texts[article_id] = text
        self._holders.setdefault(text.digest, []).append(article_id)

    def drop(self, article_id: str) -> None:
        """Forget the text of an article, if it has one."""
        if text := self._texts.pop(article_id, None):
            self._holders[text.digest].remove(article_id)

    def __contains__(self, article_id: str) -> bool:
        """Say whether an article has a text here."""
        return article_id in self._texts

    def uri(self, article_id: str) -> str:
        """Return the URI of an article that has a text here."""
        return self._texts[article_id].uri

    def holder(self, text: Text) -> str | None:
        """Return the id of an article with this text, or None."""
        holders = self._holders.get(text.digest, ())
        return next((i for i in holders if text.is_that_of(self._texts[i])), None)


def file_is_gone(uri: str) -> bool:
    """Return whether a URI is a file's path, or of what is inside one, and that does not exist."""
    return os.path.isabs(uri) and not any(map(os.path.exists, files_of(uri)))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name)
