"""What is indexed and what a search returns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from corpus.article import Article


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article; `article.body[start:end] == text`, always.

    `ordinal` counts the passages of an article from 0; offsets are code points.
    """

    id: str
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found for a question, with its article; the higher the score the better."""

    passage: Passage
    article: Article
    score: float


LONGEST_TITLE = 160
"""Decomposed code points of a title that are put before a passage; most titles are shorter.

Decomposed, because the encoder takes characters apart: a Korean syllable is three pieces to it.
"""


def titled(title: str, text: str) -> str:
    """Return the text that is embedded, indexed and reranked for a passage: its title, then itself.

    A passage rarely repeats what its article is about; the title says it. It is never quoted.
    """
    return f"{_shortened(title)}\n{text}" if title else text


def _shortened(title: str) -> str:
    size = 0
    for at, character in enumerate(title):
        size += len(unicodedata.normalize("NFD", character))
        if size > LONGEST_TITLE:
            return title[:at]
    return title
