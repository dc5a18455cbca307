"""The digest of a time: its stories, each with a few cited sentences and all its outlets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from corpus.article import Article
from retrieval.answering.extractive import Composed
from retrieval.answering.generative import Writer
from retrieval.answering.gone import with_gone
from retrieval.answering.outlets import outlets_of
from retrieval.answers import Citation, Usage
from retrieval.archive.history import ids_since
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.news.stories import Copies, Stories, Story, begun, texts_of
from retrieval.news.telling import quoted, written
from retrieval.news.topics import TopicMatcher
from retrieval.search.searcher import Searcher

MOST_ITEMS = 12
"""Stories of a digest."""

_MOST_ARTICLES = 1_000
"""Articles that are put into stories: the newest."""


@dataclass(frozen=True, slots=True)
class Item:
    """A story of a digest.

    `headline` is that of `articles[0]`. `text` has an `[n]` after each sentence, and `citations`
    are what these stand for. `texts` are the texts of the story, each with every article that
    carries it: copies are one source. `carriers` are the names of each text's outlets, also of
    those whose copy is of another time or is not stored. `outlets` counts the outlets of
    independent texts. `written` tells whether a model wrote the sentences.
    """

    headline: str
    text: str
    citations: tuple[Citation, ...]
    texts: tuple[tuple[Article, ...], ...]
    outlets: int
    carriers: tuple[tuple[str, ...], ...]
    written: bool = False

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles of the story, that of the headline first."""
        return tuple(article for text in self.texts for article in text)


@dataclass(frozen=True, slots=True)
class Digest:
    """The stories of a time, those of most outlets first.

    `articles` counts the articles of that time, with a topic those of its stories; `looked_at` is
    the count of all. `left_out` counts the stories beyond the last item. `newest` is the date of
    the newest article of the archive. `notice` is a line for the reader.
    """

    since: datetime
    until: datetime
    topic: str
    items: tuple[Item, ...]
    articles: int
    left_out: int = 0
    looked_at: int = 0
    newest: date | None = None
    notice: str = ""
    usage: Usage = field(default_factory=Usage)


class Digests:
    """Makes digests of an archive. Safe to call from several threads.

    Args:
        searcher: the archive.
        topics: tells which articles bear on a topic.
        writer: writes the sentences with a model; without one, they are quoted.
        copies: tells which of some articles carry one text.
    """

    def __init__(
        self,
        searcher: Searcher,
        topics: TopicMatcher,
        writer: Writer | None = None,
        copies: Copies = lambda _: {},
    ) -> None:
        self._searcher = searcher
        self._writer = writer
        self._copies = copies
        self._topics = topics
        self._stories = Stories()

    async def digest(
        self, since: datetime, until: datetime, topic: str = "", most: int = MOST_ITEMS
    ) -> Digest:
        """Return the digest of a time; with a topic, of the stories that bear on it.

        Articles count by the day that they were published, and those without a date by the time
        when they came. The days are those where `since` is.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        digest, stories = await asyncio.to_thread(self._chosen, since, until, topic, most)
        if not self._writer:
            items = await asyncio.to_thread(lambda: tuple(map(self._quoted, stories)))
            return replace(digest, items=items)
        return await self._written(digest, stories, self._writer)

    def _chosen(
        self, since: datetime, until: datetime, topic: str, most: int
    ) -> tuple[Digest, list[Story]]:
        """Return a digest without its items, and the stories that these are to be made of."""
        catalog = self._searcher.catalog
        last = until.date() + timedelta(days=1)  # it is tomorrow already somewhere
        ids = ids_since(catalog, since.timestamp(), since.date(), last)
        stories = self._told(ids[:_MOST_ARTICLES])
        if topic:
            bearing = self._topics.bearing(topic, ids[:_MOST_ARTICLES])
            kept = {one.article.id for one in bearing}
            stories = [s for s in stories if any(a.id in kept for t in s.texts for a in t)]
        stories.sort(
            key=lambda story: (-story.outlets, -len(story.texts), -story.newest.toordinal())
        )
        digest = Digest(
            since,
            until,
            topic,
            (),
            sum(len(text) for story in stories for text in story.texts) if topic else len(ids),
            max(0, len(stories) - most),
            len(ids),
            catalog.summary().latest,
            _too_many(len(ids)),
        )
        return digest, stories[:most]

    def _told(self, ids: Sequence[str]) -> list[Story]:
        """Return the stories of some articles."""
        articles = self._searcher.catalog.articles(ids)
        texts = texts_of(articles.values(), self._copies(articles))
        told = begun(self._searcher, (carriers[0] for carriers in texts.values()))
        return [Story.of(group, texts) for group in self._stories.group(told)]

    def _quoted(self, story: Story) -> Item:
        return self._item(story, quoted(self._searcher, story))

    async def _written(self, digest: Digest, stories: Sequence[Story], writer: Writer) -> Digest:
        """Return the digest in a model's words; from where it fails, the articles are quoted."""
        budget = writer.request_budget()
        items: list[Item] = []
        notice = digest.notice
        failed = False
        for story in stories:
            told = None
            if not failed:
                try:
                    told = await written(self._searcher, writer, story, budget)
                except (ServiceError, BudgetSpent) as error:
                    failed, notice = True, " ".join(filter(None, (notice, str(error))))
            items.append(
                await asyncio.to_thread(self._quoted, story)
                if told is None
                else await asyncio.to_thread(self._item, story, told, written=True)
            )
        return replace(digest, items=tuple(items), notice=notice, usage=budget.usage())

    def _item(self, story: Story, told: Composed, *, written: bool = False) -> Item:
        title = story.texts[0][0].title
        catalog = self._searcher.catalog
        return Item(
            title,
            told.text,
            with_gone(told.citations, catalog),
            story.texts,
            story.outlets,
            tuple(outlets_of(text, catalog) for text in story.texts),
            written,
        )


def _too_many(articles: int) -> str:
    if articles <= _MOST_ARTICLES:
        return ""
    return f"Only the newest {_MOST_ARTICLES:,} of {articles:,} articles were looked at."
