"""Lists the articles that mention what somebody typed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from retrieval.answering.mentioning import cited
from retrieval.answering.outlets import carried
from retrieval.answers import Citation
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.search import syntax
from retrieval.search.mentions import Mention, mentions
from retrieval.text.words import content_words, words

if TYPE_CHECKING:
    from bot.wiring import Desk


def listed(
    desk: Desk, text: str, limit: int, filters: Filters = EVERYTHING, as_of: date | None = None
) -> tuple[list[tuple[Mention, Citation]], int]:
    """Return the newest articles that mention the words of a text, and how many there are in all.

    Each comes with the sentence that mentions them. Filters typed in the text stand too. What was
    published after the day `as_of` is left out, and not named as carrying an article either.

    Raises:
        BadQuestion: a day is none, or there are too many words.
    """
    asked = syntax.read(text)
    looked_for = content_words(asked.text) or words(asked.text)
    found = mentions(desk.catalog, looked_for, (filters & asked.filters).by(as_of), limit)
    sources = carried(cited(found.found), desk.catalog, as_of)
    return list(zip(found.found, sources, strict=True)), found.total
