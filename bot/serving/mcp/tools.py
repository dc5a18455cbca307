"""What an assistant can do with the archive: search it, ask it, read it, check a text, see news."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Annotated

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from bot.drafts import draft_from
from bot.questions import question_from
from bot.rendering.articles import article_object
from bot.rendering.as_json import checked_object, found_object
from bot.rendering.digest import digest_object
from bot.serving.mcp.results import (
    AnswerShown,
    NewsShown,
    PieceShown,
    answer_text,
    checked_text,
    found_text,
    news_text,
    piece_text,
    result,
)
from bot.serving.shown import ArticleShown, CheckedShown, FoundShown
from bot.serving.wording import citations_of, particulars_of, without_sources
from bot.since import since as time_since
from corpus.article import Article
from retrieval.answers import Turn
from retrieval.errors import ArticleNotFound
from retrieval.search.syntax import fields as filters_in

if TYPE_CHECKING:
    from bot.wiring import Desk

LONGEST_PIECE = 8000
"""The most code points of an article that are read at once."""
LONGEST_CHECKED = 5000
"""The most code points of a text that is checked at once: some fifty sentences."""
_LONGEST_TURN = 2000

Words = Annotated[
    str,
    Field(
        max_length=2000,
        description='What to look for, in words or as a question. "Exact phrases", -without, '
        "source:NAME, after:2020-10, before:2020-11-10, on:2020 and in:title are understood.",
    ),
]
Asked = Annotated[
    str, Field(max_length=2000, description="The question; filters in it are understood as well.")
]
FromDay = Annotated[
    str,
    Field(max_length=40, description="Only articles of this day or later: 2020-10-27, 2020-10."),
]
UntilDay = Annotated[
    str, Field(max_length=40, description="Only articles of this day, month or year, or earlier.")
]
Outlet = Annotated[
    str, Field(max_length=200, description="Only articles of this outlet, by its name or site.")
]
ArticleId = Annotated[
    str, Field(max_length=64, description="The article's id, as in results: 16 of 0-9 and a-f.")
]


class TurnGiven(BaseModel):
    """A question that was asked before, and what was answered."""

    question: Annotated[str, Field(max_length=_LONGEST_TURN)]
    answer: Annotated[str, Field(max_length=20_000)] = ""


class Tools:
    """The tools over one desk. Each docstring is what the assistant is told about a tool.

    Each raises NewsdeskError, with a message for people, where it cannot do what it is asked.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._loading = Lock()

    def load(self) -> Desk:
        """Load what the tools need, or wait until it is loaded. Thread-safe."""
        desk = self._desk
        with self._loading:
            _ = desk.assistant, desk.finder, desk.drafts, desk.digests
        return desk

    async def search(
        self,
        query: Words,
        k: Annotated[int, Field(ge=1, le=20, description="The most passages.")] = 8,
        since: FromDay = "",
        until: UntilDay = "",
        source: Outlet = "",
    ) -> Annotated[CallToolResult, FoundShown]:
        """Find the passages of the archive that match some words best, each with its source."""
        question = question_from(query, filters=filters_in(since, until, source))
        desk = await asyncio.to_thread(self.load)
        found = await asyncio.to_thread(desk.finder.find, question, k)
        return result(FoundShown(**found_object(found)), found_text(found))

    async def ask(
        self,
        question: Asked,
        history: Annotated[
            list[TurnGiven],
            Field(max_length=20, description="Earlier turns, oldest first, for a follow-up."),
        ] = [],  # noqa: B006 - pydantic copies it
        since: FromDay = "",
        until: UntilDay = "",
        source: Outlet = "",
    ) -> Annotated[CallToolResult, AnswerShown]:
        """Answer a question from the archive, each sentence cited, or say that it has no answer."""
        turns = tuple(_turn(turn) for turn in history if turn.question.strip())
        asked = question_from(question, turns, filters=filters_in(since, until, source))
        desk = await asyncio.to_thread(self.load)
        answer = await desk.assistant.ask(asked)
        fields = particulars_of(answer) | {"citations": citations_of(answer)}
        return result(AnswerShown(answer=answer.text, **fields), answer_text(answer))

    async def read(
        self,
        article_id: ArticleId,
        start: Annotated[int, Field(ge=0, description="The first character to read.")] = 0,
        length: Annotated[
            int, Field(ge=1, le=LONGEST_PIECE, description="The most characters to read.")
        ] = 4000,
    ) -> Annotated[CallToolResult, PieceShown]:
        """Read an article, or a piece of it: the context of a quote, or all, piece by piece."""
        article = await asyncio.to_thread(self.article, article_id)
        piece = await asyncio.to_thread(self.piece, article, start, length)
        return result(piece, piece_text(article, piece))

    async def check(
        self,
        text: Annotated[
            str, Field(max_length=LONGEST_CHECKED, description="A sentence, or a short text.")
        ],
    ) -> Annotated[CallToolResult, CheckedShown]:
        """Check a text against the archive, sentence by sentence.

        Each is supported, contradicted, not found, or claims nothing. That a sentence is not found
        is no verdict on it.
        """
        draft = draft_from(text)
        desk = await asyncio.to_thread(self.load)
        checked = await desk.drafts.check(draft.text)
        return result(CheckedShown(**checked_object(checked)), checked_text(checked))

    async def whats_new(
        self,
        since: Annotated[
            str,
            Field(max_length=40, description="How far back: 24h, 7d, 2w, or a day: 2026-11-01."),
        ] = "24h",
        topic: Annotated[
            str, Field(max_length=2000, description="Only stories that bear on this topic.")
        ] = "",
        most: Annotated[int, Field(ge=1, le=20, description="The most stories.")] = 8,
    ) -> Annotated[CallToolResult, NewsShown]:
        """Tell the stories of a time, each with cited sentences, those of most outlets first."""
        begin = time_since(since, name="since")
        topic = question_from(topic).text if topic.strip() else ""
        desk = await asyncio.to_thread(self.load)
        now = datetime.now().astimezone()
        digest = await desk.digests.digest(begin, now, topic, most)
        return result(NewsShown(**digest_object(digest)), news_text(digest))

    def article(self, article_id: str) -> Article:
        """Return an article. One under an embargo is not there before its time.

        Raises:
            ArticleNotFound: no article has the id.
        """
        wanted = article_id.strip().lower()
        found = self._desk.catalog.articles([wanted]).get(wanted)
        if found is None or found.is_held(time.time()):
            raise ArticleNotFound(
                f"No article has the id {wanted!r}: take one from the results of search or ask."
            )
        return found

    def newest(self, most: int) -> list[Article]:
        """Return the newest articles, those without a date last."""
        return self._desk.catalog.newest(most)

    def piece(self, article: Article, start: int, length: int) -> PieceShown:
        """Return a piece of an article's text; one that begins after the end is empty."""
        whole = len(article.body)
        begin = min(start, whole)
        end = min(begin + length, whole)
        shown = ArticleShown.model_validate(article_object(article, self._desk.sources.gone()))
        return PieceShown(
            article=shown,
            text=article.body[begin:end],
            start=begin,
            end=end,
            length=whole,
            next_start=end if end < whole else None,
        )


def _turn(turn: TurnGiven) -> Turn:
    said = " ".join(without_sources(turn.answer).split())
    return Turn(" ".join(turn.question.split()), said[:_LONGEST_TURN])
