"""Stores the topics that chats follow, and the news that was found for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.rendering.as_json import citation_object, citations_in
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.store import Store
from retrieval.answers import Citation


@dataclass(frozen=True, slots=True)
class Topic:
    """What a chat, or a thread of it, follows; `place.user_id` is who wished it.

    Articles that came after `since` (seconds since 1970) are new to it. Those published long ago
    count only if it is about `old` ones too.
    """

    id: int
    place: Place
    words: str
    old: bool
    since: float


@dataclass(frozen=True, slots=True)
class News:
    """A story that bears on topics of a place: its articles' ids, and what is quoted of them.

    `held` tells that it waits, to be told together with others.
    """

    id: int
    place: Place
    topics: tuple[str, ...]
    articles: tuple[str, ...]
    citations: tuple[Citation, ...]
    held: bool


class Topics:
    """Reads and writes topics and news in the bot's tables."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context manager that stores everything written inside it, or nothing."""
        return self._store.transaction()

    def follow(self, place: Place, words: str, *, old: bool, since: float) -> bool:
        """Store a topic. Return False if the place follows it already."""
        if any(words.casefold() == topic.words.casefold() for topic in self.of(place)):
            return False
        self._store.write(
            "INSERT INTO topics (chat_id, thread_id, user_id, words, old, since) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            place.chat_id,
            place.thread_id,
            place.user_id,
            words,
            old,
            since,
        )
        return True

    def of(self, place: Place) -> list[Topic]:
        """Return the topics of a chat or a thread, whoever wished them, in order."""
        return self._topics("WHERE chat_id = ? AND thread_id = ?", place.chat_id, place.thread_id)

    def all(self) -> list[Topic]:
        """Return the topics of all chats, in order."""
        return self._topics("")

    def _topics(self, where: str, *values: object) -> list[Topic]:
        rows = self._store.rows(
            f"SELECT id, chat_id, thread_id, user_id, words, old, since FROM topics {where} "
            "ORDER BY id",
            *values,
        )
        return [
            Topic(number, Place(chat, thread, user), words, bool(old), since)
            for number, chat, thread, user, words, old, since in rows
        ]

    def unfollow(self, topic_id: int) -> None:
        """Delete a topic."""
        self._store.write("DELETE FROM topics WHERE id = ?", topic_id)

    def leave(self, chat_id: int) -> None:
        """Delete all topics, news and wishes of a chat: it is closed to the bot."""
        with self._store.transaction():
            for table in ("topics", "news", "wishes"):
                self._store.write(f"DELETE FROM {table} WHERE chat_id = ?", chat_id)

    def saw(self, topic_id: int, until: float) -> None:
        """Store that a topic was compared with all articles that came until a time."""
        self._store.write("UPDATE topics SET since = ? WHERE id = ?", until, topic_id)

    def add_news(
        self,
        place: Place,
        at: float,
        topics: Sequence[str],
        articles: Sequence[str],
        citations: Sequence[Citation],
    ) -> None:
        """Store a story that is to be told."""
        self._store.insert(
            "INSERT INTO news (chat_id, thread_id, user_id, at, topics, articles, citations) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            place.chat_id,
            place.thread_id,
            place.user_id,
            at,
            json.dumps(topics),
            json.dumps(articles),
            json.dumps([citation_object(citation) for citation in citations]),
        )

    def joined(self, news: News, articles: Sequence[str]) -> None:
        """Store that more articles tell a story that was found before."""
        everything = [*news.articles, *articles]
        self._store.write(
            "UPDATE news SET articles = ? WHERE id = ?", json.dumps(everything), news.id
        )

    def news(self, place: Place, since: float) -> list[News]:
        """Return the news of a chat or a thread that was found after a time, oldest first."""
        return self._news(
            "WHERE chat_id = ? AND thread_id = ? AND at > ?", place.chat_id, place.thread_id, since
        )

    def untold(self) -> list[News]:
        """Return the news of all places that no message tells yet, oldest first."""
        return self._news("WHERE update_id IS NULL")

    def _news(self, where: str, *values: object) -> list[News]:
        rows = self._store.rows(
            "SELECT id, chat_id, thread_id, user_id, topics, articles, citations, held "
            f"FROM news {where} ORDER BY id",
            *values,
        )
        return [
            News(
                number,
                Place(chat, thread, user),
                tuple(json.loads(topics)),
                tuple(json.loads(articles)),
                tuple(citations_in({"citations": json.loads(citations)})),
                bool(held),
            )
            for number, chat, thread, user, topics, articles, citations, held in rows
        ]

    def drop(self, news: Sequence[News]) -> None:
        """Delete news that is not to be told."""
        for one in news:
            self._store.write("DELETE FROM news WHERE id = ?", one.id)

    def hold(self, news: Sequence[News]) -> None:
        """Store that news waits, to be told together."""
        for one in news:
            self._store.write("UPDATE news SET held = 1 WHERE id = ?", one.id)

    def tell(self, news: Sequence[News], update_id: int, at: float) -> None:
        """Store which message tells some news, and when it was planned."""
        for one in news:
            self._store.write(
                "UPDATE news SET update_id = ?, told = ? WHERE id = ?", update_id, at, one.id
            )

    def told_since(self, place: Place, since: float) -> int:
        """Return how many messages of news were planned for a place after a time."""
        return int(
            self._store.one(
                "SELECT count(DISTINCT update_id) FROM news WHERE chat_id = ? AND thread_id = ? "
                "AND told > ?",
                place.chat_id,
                place.thread_id,
                since,
            )
        )
