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
from bot.commands.narrowing import AsOf, FromDay, Outlets, UntilDay, day_of, narrowed, typed
from retrieval.text.counted import counted


def articles(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORDS", show_default=False, help="What they mention."),
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=1000, help="The most articles to list.")
    ] = 20,
    since: FromDay = None,
    until: UntilDay = None,
    sources: Outlets = None,
    as_of: AsOf = None,
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
    from bot.mentioning import listed
    from bot.rendering.mentions import mentions_object, show_mentions
    from prompts import line

    filters, day = narrowed(since, until, sources), day_of(as_of)
    desk = open_archive(home, env_file)
    found, total = listed(desk, typed(words or ()), limit, filters, day)
    if as_json:
        print_json(mentions_object(found, total, desk.sources.gone()))
        return
    if not found:
        nothing = desk.catalog.is_empty()
        print_message(line("empty_archive") if nothing else "There is no such article.")
        return
    show_mentions(screen(), found)
    shown = f"; the newest {len(found)} are listed" if len(found) < total else ""
    print_message(f"{counted(total, 'article')}{shown}.")
