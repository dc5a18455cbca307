"""`newsdesk articles`: which articles mention something."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import (
    AsJson,
    EnvFile,
    Home,
    open_archive,
    print_json,
    print_message,
    screen,
)
from bot.commands.narrowing import typed
from retrieval.text.counted import counted


def articles(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORDS", show_default=False, help="What they mention."),
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=1000, help="The most articles to list.")
    ] = 20,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """List the articles that mention some words, and how often.

    The newest come first. All words must be in an article, in any of their forms; "some words"
    side by side, and -word not; source:NAME, after:2020-10, before:2020-11-10, on:2020 and
    in:title WORD narrow the list. How often is, of several words, the one that it has least often.
    An article that several outlets carry is listed once.
    """
    from bot.rendering.mentions import mention_object, show_mentions
    from prompts import line
    from retrieval.answering.mentioning import cited
    from retrieval.answering.outlets import carried
    from retrieval.search import syntax
    from retrieval.search.mentions import mentions
    from retrieval.text.words import content_words
    from retrieval.text.words import words as every_word

    asked = syntax.read(typed(words or ()))
    looked_for = content_words(asked.text) or every_word(asked.text)
    desk = open_archive(home, env_file)
    found = mentions(desk.catalog, looked_for, asked.filters, limit)
    sources = carried(cited(found.found), desk.catalog)
    listed = list(zip(found.found, sources, strict=True))
    gone = desk.sources.gone()
    if as_json:
        rows = [mention_object(mention, source, gone) for mention, source in listed]
        print_json({"total": found.total, "articles": rows})
        return
    if not listed:
        there = desk.catalog.count_passages()
        print_message("There is no such article." if there else line("empty_archive"))
        return
    show_mentions(screen(), listed)
    shown = f"; the newest {len(listed)} are listed" if len(listed) < found.total else ""
    print_message(f"{counted(found.total, 'article')}{shown}.")
