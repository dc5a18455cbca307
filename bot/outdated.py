"""Which answers the bot gave from sentences that no longer stand in their articles."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.telegram.storage.conversations import Answered, Conversations
from bot.telegram.storage.store import Store
from retrieval.answers import Citation
from retrieval.archive.catalog import Catalog
from retrieval.archive.history import withdrawn_since
from retrieval.news.changes import lost, stands
from retrieval.text.citation_markers import MARKER
from retrieval.text.words import content_words

_CITED = re.compile(rf"(.+?)((?:\s*{MARKER.pattern})+)")
_LOOKED_THROUGH = 5
"""Passages in which a quote is looked for whose article is not there."""


@dataclass(frozen=True, slots=True)
class LostQuote:
    """A quote of an answer that no longer stands.

    `sentence` is the answer's. `was` is the part of the quote that is gone, and `now` what stands
    instead, or empty. Where the whole article is gone, `removed` says why: "removed", the
    reason that its agency gave for withdrawing it, or "withdrawn" where it gave none.
    """

    citation: Citation
    sentence: str
    was: str
    now: str
    removed: str = ""


@dataclass(frozen=True, slots=True)
class OutdatedAnswer:
    """An answer that the bot gave, some of whose quotes no longer stand; `at` is when, in UTC."""

    id: int
    chat_id: int
    user_id: int
    question_message: int
    messages: tuple[int, ...]
    question: str
    at: datetime
    quotes: tuple[LostQuote, ...]


def outdated(store: Store, catalog: Catalog, since: float = 0) -> list[OutdatedAnswer]:
    """Return the answers since a time (seconds since 1970) that no longer stand, newest first.

    A quote is looked for by its words, wherever it stands now. An article that was moved counts
    as the same; one that was removed or withdrawn bears out nothing. A version under an embargo is
    told of when that ends.

    Raises:
        ArchiveUnreadable: the catalog cannot be read.
    """
    reasons = {one.article_id: one.reason for one in withdrawn_since(catalog, 0)}
    found = []
    for answered, at in Conversations(store).every(since):
        quotes = tuple(_lost(answered, catalog, reasons))
        if quotes:
            found.append(
                OutdatedAnswer(
                    id=answered.id,
                    chat_id=answered.chat_id,
                    user_id=answered.user_id,
                    question_message=answered.question_message,
                    messages=answered.messages,
                    question=answered.content["question"],
                    at=datetime.fromtimestamp(at, UTC),
                    quotes=quotes,
                )
            )
    return found


def _lost(answered: Answered, catalog: Catalog, reasons: dict[str, str]) -> Iterator[LostQuote]:
    citations, now = answered.citations, time.time()
    articles = catalog.articles(citation.article_id for citation in citations)
    for citation in citations:
        article = articles.get(citation.article_id)
        if article and (article.is_held(now) or stands(citation.quote, article.body)):
            continue
        sentence = _sentence(answered.content["answer"], citation.number)
        if article:
            for gone in lost(citation.quote, article.body):
                yield LostQuote(citation, sentence, gone.was, gone.now)
        elif citation.article_id in reasons or not _moved(citation, catalog):
            why = reasons.get(citation.article_id, "removed") or "withdrawn"
            yield LostQuote(citation, sentence, citation.quote, "", why)


def _moved(citation: Citation, catalog: Catalog) -> bool:
    """Return whether an article of the same title elsewhere has the quote."""
    found = catalog.full_text(content_words(citation.quote), _LOOKED_THROUGH)
    articles = catalog.articles(passage.article_id for passage, _ in found).values()
    return any(a.title == citation.title and stands(citation.quote, a.body) for a in articles)


def _sentence(answer: str, number: int) -> str:
    """Return the sentence of an answer that cites a number, without its marks, or ""."""
    for line in answer.splitlines():
        for match in _CITED.finditer(line):
            if str(number) in MARKER.findall(match[2]):
                return match[1].strip()
    return ""
