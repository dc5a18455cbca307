"""What requests and responses have in common, as the OpenAPI document describes it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.serving.errors import ErrorBody
from corpus.cleaning import clean_line
from retrieval.archive.filters import Filters

FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "The request cannot be served."},
    "5XX": {"model": ErrorBody, "description": "The server cannot serve it now."},
}
"""The responses of every route that are errors."""


def _written_day(value: Any) -> Any:
    if value is None or isinstance(value, date) or re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return value
    raise ValueError("a day is a text such as 2020-11-10")


Day = Annotated[date, BeforeValidator(_written_day)]
Phrase = Annotated[str, Field(max_length=200)]
Phrases = Annotated[list[Phrase], Field(max_length=20)]


class FiltersGiven(BaseModel):
    """What a question or search is narrowed to, beside the filters that are typed in its text."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Day | None, Field(description="Articles of this day or later.")] = None
    until: Annotated[Day | None, Field(description="Articles of this day or earlier.")] = None
    sources: Annotated[Phrases, Field(description="Articles of one of these outlets.")] = []
    phrases: Annotated[
        Phrases, Field(description="Passages with all of these words side by side.")
    ] = []
    titles: Annotated[Phrases, Field(description="Articles with all of these in the title.")] = []
    without: Annotated[Phrases, Field(description="Articles that mention none of these.")] = []

    def filters(self) -> Filters:
        """Return them as the search takes them."""

        def cleaned(texts: list[str]) -> tuple[str, ...]:
            return tuple(filter(None, map(clean_line, texts)))

        return Filters(
            self.since,
            self.until,
            cleaned(self.sources),
            cleaned(self.phrases),
            cleaned(self.titles),
            cleaned(self.without),
        )


class CarrierShown(BaseModel):
    """Another outlet that has the same words."""

    outlet: str
    published: date | None
    url: str | None
    uri: str


class CitationShown(BaseModel):
    """The source of an `[n]`: `quote` is `body[start:end]` of the article, in code points."""

    number: int
    article_id: str
    passage_id: str
    title: str
    source: str
    published: date | None
    url: str | None
    uri: str
    quote: str
    start: int
    end: int
    page: int | None = None
    also: list[CarrierShown] = []
    excerpt: bool = False


class UrlCitation(BaseModel):
    """Where in the content the mark of a source stands."""

    start_index: int
    end_index: int
    title: str
    url: str


class Particulars(BaseModel):
    """What Newsdesk says of an answer beside its text."""

    refused: bool = Field(description="Whether the archive does not answer the question.")
    nearest: list[str] = Field(description="The titles of articles near a refused question.")
    notice: str = Field(description="A line for the reader, or nothing.")
    engine: str = Field(description="What answered: extractive, or provider:model.")
    standalone_question: str = Field(description="The question without its conversation.")
    degraded: bool = Field(description="Whether the model failed.")
