"""Opens an article to be read beside an answer: its text, the place, and where else it ran."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.rendering.articles import states
from bot.rendering.links import marked
from bot.rendering.terminal import also_in, dateline, link
from bot.serving.exchanges import Pointer, pointer
from corpus.article import Article
from retrieval.answering.outlets import with_outlets
from retrieval.answers import Answer, Citation

if TYPE_CHECKING:
    from bot.wiring import Desk


@dataclass(frozen=True, slots=True)
class Opened:
    """An article that is read beside the answer, the words from `start` to `end` marked.

    `lost` is a quote that the article had when it was cited, and has no longer. `carried` names the
    other outlets with the same text, and `more` are those that tell of the same event. `gone` says
    since when articles are gone from the web, by URI.
    """

    article: Article
    start: int = 0
    end: int = 0
    lost: str = ""
    carried: str = ""
    more: tuple[Pointer, ...] = ()
    gone: dict[str, float] | None = None

    @property
    def about(self) -> str:
        """Outlet, day and page, as far as known."""
        article = self.article
        page = article.page_at(self.start) if self.end else None
        about = dateline(article.source, article.published)
        return ", ".join(filter(None, (about, f"p. {page}" if page else "")))

    @property
    def states(self) -> str:
        """What a reader must know of how the article was read."""
        return ", ".join(states(self.article, self.gone or {}))

    @property
    def address(self) -> str:
        """The article's address on the web with the quoted words marked there, or ""."""
        quoted = self.article.body[self.start : self.end]
        return web_address(self.article.url, self.article.uri, quoted)

    def paragraphs(self) -> Iterator[list[tuple[str, bool]]]:
        """Yield the article's paragraphs in pieces, each with whether it is marked."""
        at = 0
        for paragraph in self.article.body.split("\n\n"):
            first = min(max(self.start - at, 0), len(paragraph))
            last = min(max(self.end - at, first), len(paragraph))
            parts = (paragraph[:first], paragraph[first:last], paragraph[last:])
            yield [(part, i == 1) for i, part in enumerate(parts) if part]
            at += len(paragraph) + len("\n\n")


def open_article(
    desk: Desk, article_id: str, start: int, end: int, cited: Sequence[Citation] = ()
) -> Opened | None:
    """Return an article with what is known of it, or None if there is none to be read.

    `cited` are the citations of the answer that it is opened from: if one is of that place, and the
    article has other words there now, nothing is marked.
    """
    article = desk.catalog.articles([article_id]).get(article_id)
    if not article or article.is_held(time.time()):
        return None
    if not start < end <= len(article.body):
        start = end = 0
    quotes = [c.quote for c in cited if (c.article_id, c.start, c.end) == (article_id, start, end)]
    lost = quotes[0] if quotes and quotes[0] != article.body[start:end] else ""
    if lost:
        start = end = 0
    told = with_outlets(Answer("", "", "[1]", (_citation(article, start, end),)), desk.catalog)
    more = tuple(map(pointer, desk.more.on(told)))
    return Opened(article, start, end, lost, also_in(told.citations), more, desk.sources.gone())


def web_address(url: str, uri: str, quoted: str) -> str:
    """Return the web address of a source with its quote marked, or "" for a file of the owner's."""
    address = link(url, "") or link("", uri)
    return marked(address, quoted) if re.match(r"(?i)https?://", address) else ""


def _citation(article: Article, start: int, end: int) -> Citation:
    """Return a citation of an article: of what is marked in it, else of its first paragraph."""
    end = end or len(article.body.partition("\n\n")[0])
    return Citation(
        1, article.id, "", article.title, article.source, article.published, article.url,
        article.uri, article.body[start:end], start, end, article.page_at(start),
        excerpt=article.excerpt,
    )  # fmt: skip
