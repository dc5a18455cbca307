"""Finds the articles that share an address of the web: those stored, and those of the same ingest.

A page and a file can both say that they are the article of an address. They need not say the same,
and neither takes the other's place: only what a feed says of an article gives way to its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from corpus.article import Article, article_id
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import plain
from retrieval.archive.likeness import are_copies, statements
from retrieval.archive.lookups import look_up
from retrieval.archive.places import is_of_the_web, place_of, places_of
from retrieval.archive.texts import text_digest
from retrieval.text.words import STOP_WORDS


def at_address(catalog: Catalog, article: Article) -> str | None:
    """Return the URI of a stored article with an address of this one, or None.

    Its own, where that is stored; else that of its place, else of what it gives for its own.
    """
    for keys in ([place_of(article.uri)], places_of(article)):
        if found := _stored_at(catalog, keys):
            return article.uri if article.uri in found else found[0]
    return None


def left_by(catalog: Catalog, article: Article, old: str) -> list[Article]:
    """Return the text of a stored article, that one with another text replaces, elsewhere.

    That is an article for each other place of the text `old`, which is theirs still.
    """
    stored = catalog.articles([old]).get(old)
    if stored is None or text_digest(stored.body) == text_digest(article.body):
        return []
    return elsewhere(catalog, stored)


def elsewhere(catalog: Catalog, stored: Article) -> list[Article]:
    """Return a stored article as that of each other place where its text was found."""
    return [
        replace(stored, version=0, **{f.name: getattr(place, f.name) for f in fields(place)})
        for place in catalog.addresses.of([stored.id]).get(stored.id, ())
    ]


class Twins:
    """The articles of each address, as the sorting of a batch goes on.

    Args:
        catalog: what is stored before the batch that is being sorted.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._excerpts: dict[str, bool] = {}
        self._come: dict[str, list[str]] = {}
        self._batch: dict[str, Article] = {}
        self._gone: set[str] = set()

    def put(self, article: Article) -> None:
        """Note an article that is stored from now on."""
        for key in places_of(article):
            self._come.setdefault(key, []).append(article.uri)
        self._batch[article.uri] = article
        self._gone.discard(article.id)
        self._excerpts[article.id] = article.excerpt

    def drop(self, article_id: str) -> None:
        """Note that an article is removed."""
        self._gone.add(article_id)

    def as_stored(self, article: Article) -> Article:
        """Return an article of the web under the URI by which it is stored already.

        A page may give the address of another for its own: by a mistake, or because both are of
        one host with many owners. It is that one if it says the same, and else stands for itself.
        """
        if not is_of_the_web(article.uri):
            return article
        place = place_of(article.uri)
        twins = [uri for uri in self._at(places_of(article)) if is_of_the_web(uri)]
        same = [uri for uri in twins if place_of(uri) == place]
        same = same or [uri for uri in twins if self._says_the_same(article, uri)]
        uri = article.uri if article.uri in twins or not same else same[0]
        url = article.url if set(twins) <= {uri} else article.uri
        return replace(article, uri=uri, url=url)

    def excerpt_of(self, article: Article) -> str | None:
        """Return the id of what a feed says of an article, where a file has its text."""
        if article.excerpt or is_of_the_web(article.uri):
            return None
        ids = {article_id(uri): uri for uri in self._at(places_of(article)) if is_of_the_web(uri)}
        there = (i for i, uri in ids.items() if self._is_excerpt(i) and self._tells(article, uri))
        return next(there, None)

    def may_be_bettered(self, article: Article) -> bool:
        """Return whether of an article there is only what a feed says, and this may be better."""
        return self._is_excerpt(article.id) and not article.hearsay

    def better_than(self, excerpt: Article) -> str | None:
        """Return the URI of what is stored of an article and better than an excerpt, or None.

        Its text is, in a file too, and better than another site's word is what anybody else says.
        """
        twins = self._at(places_of(excerpt))
        if excerpt.uri in twins:
            is_text = not self._is_excerpt(excerpt.id)
            if is_text or (excerpt.hearsay and self._read(excerpt.uri).source != excerpt.source):
                return excerpt.uri
        files = (uri for uri in twins if not is_of_the_web(uri))
        return next((uri for uri in files if is_told_by(excerpt, self._read(uri))), None)

    def _at(self, keys: Sequence[str]) -> list[str]:
        """Return the URIs of the articles at some addresses."""
        came = (uri for key in keys for uri in self._come.get(key, ()))
        found = dict.fromkeys([*(_stored_at(self._catalog, keys)), *came])
        return [uri for uri in found if article_id(uri) not in self._gone]

    def _is_excerpt(self, article_id: str) -> bool:
        if article_id not in self._excerpts:
            self._excerpts[article_id] = bool(self._catalog.excerpts([article_id]))
        return self._excerpts[article_id]

    def _says_the_same(self, article: Article, uri: str) -> bool:
        """Return whether an article and another are one text, if need be edited."""
        other = self._read(uri)
        return text_digest(other.body) == text_digest(article.body) or are_copies(
            statements(other.body), statements(article.body)
        )

    def _tells(self, article: Article, uri: str) -> bool:
        return is_told_by(self._read(uri), article)

    def _read(self, uri: str) -> Article:
        return self._batch.get(uri) or self._catalog.articles([article_id(uri)])[article_id(uri)]


def is_told_by(excerpt: Article, article: Article) -> bool:
    """Return whether an article may be the whole of what an excerpt is of.

    It has the excerpt's title, or half of its words at least: a feed shortens or sums up a text,
    and a file that gives its address for its own by mistake is of something else.
    """
    if plain(excerpt.title) == plain(article.title):
        return True
    told = _telling(excerpt.body)
    return 2 * len(told & _telling(f"{article.title}\n{article.body}")) >= len(told)


def _telling(text: str) -> set[str]:
    return {*plain(text).split()} - STOP_WORDS


def _stored_at(catalog: Catalog, keys: Sequence[str]) -> list[str]:
    """Return the URIs of the stored articles at some addresses, those of the web first."""
    sql = (
        "SELECT a.uri FROM articles a WHERE a.id IN "
        "(SELECT article_id FROM places WHERE key IN (?)) ORDER BY a.uri NOT LIKE 'http%', a.id"
    )
    return [row[0] for row in look_up(catalog.database, sql, keys)]
