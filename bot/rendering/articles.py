"""Renders articles as a list, a page, or JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.rendering.terminal import dateline, place_view, printable, show
from corpus.article import Article

_LEAST_DIGITS = 8


def article_object(article: Article) -> dict[str, Any]:
    """Return an article's JSON object, as `newsdesk sources --json` prints it."""
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url or None,
        "uri": article.uri,
    }


def show_articles(console: Console, articles: Sequence[Article]) -> None:
    """Print articles as columns on a terminal, or as whole fields between tabs elsewhere."""
    rows = [[a.id, _day(a), printable(a.source), printable(a.title)] for a in articles]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    digits = digits_to_tell_apart([article.id for article in articles])
    outlet = min(max((cell_len(row[2]) for row in rows), default=0), console.width // 4)
    for article_id, published, source, title in rows:
        line = Text.assemble((article_id[:digits], "cyan"), "  ", (f"{published:10}", "dim"), "  ")
        line += _cut(source, outlet, pad=True) + "  "
        line += _cut(title, console.width - line.cell_len)
        console.print(line, no_wrap=True)


def _cut(text: str, columns: int, *, pad: bool = False) -> Text:
    cut = Text(text)
    cut.truncate(max(columns, 1), overflow="ellipsis", pad=pad)
    return cut


def show_article(console: Console, article: Article) -> None:
    """Print an article: title, outlet and date, addresses, id, and body."""
    show(console, Text(printable(article.title), style="bold"))
    if about := dateline(article.source, article.published):
        show(console, Text(printable(about)))
    for place in dict.fromkeys(filter(None, (article.url, article.uri))):
        show(console, place_view(place, Text()))
    show(console, Text(article.id, style="dim"))
    for paragraph in article.body.split("\n\n"):
        show(console)
        show(console, Text(printable(paragraph)))


def digits_to_tell_apart(ids: Collection[str]) -> int:
    """Return the shortest prefix length, from 8 to 16, that tells all ids apart."""
    lengths = range(_LEAST_DIGITS, 16)
    return next((n for n in lengths if len({i[:n] for i in ids}) == len(ids)), 16)


def _day(article: Article) -> str:
    return article.published.isoformat() if article.published else ""
