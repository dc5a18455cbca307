"""Passages, which are indexed, and matches, which a search returns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from corpus.article import Article


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive whole sentences of one article: `article.body[start:end] == text`.

    `ordinal` counts the passages of an article from 0. Offsets are in code points.
    """

    id: str
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Clue:
    """A sentence, `article.body[start:end]`, and the probability that it answers a question."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found for a question, with its article. A higher score is better.

    `clues` are the sentences of it that were weighed for the question, if it was read.
    """

    passage: Passage
    article: Article
    score: float
    clues: tuple[Clue, ...] = ()


LONGEST_TITLE = 160
"""Code points of a title, after Unicode NFD, that are put before a passage; few are longer.

NFD, because the encoder decomposes characters: it reads a Korean syllable as three pieces.
"""


def titled(title: str, text: str) -> str:
    """Return the text that is embedded, indexed and reranked for a passage: its title, then itself.

    A passage rarely repeats what its article is about, and the title says it. Answers quote the
    passage alone.
    """
    return f"{_shortened(title)}\n{text}" if title else text


def _shortened(title: str) -> str:
    size = 0
    for at, character in enumerate(title):
        size += len(unicodedata.normalize("NFD", character))
        if size > LONGEST_TITLE:
            return title[:at]
    return title
