"""Chooses the sentences of the passages that a written sentence is read beside.

For each article a line: its title, outlet and date, then the sentences most alike to the whole of
the written one or to a clause of it, in reading order. What is alike and says otherwise is chosen
with what bears it out: the reader has to tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.article import Article
from retrieval.archive.passages import Match
from retrieval.text.sentences import Kind, sentences_within

MOST = 6
"""Sentences chosen for their likeness at most; those before them come as room allows."""

ROOM = 150
"""Word pieces of the whole evidence."""

_CLAUSE = re.compile(r"[,;:–—]\s+|\s(?=(?:and|but|while|after|before|because|who|which|that)\s)")
_SHORTEST_CLAUSE = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of an article, where it begins, and its length in word pieces."""

    article: Article
    start: int
    text: str
    pieces: int


def units_of(matches: Iterable[Match], count: Callable[[str], int]) -> list[Unit]:
    """Return the sentences of passages, article by article and in reading order.

    A sentence that two passages share comes once.
    """
    articles: dict[str, Article] = {}
    spans: dict[str, set[tuple[int, int]]] = {}
    for match in matches:
        article, passage = match.article, match.passage
        articles.setdefault(article.uri, article)
        spans.setdefault(article.uri, set()).update(
            (s.start, s.end)
            for s in sentences_within(article.body, passage.start, passage.end)
            if s.kind is not Kind.HEADING
        )
    return [
        Unit(article, start, article.body[start:end], count(article.body[start:end]))
        for name, article in articles.items()
        for start, end in sorted(spans[name])
    ]


def clauses(sentence: str) -> list[str]:
    """Return the parts of a sentence that say something of their own; none if it is one clause."""
    parts = [part.strip() for part in _CLAUSE.split(sentence)]
    long = [part for part in parts if len(part.split()) >= _SHORTEST_CLAUSE]
    return long if len(long) > 1 else []


def chosen(
    units: Sequence[Unit],
    likeness: Sequence[float],
    count: Callable[[str], int],
    room: int = ROOM,
    most: int = MOST,
) -> list[Unit]:
    """Return the units to read, in their order: the likest, then those before them."""
    kept: set[int] = set()
    headed: set[str] = set()

    def take(at: int) -> None:
        nonlocal room
        article = units[at].article
        head = 0 if article.uri in headed else count(heading(article))
        if at not in kept and units[at].pieces + head <= room:
            room -= units[at].pieces + head
            kept.add(at)
            headed.add(article.uri)

    ranked = sorted(range(len(units)), key=lambda at: -likeness[at])[:most]
    for at in ranked:
        take(at)
    for at in ranked:
        if at and at in kept and units[at - 1].article.uri == units[at].article.uri:
            take(at - 1)
    return [units[at] for at in sorted(kept)]


def written(units: Iterable[Unit]) -> str:
    """Return units as the reader reads them, a line for each article."""
    lines: dict[str, list[str]] = {}
    for unit in units:
        lines.setdefault(unit.article.uri, [heading(unit.article)]).append(unit.text)
    return "\n".join(" ".join(line) for line in lines.values())


def heading(article: Article) -> str:
    """Return what is said of an article before its sentences: title, outlet and date."""
    day = article.published
    when = f"{day:%A} {day.day} {day:%B %Y}" if day else ""
    known = ", ".join(part for part in (article.source, when) if part)
    return f"{article.title} ({known}):" if known else f"{article.title}:"
