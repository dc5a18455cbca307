"""`newsdesk search`: the passages that have some words, or are near to them in meaning."""

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
from bot.commands.narrowing import (
    MOST_PASSAGES,
    AsOf,
    FromDay,
    Outlets,
    UntilDay,
    day_of,
    narrowed,
    typed,
)


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", show_default=False, help="What to look for.")
    ],
    most: Annotated[
        int,
        typer.Option(
            "-k", metavar="N", min=1, max=MOST_PASSAGES, help="The most passages to show."
        ),
    ] = 10,
    since: FromDay = None,
    until: UntilDay = None,
    sources: Outlets = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Show the passages that match some words best.

    "some words" must stand side by side, -word must not be in the article; source:NAME,
    after:2020-10, before:2020-11-10, on:2020 and in:title WORD narrow it to some articles.
    """
    from bot.questions import question_from

    filters, day = narrowed(since, until, sources), day_of(as_of)
    asked = question_from(typed(words), as_of=day, filters=filters)
    found = open_archive(home, env_file).finder.find(asked, most)
    if as_json:
        from bot.rendering.as_json import found_object

        print_json(found_object(found))
        return
    from bot.rendering.found import found_view
    from bot.rendering.terminal import can_link, show

    if found.notice:
        print_message(found.notice)
    if found.hits:
        console = screen()
        show(console, found_view(found.hits, linked=can_link(console)))
