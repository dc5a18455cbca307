"""Inline mode: `@bot question` in any chat offers the answer as a message to send.

See "Inline mode" in the Bot API.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.rendering.telegram import answer_messages
from bot.telegram.storage.store import Store
from retrieval.answers import Answer

SHORTEST = 4
"""The fewest characters of a question; a shorter one is still being typed."""
STILL_TYPING_SECONDS = 0.6
"""Telegram sends a query at every key. One with a successor within this time is not asked."""
_CACHE_SECONDS = 60


_SAME_SECONDS = 60.0
_MOST_TYPING = 1000


class Typing:
    """Tells which inline queries are the same question, of which more and more is typed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: OrderedDict[int, tuple[float, str, int]] = OrderedDict()

    def question(self, user_id: int, update_id: int, text: str) -> int:
        """Return the id of the first update of the question that a query belongs to.

        A query goes on with the person's last one if it comes within a minute, and either begins
        with the other, or they begin alike for half of the longer: a typing error is corrected.
        """
        at, before, first = self._take(user_id) or (0.0, "", update_id)
        now = self._clock()
        half = (max(len(before), len(text)) + 1) // 2
        alike = before[:half] == text[:half] or text.startswith(before) or before.startswith(text)
        if not alike or now - at > _SAME_SECONDS:
            first = update_id
        self._keep(user_id, now, text, first)
        return first

    def _take(self, user_id: int) -> tuple[float, str, int] | None:
        return self._last.pop(user_id, None)

    def _keep(self, user_id: int, at: float, text: str, first: int) -> None:
        self._last[user_id] = (at, text, first)
        if len(self._last) > _MOST_TYPING:
            self._last.popitem(last=False)


class SharedTyping(Typing):
    """The same for several processes of a bot: what is typed is stored for a minute or so."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self._store = store

    def _take(self, user_id: int) -> tuple[float, str, int] | None:
        found = "SELECT at, text, first_update FROM typed WHERE user_id = ?"
        return next(iter(self._store.rows(found, user_id)), None)

    def _keep(self, user_id: int, at: float, text: str, first: int) -> None:
        with self._store.transaction():
            self._store.write(
                "DELETE FROM typed WHERE user_id = ? OR at < ?", user_id, at - _SAME_SECONDS
            )
            self._store.write("INSERT INTO typed VALUES (?, ?, ?, ?)", user_id, at, text, first)


async def pause() -> None:
    """Wait until the person stops typing; the next query cancels the wait."""
    await asyncio.sleep(STILL_TYPING_SECONDS)


async def offer(bot: ExtBot[Any], query_id: str, answer: Answer | None, why: str = "") -> None:
    """Offer an answer to an inline query, or an empty list (`answerInlineQuery`).

    `why` is shown as a button above the list; it opens the chat with the bot.
    """
    button = InlineQueryResultsButton(why, start_parameter="why") if why else None
    results = [] if answer is None else [_result(answer, bot.username)]
    try:
        await bot.answer_inline_query(
            query_id,
            results,
            cache_time=_CACHE_SECONDS if results else 0,
            is_personal=True,
            button=button,
        )
    except BadRequest:
        return  # the person has typed on, or waited too long


def _result(answer: Answer, me: str) -> InlineQueryResultArticle:
    first = answer_messages(answer, me)[0]
    return InlineQueryResultArticle(
        "answer",
        answer.question[:100],
        InputTextMessageContent(
            first.text,
            entities=first.entities,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
        description=answer.text[:200],
    )
