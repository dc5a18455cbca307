"""What the archive's routes return, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel

from bot.serving.schemas import CarrierShown, CitationShown


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


class MentioningShown(ArticleShown):
    """An article that mentions what was looked for: how often, and a sentence that does."""

    mentions: int | None
    quote: str
    start: int
    end: int
    also: list[CarrierShown] = []


class MentionsShown(BaseModel):
    """Articles that mention some words, the newest first, and how many there are in all."""

    total: int
    articles: list[MentioningShown]


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
    lacking: list[str]
    reason: str


class CheckedShown(BaseModel):
    """A checked text; the sentences' offsets point into `text`, which has been cleaned."""

    text: str
    counts: dict[str, int]
    sentences: list[CheckedSentenceShown]
