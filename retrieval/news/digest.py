"""The digest of a time: its stories, each with a few cited sentences and all its outlets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from corpus.article import Article
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.context import leans
from retrieval.answering.generative import Writer, Written
from retrieval.answering.salient import Candidate, most_salient
from retrieval.answers import Citation, Question, Usage
from retrieval.archive.history import beginnings, ids_since
from retrieval.archive.passages import Match, titled
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.chat_service import RequestBudget
from retrieval.news.stories import Beginning, Stories, sources
from retrieval.news.subject import on_subject
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, sentences_within

MOST_ITEMS = 12
"""Stories of a digest."""

_MOST_ARTICLES = 1_000
"""Articles that are put into stories: the newest."""

_TEXTS = 8
"""Texts of a story that its sentences are chosen from: of as many outlets as there are."""

_PASSAGES = 2
"""Passages from its beginning that an article's sentences are chosen from."""

_CENTRAL = 0.9
"""How near the middle of its story, of the nearest, a newer article has to be for its headline."""


Copies = Callable[[Collection[str]], Mapping[str, str]]
"""Ids of articles -> the cluster of each that carries the same text as others."""

OnTopic = Callable[[Searcher, str, Sequence[str]], Collection[str]]
"""An archive, a topic and ids of articles -> those that bear on it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A story of a digest.

    `headline` is that of `articles[0]`. `text` has an `[n]` after each sentence, and `citations`
    are what these stand for. `texts` are the texts of the story, each with every article that
    carries it: copies are one source. `outlets` counts the outlets of independent texts. `written`
    tells whether a model wrote the sentences.
    """

    headline: str
    text: str
    citations: tuple[Citation, ...]
    texts: tuple[tuple[Article, ...], ...]
    outlets: int
    written: bool = False

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles of the story, that of the headline first."""
        return tuple(article for text in self.texts for article in text)


@dataclass(frozen=True, slots=True)
class Digest:
    """The stories of a time, those of most outlets first.

    `articles` counts the articles of that time, and `left_out` the stories beyond the last item.
    `newest` is the date of the newest article of the archive. `notice` is a line for the reader.
    """

    since: datetime
    until: datetime
    topic: str
    items: tuple[Item, ...]
    articles: int
    left_out: int = 0
    newest: date | None = None
    notice: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class _Story:
    """A story with its texts, that of the headline first, and the middle of their vectors."""

    texts: tuple[tuple[Article, ...], ...]
    outlets: int
    middle: Floats

    @property
    def newest(self) -> date:
        return max(a.published or date.min for text in self.texts for a in text)


class Digests:
    """Makes digests of an archive. Safe to call from several threads.

    Args:
        searcher: the archive.
        writer: writes the sentences with a model; without one, they are quoted.
        copies: tells which of some articles carry one text.
        on_topic: tells which of some articles bear on a topic.
    """

    def __init__(
        self,
        searcher: Searcher,
        writer: Writer | None = None,
        copies: Copies = lambda _: {},
        on_topic: OnTopic = on_subject,
    ) -> None:
        self._searcher = searcher
        self._writer = writer
        self._copies = copies
        self._on_topic = on_topic
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
            quoted = await asyncio.to_thread(lambda: tuple(map(self._quoted, stories)))
            return replace(digest, items=quoted)
        return await self._written(digest, stories, self._writer)

    def _chosen(
        self, since: datetime, until: datetime, topic: str, most: int
    ) -> tuple[Digest, list[_Story]]:
        """Return a digest without its items, and the stories that these are to be made of."""
        catalog = self._searcher.catalog
        last = until.date() + timedelta(days=1)  # it is tomorrow already somewhere
        ids = ids_since(catalog, since.timestamp(), since.date(), last)
        stories = self._told(ids[:_MOST_ARTICLES])
        if topic:
            kept = self._on_topic(self._searcher, topic, ids[:_MOST_ARTICLES])
            stories = [s for s in stories if any(a.id in kept for t in s.texts for a in t)]
        stories.sort(
            key=lambda story: (-story.outlets, -len(story.texts), -story.newest.toordinal())
        )
        digest = Digest(
            since,
            until,
            topic,
            (),
            len(ids),
            max(0, len(stories) - most),
            catalog.summary().latest,
            _too_many(len(ids)),
        )
        return digest, stories[:most]

    def _told(self, ids: Sequence[str]) -> list[_Story]:
        """Return the stories of some articles."""
        articles = self._searcher.catalog.articles(ids)
        first = beginnings(self._searcher.catalog, ids, 1)
        known = [(articles[i], first[i][0]) for i in ids if i in first and i in articles]
        if not known:
            return []
        vectors = self._searcher.vectors_of(known)
        begun = [Beginning.of(a, v) for (a, _), v in zip(known, vectors, strict=True)]
        copies = self._copies(articles)
        return [_story(group, copies) for group in self._stories.group(begun)]

    def _quoted(self, story: _Story) -> Item:
        """Return a story in its articles' own sentences."""
        articles = [text[0] for text in story.texts[:_TEXTS]]
        passages = beginnings(self._searcher.catalog, [a.id for a in articles], _PASSAGES)
        candidates = [
            Candidate(article, passage, sentence)
            for article in articles
            for passage in passages.get(article.id, ())
            for sentence in sentences_within(article.body, passage.start, passage.end)
            if sentence.kind is Kind.SENTENCE
        ]
        candidates = [one for one in candidates if not gives_orders(one.text)]
        chosen: list[Candidate] = []
        if candidates:
            texts = [titled(one.article.title, one.text) for one in candidates]
            vectors = self._searcher.embedded.encode(texts)
            near = np.clip(vectors @ story.middle, 0, None)
            most = 3 if len(articles) > 1 else 2
            chosen = most_salient(candidates, vectors, near, most, _lead(candidates, articles[0]))
        chosen.sort(key=lambda one: one.article.id != articles[0].id)
        citations = tuple(
            cite(n, one.article, one.passage, one.sentence.start, one.sentence.end)
            for n, one in enumerate(chosen, start=1)
        )
        told = (f"{without_marks(c.quote)} [{c.number}]" for c in citations)
        return _item(story, " ".join(told), citations)

    async def _written(self, digest: Digest, stories: Sequence[_Story], writer: Writer) -> Digest:
        """Return the digest in a model's words; from where it fails, the articles are quoted."""
        budget = writer.request_budget()
        items: list[Item] = []
        notice = digest.notice
        failed = False
        for story in stories:
            item = None
            if not failed:
                try:
                    item = await self._by(writer, story, budget)
                except (ServiceError, BudgetSpent) as error:
                    failed, notice = True, " ".join(filter(None, (notice, str(error))))
            if item is None:
                item = await asyncio.to_thread(self._quoted, story)
            items.append(item)
        return replace(digest, items=tuple(items), notice=notice, usage=budget.usage())

    async def _by(self, writer: Writer, story: _Story, budget: RequestBudget) -> Item | None:
        """Return a story as a model writes it, or None where nothing of that is borne out."""
        articles = [text[0] for text in story.texts[:_TEXTS]]
        first = await asyncio.to_thread(
            partial(beginnings, self._searcher.catalog, [a.id for a in articles], _PASSAGES)
        )
        matches = [
            Match(passage, article, 1.0)
            for at in range(_PASSAGES)
            for article in articles
            for passage in first.get(article.id, ())[at : at + 1]
        ]
        asked = f"What happened? In two or three sentences: {articles[0].title}"
        written = None
        async with aclosing(writer.write(Question(asked), Query(asked), matches, budget)) as parts:
            async for part in parts:
                if isinstance(part, Written):
                    written = part.draft
        if not written or not written.text:
            return None
        return replace(_item(story, written.text, written.citations), written=True)


def _story(group: Sequence[Beginning], copies: Mapping[str, str]) -> _Story:
    """Return a story with its texts, that of the headline first, then the newest."""
    vectors = {one.article.id: one.vector for one in group}
    texts = sources([one.article for one in group], copies)
    rows = np.array([vectors[text[0].id] for text in texts])
    middle = rows.mean(axis=0)
    near = rows @ middle
    central = [text for text, n in zip(texts, near, strict=True) if n >= _CENTRAL * near.max()]
    head = max(central, key=_day)
    rest = sorted((text for text in texts if text is not head), key=_day, reverse=True)
    return _Story((head, *rest), len({text[0].source for text in texts}), middle)


def _day(text: Sequence[Article]) -> date:
    return text[0].published or date.min


def _lead(candidates: Sequence[Candidate], article: Article) -> int | None:
    """Return which sentence begins an article, if one can be quoted: it tells the news."""
    leads = (n for n, one in enumerate(candidates) if one.article.id == article.id and one.leads)
    found = next(leads, None)
    return None if found is None or leans(candidates[found].text) else found


def _item(story: _Story, text: str, citations: tuple[Citation, ...]) -> Item:
    return Item(story.texts[0][0].title, text, citations, story.texts, story.outlets)


def _too_many(articles: int) -> str:
    if articles <= _MOST_ARTICLES:
        return ""
    return f"Only the newest {_MOST_ARTICLES:,} of {articles:,} articles were looked at."
