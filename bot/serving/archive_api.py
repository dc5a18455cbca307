"""The archive itself: search it, read its articles, check a text against it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from bot.drafts import draft_from
from bot.questions import question_from
from bot.rendering.articles import article_object
from bot.rendering.as_json import checked_object, found_object
from bot.serving.schemas import (
    FAILURES,
    CarrierShown,
    CitationShown,
    Day,
    FiltersGiven,
    Phrases,
)
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


class ArticleShown(BaseModel):
    """An article, without its text. `gone` is the day since which it is gone from the web."""

    id: str
    title: str
    source: str
    published: date | None
    url: str | None
    uri: str
    excerpt: bool
    gone: date | None = None


class AddressShown(BaseModel):
    """Another place where the same text was found."""

    uri: str
    title: str
    source: str
    published: date | None
    url: str | None


class WholeArticle(ArticleShown):
    """An article. Offsets of citations count the code points of `body`."""

    body: str
    addresses: list[AddressShown]


class MatchShown(BaseModel):
    """A passage that was found. `marks` are places in `text` of the words looked for."""

    passage_id: str
    text: str
    start: int
    end: int
    score: float
    marks: list[tuple[int, int]]
    article: ArticleShown
    page: int | None = None
    also: list[CarrierShown] = []


class FoundShown(BaseModel):
    """What a search found, best first; `filters` are as they can be typed."""

    query: str
    filters: str
    matches: list[MatchShown]
    notice: str = ""


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


class DifferenceShown(BaseModel):
    """What a sentence has otherwise than a quote: `text` is its own, `quote` what that has."""

    kind: str
    text: str
    quote: list[str]


class CheckedSentenceShown(BaseModel):
    """A sentence of the text, what was found about it, and how probable it is."""

    start: int
    end: int
    text: str
    verdict: Literal["supported", "contradicted", "not_found", "no_claim"]
    score: float
    quotes: list[CitationShown]
    differences: list[DifferenceShown]
    nearest: CitationShown | None
    reason: str


class CheckedShown(BaseModel):
    """A checked text; the sentences' offsets point into `text`, which has been cleaned."""

    text: str
    counts: dict[str, int]
    sentences: list[CheckedSentenceShown]


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

    @router.get("/articles/{article_id}", response_model=WholeArticle)
    def article(article_id: ArticleId) -> Any:
        """Read an article. One under an embargo is not there before its time."""
        held = desk.catalog.articles([article_id]).get(article_id)
        if held is None or (held.embargo and held.embargo > datetime.now(UTC)):
            raise ArticleNotFound(f"There is no article with the id {article_id}.")
        others = desk.catalog.addresses([article_id]).get(article_id, [])
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
