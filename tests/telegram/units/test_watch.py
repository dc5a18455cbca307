"""What is new for a topic: not the copy of a text that was there, nor what was compared before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.telegram.news.watch import Watch
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.store import store_in
from bot.telegram.storage.topics import News, Topics
from corpus.article import Article
from retrieval.answering.citing import cite
from retrieval.archive.catalog import Catalog
from retrieval.archive.history import last_arrival
from retrieval.archive.homes import catalog_at, catalog_in
from retrieval.archive.passages import Passage
from retrieval.news.topics import Bearing

pytestmark = pytest.mark.both_engines

TODAY = date(2031, 3, 12)
NOW = datetime(2031, 3, 12, 12, tzinfo=UTC).timestamp()
ANN = Place(5, 0, 5)


class Everything:
    """A matcher to which every article bears on every topic."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def bearing(self, topic: str, article_ids: Sequence[str]) -> list[Bearing]:
        return [
            Bearing(article, 1.0, cite(1, article, _passage(article), 0, len(article.body)))
            for article in self._catalog.articles(article_ids).values()
        ]


def _passage(article: Article) -> Passage:
    body = article.body
    return Passage(f"p{article.id}", article.id, 0, 0, len(body), body)


@pytest.fixture
def catalog(tmp_path: Path, database_url: str | None) -> Iterator[Catalog]:
    path = tmp_path / "catalog.db"
    with closing(catalog_at(database_url) if database_url else catalog_in(path)) as catalog:
        yield catalog


@pytest.fixture
def topics(tmp_path: Path) -> Topics:
    return Topics(store_in(tmp_path))


def comes(
    catalog: Catalog, name: str, day: date | None = TODAY, embargo: datetime | None = None
) -> str:
    """An article comes; returns its id."""
    article = Article(f"/{name}.md", name, f"{name} it was.", "Courier", day, embargo=embargo)
    with catalog.transaction():
        catalog.replace_article(article, [_passage(article)])
    return article.id


def looks(catalog: Catalog, topics: Topics, copies: Mapping[str, set[str]] = {}) -> list[News]:
    """A look at what is new; returns all news since."""
    matcher = Everything(catalog)
    watch = Watch(
        catalog,
        matcher,  # type: ignore[arg-type]
        topics,
        lambda ids: {i: i for i in ids},
        lambda ids: {i: copies.get(i, set()) for i in ids},
    )
    asyncio.run(watch.look(NOW))
    return topics.untold()


def test_a_copy_of_what_was_there_is_no_news(catalog: Catalog, topics: Topics) -> None:
    original = comes(catalog, "original")
    topics.follow(ANN, "anything", old=False, since=last_arrival(catalog))
    copy, other = comes(catalog, "copy"), comes(catalog, "other", None)
    found = looks(catalog, topics, {copy: {original}})
    assert [news.articles for news in found] == [(other,)]


def test_a_copy_of_what_is_under_an_embargo_is_news(catalog: Catalog, topics: Topics) -> None:
    held = comes(catalog, "held", embargo=datetime(2032, 1, 1, tzinfo=UTC))
    topics.follow(ANN, "anything", old=False, since=last_arrival(catalog))
    copy = comes(catalog, "copy")
    assert [news.articles for news in looks(catalog, topics, {copy: {held}})] == [(copy,)]


def test_what_was_compared_before_is_no_news(catalog: Catalog, topics: Topics) -> None:
    comes(catalog, "before")
    topics.follow(ANN, "anything", old=False, since=last_arrival(catalog))
    assert not topics.follow(ANN, "ANYTHING", old=False, since=0)
    first = comes(catalog, "first")
    comes(catalog, "of long ago", date(2020, 1, 1))
    assert [news.articles for news in looks(catalog, topics)] == [(first,)]
    assert len(looks(catalog, topics)) == 1
    comes(catalog, "first")  # the same once more: it came before
    assert len(looks(catalog, topics)) == 1
