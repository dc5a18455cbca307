"""The archive itself: search it, read its articles, check a text against it."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from bot.drafts import draft_from
from bot.mentioning import listed
from bot.questions import question_from
from bot.rendering.articles import article_object
from bot.rendering.as_json import checked_object, found_object
from bot.rendering.mentions import mentions_object
from bot.serving.schemas import FAILURES, Day, FiltersGiven, Phrases
from bot.serving.shown import CheckedShown, FoundShown, MentionsShown, WholeArticle
from corpus.cleaning import clean_line
from retrieval.errors import ArticleNotFound

if TYPE_CHECKING:
    from bot.wiring import Desk
    from retrieval.archive.filters import Filters

LONGEST_CHECKED = 20_000
"""Code points of a text that is checked in one request: some 200 sentences."""

_MOST = 50
Words = Annotated[str, Field(max_length=2000, description="What to look for, with filters.")]
Limit = Annotated[int, Field(ge=1, le=_MOST, description="The most passages.")]
AsOf = Annotated[Day | None, Field(description="Nothing that is later, or without a date.")]
ArticleId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


class SearchRequest(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid")

    q: Words
    k: Limit = 10
    filters: FiltersGiven | None = None
    as_of: AsOf = None


class CheckRequest(BaseModel):
    """A text to check."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=LONGEST_CHECKED)]
    as_of: AsOf = None


def routes(desk: Desk) -> APIRouter:
    """Return the routes of search, articles and check."""
    router = APIRouter(prefix="/v1", tags=["Archive"], responses=FAILURES)

    async def found(words: str, k: int, filters: Filters, as_of: date | None) -> dict[str, Any]:
        question = question_from(words, as_of=as_of, filters=filters)
        return found_object(await asyncio.to_thread(desk.finder.find, question, k))

    @router.get("/search", response_model=FoundShown, response_model_exclude_unset=True)
    async def search(
        q: Annotated[Words, Query()],
        k: Annotated[Limit, Query()] = 10,
        since: Annotated[Day | None, Query()] = None,
        until: Annotated[Day | None, Query()] = None,
        source: Annotated[Phrases, Query()] = [],  # noqa: B006
        as_of: AsOf = None,
    ) -> Any:
        """Find the passages for some words."""
        narrowed = FiltersGiven(since=since, until=until, sources=source)
        return await found(q, k, narrowed.filters(), as_of)

    @router.post("/search", response_model=FoundShown, response_model_exclude_unset=True)
    async def search_with(given: SearchRequest) -> Any:
        """Find the passages for some words."""
        narrowed = given.filters or FiltersGiven()
        return await found(given.q, given.k, narrowed.filters(), given.as_of)

    @router.get("/articles", response_model=MentionsShown, response_model_exclude_unset=True)
    def articles(
        q: Annotated[Words, Query()] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="The most articles.")] = 20,
        since: Annotated[Day | None, Query()] = None,
        until: Annotated[Day | None, Query()] = None,
        source: Annotated[Phrases, Query()] = [],  # noqa: B006
    ) -> Any:
        """List the articles that mention some words, the newest first; without any, all."""
        narrowed = FiltersGiven(since=since, until=until, sources=source).filters()
        found, total = listed(desk, clean_line(q), limit, narrowed)
        return mentions_object(found, total, desk.sources.gone())

    @router.get("/articles/{article_id}", response_model=WholeArticle)
    def article(article_id: ArticleId) -> Any:
        """Read an article. One under an embargo is not there before its time."""
        held = desk.catalog.articles([article_id]).get(article_id)
        if held is None or held.is_held(time.time()):
            raise ArticleNotFound(f"There is no article with the id {article_id}.")
        others = desk.catalog.addresses.of([article_id]).get(article_id, [])
        return article_object(held, desk.sources.gone()) | {
            "body": held.body,
            "addresses": [
                {
                    "uri": other.uri,
                    "title": other.title,
                    "source": other.source,
                    "published": other.published,
                    "url": other.url or None,
                }
                for other in others
            ],
        }

    @router.post("/check", response_model=CheckedShown, response_model_exclude_unset=True)
    async def check(given: CheckRequest) -> Any:
        """Check a text sentence by sentence, as `newsdesk check --json` does."""
        draft = draft_from(given.text, as_of=given.as_of)
        return checked_object(await desk.drafts.check(draft.text, as_of=draft.as_of))

    return router
