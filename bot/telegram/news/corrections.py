"""Tells chats that wish it what no longer stands of the answers that they got."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from bot.outdated import OutdatedAnswer, outdated
from bot.rendering.telegram_news import correction
from bot.telegram.news.telling import Telling
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.store import Store
from bot.telegram.storage.wishes import Wish, Wishes
from retrieval.archive.catalog import Catalog

MOST_AT_ONCE = 5
"""The most answers that a chat is told about in one round."""


@dataclass(slots=True)
class Corrections:
    """Compares the answers with the archive whenever it changes.

    `open_store` opens the bot's tables, which are read in a thread of its own.
    """

    open_store: Callable[[], Store]
    catalog: Catalog
    telling: Telling
    wishes: Wishes
    _seen: tuple[int, int] | None = None

    async def plan(self, now: float) -> list[int]:
        """Plan what is to be told. Return the updates to deliver.

        Raises:
            ArchiveUnreadable: the archive cannot be read.
        """
        wished = {wish.place.chat_id: wish for wish in self.wishes.all() if wish.corrections}
        seen = await asyncio.to_thread(self.catalog.version), hash(frozenset(wished))
        if not wished or seen == self._seen:
            return []
        told: Counter[int] = Counter()
        planned, left = [], False
        for answer in await asyncio.to_thread(self._outdated):
            wish = wished.get(answer.chat_id)
            if wish is None or not self.telling.allows(wish.place):
                continue
            if wish.hours.is_quiet(now) or told[answer.chat_id] >= MOST_AT_ONCE:
                left = True
            elif number := await self._plan(answer, wish):
                told[answer.chat_id] += 1
                planned.append(number)
        self._seen = None if left else seen
        return planned

    def _outdated(self) -> list[OutdatedAnswer]:
        with closing(self.open_store()) as store:
            return outdated(store, self.catalog)

    async def _plan(self, answer: OutdatedAnswer, wish: Wish) -> int | None:
        """Plan the note on an answer, of what it was not told yet, if its messages are known."""
        ids = {quote.citation.article_id for quote in answer.quotes}
        articles = await asyncio.to_thread(self.catalog.articles, ids)
        shown = [number for number in answer.messages if number > 0]
        if not shown:
            return None
        journal = self.telling.journal
        with journal.transaction():
            fresh = [
                quote
                for quote in answer.quotes
                if journal.once(f"c:{answer.id}:{answer.chat_id}:{_key(quote.was, quote.now)}")
            ]
            if not fresh:
                return None
            # A reply goes to the thread of what it replies to.
            place = Place(wish.place.chat_id, 0, answer.user_id)
            return self.telling.plan_note(place, correction(fresh, articles), shown[-1])


def _key(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()
