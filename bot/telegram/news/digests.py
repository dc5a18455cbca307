"""Sends digests: to whoever asks for one, and every day at an hour that a chat wishes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rendering.telegram_news import digest_answer, digest_line
from bot.telegram.news.telling import Telling
from bot.telegram.storage.topics import Topics
from bot.telegram.storage.wishes import Wish, Wishes
from retrieval.answers import Answer
from retrieval.news.digest import Digest

MOST_STORIES = 8
_FURTHEST = timedelta(days=92)
_DAY, _TOPIC = timedelta(days=1), timedelta(days=7)
_SPAN = re.compile(r"(\d{1,4})\s*(h|hours?|d|days?|w|weeks?)?(?:\s+|$)", re.I)

MakeDigest = Callable[[datetime, datetime, str, int], Awaitable[Digest]]
"""Makes the digest of a time, from and until; with a topic, of that; with so many stories."""


@dataclass(frozen=True, slots=True)
class DailyDigests:
    """Makes digests and plans those that are due. `now` tells the time, in seconds since 1970."""

    make: MakeDigest
    telling: Telling
    topics: Topics
    wishes: Wishes
    now: Callable[[], float]

    async def asked(self, wish: Wish, text: str) -> Answer | str:
        """Return the digest that somebody asked for, or why there is none.

        `text` is hours, or days, or a topic, or both: "48", "3d wolves", "wolves".

        Raises:
            ArchiveError: the archive cannot be used.
        """
        until = wish.hours.clock(self.now())
        back, topic = read_digest(text)
        digest = await self.make(until - back, until, topic, MOST_STORIES)
        return digest_answer(digest) if digest.items else digest_line(digest)

    def due(self) -> list[Wish]:
        """Return the wishes for a daily digest whose hour has come today."""
        now = self.now()
        return [
            wish
            for wish in self.wishes.all()
            if wish.digest is not None
            and wish.digested != wish.hours.clock(now).date().isoformat()
            and wish.hours.clock(now).hour >= wish.digest
        ]

    async def plan(self, wish: Wish) -> int | None:
        """Plan a daily digest. Return the update to deliver, or None where there is nothing new.

        Raises:
            ArchiveError: the archive cannot be used; the digest is still due.
        """
        until = wish.hours.clock(self.now())
        allowed = self.telling.allows(wish.place)
        digest = await self.make(until - _DAY, until, "", MOST_STORIES) if allowed else None
        with self.topics.transaction():
            wished = self.wishes.of(wish.place)
            if wished.digest is None or wished.digested != wish.digested:
                return None  # it was switched off meanwhile, or another process has sent it
            self.wishes.set(wish.place, digested=until.date().isoformat())
            if not (digest and digest.items):
                return None
            return self.telling.plan(wish.place, digest_answer(digest))


def read_digest(text: str) -> tuple[timedelta, str]:
    """Parse what stands after /digest: how far it goes back, and its topic or ""."""
    text = " ".join(text.split())
    span = _SPAN.match(text)
    if span is None:
        return (_TOPIC if text else _DAY), text
    hours = int(span[1]) * {"h": 1, "d": 24, "w": 168}[(span[2] or "h")[0].lower()]
    return min(timedelta(hours=max(hours, 1)), _FURTHEST), text[span.end() :]
