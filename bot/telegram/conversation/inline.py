"""Inline mode: `@bot question` in any chat offers the answer as a message to send.

See "Inline mode" in the Bot API.
"""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.rendering.telegram import answer_messages
from retrieval.answers import Answer

SHORTEST = 4
"""The fewest characters of a question; a shorter one is still being typed."""
STILL_TYPING_SECONDS = 0.6
"""Telegram sends a query at every key. One with a successor within this time is not asked."""
_CACHE_SECONDS = 60


async def pause() -> None:
    """Wait until the person stops typing; the next query cancels the wait."""
    await asyncio.sleep(STILL_TYPING_SECONDS)


async def offer(bot: ExtBot[Any], query_id: str, answer: Answer | None) -> None:
    """Offer an answer to an inline query, or an empty list (`answerInlineQuery`)."""
    results = [] if answer is None else [_result(answer, bot.username)]
    try:
        await bot.answer_inline_query(
            query_id, results, cache_time=_CACHE_SECONDS if results else 0, is_personal=True
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
