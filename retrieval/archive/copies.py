"""Finds the copies of each article as it comes, and keeps which are copies of which.

Likely copies share runs of words in their sketches, which a table looks up; of those, the ones
with most of their sentences in common are linked. Linked articles, and what is linked with them,
are one cluster. What is kept lies in the catalog's file, so that memory does not grow with it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.likeness import are_copies, statements
from retrieval.archive.lookups import look_up
from retrieval.archive.sketches import Sketches, Unstored, sketch

MOST_LINKS = 8
"""The most copies that an article is linked with when it comes; the others link with those."""

MOST_IN_A_CLUSTER = 200
"""The most articles of a cluster that are listed."""

_ALL = 2**62
"""A limit that is none."""

Order = tuple[float, date, int, str]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where articles stand among their copies, to be written with `Copies.write`.

    `touched` are the stored articles whose copies changed, and `earlier` the copies before each
    article placed or touched.
    """

    sketches: Mapping[str, array[int]]
    links: Mapping[str, Collection[str]]
    gone: Collection[str]
    touched: Sequence[Article]
    earlier: Mapping[str, Sequence[Article]]

    def moved(self, placed: Iterable[Article]) -> list[Article]:
        """Return those touched, and those of some placed that have copies before them."""
        return [*self.touched, *(article for article in placed if self.earlier[article.id])]


def order(article: Article) -> Order:
    """Return the key that puts a cluster in order: its original is first.

    That is the one published first (those without a date come last); of one day's, the fullest.
    One that was under an embargo comes after all that were not: nothing may wait for it.
    """
    held = article.embargo.timestamp() if article.embargo else 0.0
    return held, article.published or date.max, -len(article.body), article.id


class Copies:
    """The copies among the articles of a catalog. Reads and writes in the caller's transaction."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._database = catalog.database
        self._sketches = Sketches(catalog.database)

    def unplaced(self, limit: int | None = None) -> list[str]:
        """Return the ids of stored articles whose copies were never looked for, oldest first."""
        counts = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM sketches)"
        [[stored, placed]] = self._database.rows(counts)
        if stored == placed:  # as it mostly is: counting is much less work
            return []
        rows = self._database.rows(
            "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM sketches) "
            "ORDER BY published IS NULL, published, id LIMIT ?",
            _ALL if limit is None else limit,
        )
        return [row[0] for row in rows]

    def copied(self, article_ids: Iterable[str]) -> list[str]:
        """Return those of some articles that have copies."""
        return [i for i, others in self.copies_of(article_ids).items() if others]

    def cluster(self, article_id: str) -> list[Article]:
        """Return an article and its copies, the original first."""
        return sorted(self._catalog.articles(self._members(article_id)).values(), key=order)

    def clusters(self, article_ids: Iterable[str]) -> dict[str, str]:
        """Return a key for each of some articles that has copies: copies of one text share it."""
        wanted = list(article_ids)
        found: dict[str, str] = {}
        for article_id in self.copied(wanted):
            if article_id not in found:
                found |= dict.fromkeys(self._members(article_id), article_id)
        return {i: found[i] for i in wanted if i in found}

    def _members(self, article_id: str) -> list[str]:
        rows = self._database.rows(
            "WITH RECURSIVE found (id) AS (SELECT id FROM articles WHERE id = ? UNION "
            "SELECT other FROM copies JOIN found ON one = id) SELECT id FROM found LIMIT ?",
            article_id,
            MOST_IN_A_CLUSTER,
        )
        return [row[0] for row in rows]

    def earlier(self, article: Article) -> list[Article]:
        """Return the stored copies of an article that come before it."""
        linked = self.copies_of([article.id])[article.id]
        return _before(article, self._catalog.articles(linked).values())

    def place(self, articles: Sequence[Article], gone: Collection[str] = ()) -> Placement:
        """Find the copies of some articles, as if they were stored, and the ids `gone` were not.

        Copies of what is gone, or stored anew, are placed again too.
        """
        new = {article.id: article for article in articles}
        out = {*new, *gone}
        near = self._catalog.articles(set().union(*self.copies_of(out).values()) - out)
        placed = {**new, **near}
        sketches = {i: sketch(article.body) for i, article in placed.items()}
        links = self._links(placed, sketches, new, out)
        for one, others in self.copies_of({*links} - {*new}).items():
            links[one] |= others - out
        around = self._catalog.articles({*links}.union(*links.values()) - {*new}) | new
        links = {i: others & {*around} for i, others in links.items() if i in around}
        earlier = {
            i: _before(around[i], (around[other] for other in others))
            for i, others in links.items()
        }
        touched = [
            around[i]
            for i in links
            if i not in new and (i in near or any(copy.id in new for copy in earlier[i]))
        ]
        return Placement({i: sketches[i] for i in new}, links, out, touched, earlier)

    def _links(
        self,
        placed: Mapping[str, Article],
        sketches: Mapping[str, array[int]],
        new: Collection[str],
        out: Collection[str],
    ) -> dict[str, set[str]]:
        """Return the copies of the articles placed, in both directions.

        The `new` are not stored yet, and what is stored of those that are `out` does not count.
        """
        links: dict[str, set[str]] = defaultdict(set, {i: set() for i in placed})
        unstored = Unstored()
        for i, article in placed.items():
            likely = self._sketches.likely(sketches[i], unstored, {*out, i})
            for other in self._confirm(article, likely, placed):
                links[i].add(other)
                links[other].add(i)
            if i in new:
                unstored.add(i, sketches[i])
        return links

    def write(self, placement: Placement) -> None:
        """Store what `place` found."""
        self.forget(placement.gone)
        self._sketches.write(placement.sketches)
        pairs = {(one, other) for one, others in placement.links.items() for other in others}
        pairs |= {(other, one) for one, other in pairs}
        self._database.write_many("INSERT INTO copies VALUES (?, ?) ON CONFLICT DO NOTHING", pairs)

    def forget(self, article_ids: Iterable[str]) -> None:
        """Remove what is kept of some articles."""
        write, ids = self._database.write_many, list(article_ids)
        self._sketches.forget(ids)
        for i, others in self.copies_of(ids).items():
            write("DELETE FROM copies WHERE one = ? AND other = ?", [(o, i) for o in others])
            write("DELETE FROM copies WHERE one = ?", [(i,)])

    def _confirm(
        self, article: Article, likely: Sequence[str], placed: Mapping[str, Article]
    ) -> list[str]:
        """Return the first likely copies that are copies."""
        stored = self._catalog.articles(i for i in likely if i not in placed)
        one = statements(article.body)
        found: list[str] = []
        for i in likely:
            other = placed.get(i) or stored.get(i)
            if other and are_copies(one, statements(other.body)):
                found.append(i)
                if len(found) == MOST_LINKS:
                    break
        return found

    def copies_of(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """Return the stored copies of some articles."""
        found: dict[str, set[str]] = {i: set() for i in ids}
        sql = "SELECT one, other FROM copies WHERE one IN (?)"
        for one, other in look_up(self._database, sql, found):
            found[one].add(other)
        return found


def _before(article: Article, copies: Iterable[Article]) -> list[Article]:
    return [copy for copy in copies if order(copy) < order(article)]
