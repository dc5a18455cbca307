"""Renders articles as a list, a page, or JSON."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.rendering.terminal import dateline, gone_since, moment, page, place_view, printable
from corpus.article import Article

_LEAST_DIGITS = 8
_ROOM_FOR_OUTLETS = 60

_NONE: Mapping[str, float] = MappingProxyType({})


def article_object(article: Article, gone: Mapping[str, float] = _NONE) -> dict[str, Any]:
    """Return an article's JSON object, as `newsdesk sources --json` prints it.

    `gone` says since when articles are gone from the web, by URI, in seconds since 1970.
    """
    since = gone.get(article.uri)
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url or None,
        "uri": article.uri,
        "excerpt": article.excerpt,
        "gone": date.fromtimestamp(since).isoformat() if since else None,
        "embargo": article.embargo.isoformat() if article.embargo else None,
    }


def show_articles(console: Console, articles: Sequence[Article], gone: Mapping[str, float]) -> None:
    """Print articles as a table on a terminal, or as whole fields between tabs elsewhere."""
    rows = [
        [a.id, _day(a), printable(a.source), printable(a.title) + _state(a, gone)] for a in articles
    ]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    digits = digits_to_tell_apart([article.id for article in articles])
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("Id", style="cyan", no_wrap=True)
    table.add_column("Date", style="dim", no_wrap=True)
    if console.width >= _ROOM_FOR_OUTLETS:
        table.add_column("Outlet", no_wrap=True, ratio=1)
    table.add_column("Title", no_wrap=True, ratio=3)
    for article_id, published, source, title in rows:
        outlet = [source] if console.width >= _ROOM_FOR_OUTLETS else []
        table.add_row(*map(Text, [article_id[:digits], published, *outlet, title]))
    page(console, table)


def show_article(console: Console, article: Article, gone: Mapping[str, float]) -> None:
    """Print an article: title, outlet and date, addresses, id, and body."""
    title = Text.assemble((printable(article.title), "bold"), (_state(article, gone), "dim"))
    parts: list[RenderableType] = [title]
    if about := dateline(article.source, article.published):
        parts.append(Text(printable(about)))
    places = dict.fromkeys(filter(None, (article.url, article.uri)))
    parts += [place_view(place, Text()) for place in places]
    parts.append(Text(article.id, style="dim"))
    offset = 0
    for paragraph in article.body.split("\n\n"):
        parts += ["", _with_pages(article, offset, paragraph)]
        offset += len(paragraph) + len("\n\n")
    page(console, Group(*parts))


def digits_to_tell_apart(ids: Collection[str]) -> int:
    """Return the shortest prefix length, from 8 to 16, that tells all ids apart."""
    lengths = range(_LEAST_DIGITS, 16)
    return next((n for n in lengths if len({i[:n] for i in ids}) == len(ids)), 16)


def _with_pages(article: Article, start: int, paragraph: str) -> Text:
    """Render a paragraph of the body, with the number of each page at the place where it begins."""
    end = start + len(paragraph)
    begun = {offset: page for page, offset in enumerate(article.pages, 1) if start <= offset < end}
    text, at = Text(), start
    for offset, number in begun.items():
        text.append(printable(article.body[at:offset]))
        text.append(f"{' ' if offset > start else ''}[p. {number}] ", style="dim")
        at = offset
    return text.append(printable(article.body[at:end]))


def states(article: Article, gone: Mapping[str, float]) -> list[str]:
    """Return what a reader must know of how an article was read."""
    known = ["as the feed has it"] if article.excerpt else []
    if article.embargo and article.is_held(time.time()):
        known.append(f"embargoed until {moment(article.embargo)}")
    if since := gone.get(article.uri):
        known.append(gone_since(date.fromtimestamp(since)))
    return known


def _state(article: Article, gone: Mapping[str, float]) -> str:
    known = states(article, gone)
    return f" ({', '.join(known)})" if known else ""


def _day(article: Article) -> str:
    return article.published.isoformat() if article.published else ""
