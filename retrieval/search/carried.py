"""Finds what passes a filter only in a copy there: as the words of that copy, not of the original.

What copies have in common is searched in the first of them alone. Who asks for another outlet, or
for a later time, is shown the copy that ran then and there, as far as it has the words.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.copies import Copies
from retrieval.archive.filters import Filters, has_phrase, plain
from retrieval.archive.likeness import statements
from retrieval.archive.passages import Passage


def in_passing(
    catalog: Catalog, passages: Sequence[Passage], only: Filters
) -> Iterator[tuple[Passage, Article]]:
    """Yield passages that pass the filters, with their articles, each in an article that passes.

    One that passes in a copy is yielded with that, under its own id. It is left out where the copy
    does not have its words. So is one whose article an ingest has just replaced, and one whose
    article mentions what is unwanted in what it shares with another.
    """
    articles = catalog.articles(passage.article_id for passage in passages)
    passing = catalog.standing_in(articles, only)
    for passage in passages:
        article = articles.get(passage.article_id)
        if article and article.body[passage.start : passage.end] != passage.text:
            continue  # it was replaced after the passage was read
        if article and article.id in passing:
            if not _mentions(article, only.without):
                yield passage, article
        elif article:
            yield from _in_a_copy(catalog, passage, article, only)


def _in_a_copy(
    catalog: Catalog, passage: Passage, article: Article, only: Filters
) -> Iterator[tuple[Passage, Article]]:
    """Yield a passage in the copy that has most of it, if any that passes has some."""
    copies = {copy.id: copy for copy in Copies(catalog).cluster(article.id)}
    passing = catalog.standing_in(copies, only)
    now = time.time()
    found = [
        (copy.body[start:end], start, copy)
        for copy in copies.values()
        if copy.id in passing and not copy.is_held(now)
        for start, end in _shared(passage, article, copy)
    ]
    for text, start, copy in sorted(found, key=lambda one: -len(one[0])):
        if _says_what_is_asked(text, copy, only):
            end = start + len(text)
            yield replace(passage, article_id=copy.id, start=start, end=end, text=text), copy
            return


def _shared(passage: Passage, article: Article, copy: Article) -> Iterator[tuple[int, int]]:
    """Yield where in a copy the sentences of a passage stand that follow one another in both."""
    places = {one.words: at for at, one in reversed(list(enumerate(statements(copy.body).all)))}
    within = [s for s in statements(article.body).all if passage.start <= s.start < passage.end]
    theirs = statements(copy.body).all
    for run in _runs(places.get(s.words) for s in within):
        yield theirs[run[0]].start, theirs[run[-1]].end


def _runs(places: Iterable[int | None]) -> Iterator[list[int]]:
    """Yield the runs of places that follow one another."""
    run: list[int] = []
    for place in places:
        if run and place != run[-1] + 1:
            yield run
            run = []
        if place is not None:
            run.append(place)
    if run:
        yield run


def _says_what_is_asked(text: str, copy: Article, only: Filters) -> bool:
    """Return whether a copy's words have the phrases asked for, and it has nothing unwanted."""
    titled = f"{copy.title}\n{text}"
    has_all = all(has_phrase(titled, plain(phrase)) for phrase in only.phrases)
    return has_all and not _mentions(copy, only.without)


def _mentions(article: Article, phrases: Iterable[str]) -> bool:
    whole = f"{article.title}\n{article.body}"
    return any(has_phrase(whole, plain(phrase)) for phrase in phrases)
