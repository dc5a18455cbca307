"""Renders the articles that mention something: as a list, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.rendering.articles import article_object, digits_to_tell_apart
from bot.rendering.as_json import carrier_object
from bot.rendering.terminal import also_in, page, printable
from retrieval.answers import Citation
from retrieval.search.mentions import Mention

Listed = Sequence[tuple[Mention, Citation]]
"""The articles, each with the sentence that mentions what was looked for."""


def mentions_object(listed: Listed, total: int, gone: Mapping[str, float]) -> dict[str, Any]:
    """Return the object that `newsdesk articles --json` prints; its keys are a contract.

    `mentions` is null where nothing was looked for. `also` are the other outlets that carry an
    article, if there are any.
    """
    return {
        "total": total,
        "articles": [_mention_object(mention, citation, gone) for mention, citation in listed],
    }


def _mention_object(
    mention: Mention, citation: Citation, gone: Mapping[str, float]
) -> dict[str, Any]:
    also = [carrier_object(carrier) for carrier in citation.also]
    return {
        **article_object(mention.article, gone),
        "mentions": mention.times or None,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    } | ({"also": also} if also else {})


def show_mentions(console: Console, listed: Listed) -> None:
    """Print articles as a table on a terminal, or as whole fields between tabs elsewhere.

    The fields are date, times mentioned, id, outlet, title, and the other outlets that carry it.
    """
    rows = [
        (
            str(mention.article.published or ""),
            str(mention.times or ""),
            mention.article.id,
            printable(mention.article.source),
            printable(mention.article.title),
            printable(also_in([citation])),
        )
        for mention, citation in listed
    ]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    digits = digits_to_tell_apart([mention.article.id for mention, _ in listed])
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("Date", style="dim", no_wrap=True)
    table.add_column("Times", justify="right", no_wrap=True)
    table.add_column("Id", style="cyan", no_wrap=True)
    table.add_column("Outlet", ratio=1)
    table.add_column("Title", ratio=3)
    for day, times, article_id, source, title, also in rows:
        outlet = Text(source) if not also else Text.assemble(source, (f", {also}", "dim"))
        table.add_row(*map(Text, (day, times, article_id[:digits])), outlet, Text(title))
    page(console, table)
