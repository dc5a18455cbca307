"""Compares what is new in the archive with the topics that chats follow."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.hours import Hours
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.topics import Topic, Topics
from retrieval.archive.catalog import Catalog
from retrieval.archive.history import arrived, days
from retrieval.news.topics import Bearing, TopicMatcher

RECENT_DAYS = 3
"""An article that was published longer ago is no news, unless a topic is about old ones too."""

STORY_SECONDS = 2 * 86_400.0
"""A story that goes on is told again after this time."""

MOST_FOUND = 500
"""The most articles that are told of at once: those that bear on the topics most."""

MOST_QUOTES = 3
"""The most articles of one story that are quoted."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Finds the news of the topics.

    `story_of` gives articles of one story (their ids) the same key. `copies_of` gives the ids of
    articles' copies: a copy of what was there before is no news.
    """

    catalog: Catalog
    matcher: TopicMatcher
    topics: Topics
    story_of: Callable[[Sequence[str]], dict[str, str]]
    copies_of: Callable[[Iterable[str]], Mapping[str, Collection[str]]]

    async def look(self, now: float) -> None:
        """Compare all topics with what came since they were last, and store what bears on them.

        Args:
            now: seconds since 1970.

        Raises:
            ArchiveError: the archive cannot be searched. What was not compared is the next time.
        """
        topics = self.topics.all()
        if not topics:
            return
        came = await asyncio.to_thread(arrived, self.catalog, min(t.since for t in topics))
        if not came:
            return
        until = max(came.values())
        fresh = await asyncio.to_thread(self._fresh, came, now)
        by_place: dict[tuple[int, int], list[Topic]] = defaultdict(list)
        for topic in topics:
            by_place[topic.place.chat_id, topic.place.thread_id].append(topic)
        for followed in by_place.values():
            bearing = [
                (topic, await asyncio.to_thread(self._bearing, topic, came, fresh))
                for topic in followed
            ]
            await self._store(followed[0].place, bearing, until, now)

    def _fresh(self, came: dict[str, float], now: float) -> set[str]:
        """Return the articles that are not of long ago, nor copies of what could be read before.

        Those without a date are new.
        """
        copies = self.copies_of(came)
        others = self.catalog.articles(set().union(*copies.values()) - came.keys())
        there = {i for i, other in others.items() if not other.is_held(now)}
        oldest = Hours(None).clock(now).date() - timedelta(days=RECENT_DAYS)
        published = days(self.catalog, came)
        return {
            i
            for i, day in published.items()
            if (day or date.max) >= oldest and there.isdisjoint(copies[i])
        }

    def _bearing(self, topic: Topic, came: dict[str, float], fresh: set[str]) -> list[Bearing]:
        new = [i for i, at in came.items() if at > topic.since and (topic.old or i in fresh)]
        return self.matcher.bearing(topic.words, new) if new else []

    async def _store(
        self,
        place: Place,
        bearing: Sequence[tuple[Topic, Sequence[Bearing]]],
        until: float,
        now: float,
    ) -> None:
        """Store the new stories of a place in one transaction with what its topics have seen."""
        found: dict[str, Bearing] = {}
        about: dict[str, list[Topic]] = defaultdict(list)
        for topic, bearings in bearing:
            for one in bearings:
                found.setdefault(one.article.id, one)
                about[one.article.id].append(topic)
        best = sorted(found.values(), key=lambda b: -b.probability)[:MOST_FOUND]
        found = {one.article.id: one for one in best}
        before = self.topics.news(place, now - STORY_SECONDS)
        known = [i for news in before for i in news.articles]
        stories = await asyncio.to_thread(self.story_of, [*known, *found]) if found else {}
        told = {stories.get(i, i): news for news in before for i in news.articles}
        groups: dict[str, list[Bearing]] = defaultdict(list)
        for one in best:
            groups[stories.get(one.article.id, one.article.id)].append(one)
        with self.topics.transaction():
            followed = {topic.id: topic.since for topic in self.topics.of(place)}
            if any(followed.get(topic.id, topic.since) != topic.since for topic, _ in bearing):
                return  # another process of the bot has looked meanwhile
            for story, group in groups.items():
                ids = [one.article.id for one in group]
                topics = {t.id: t.words for i in ids for t in about[i] if t.id in followed}
                if story in told:
                    self.topics.joined(told[story], ids)
                elif topics:
                    quotes = [one.quote for one in group[:MOST_QUOTES]]
                    self.topics.add_news(place, now, [*topics.values()], ids, quotes)
            for topic, _ in bearing:
                self.topics.saw(topic.id, until)
