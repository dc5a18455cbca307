"""`newsdesk digest`: the stories of a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from bot.commands.changes import Since
from bot.commands.common import (
    AsJson,
    EngineChoice,
    EnvFile,
    Home,
    UsageError,
    open_archive,
    print_json,
    print_message,
    screen,
)


def digest(
    since: Since = None,
    topic: Annotated[
        str,
        typer.Option(
            "--topic",
            metavar="WORDS",
            show_default=False,
            help="Keep to the stories that bear on a topic, in your own words.",
        ),
    ] = "",
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, with links.")
    ] = False,
    as_json: AsJson = False,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Tell what is new, story by story.

    Tells of the last day, unless --since says otherwise; stories of most outlets come first. Each
    has its headline, two or three sentences with their sources, and every outlet; those that carry
    the same text are one source. Articles count by the day they were published, and those without
    a date by when they came.
    """
    import asyncio

    from bot.questions import question_from
    from bot.rendering.digest import digest_markdown, digest_object, digest_view, nothing_new
    from bot.rendering.terminal import can_link, page
    from bot.since import since as read

    if as_json and as_markdown:
        raise UsageError("--json and --markdown exclude each other: choose one.")
    begin = read("24h" if since is None else since)
    topic = question_from(topic).text if topic else ""
    desk = open_archive(home, env_file, engine)
    now = datetime.now().astimezone()
    found = asyncio.run(desk.digests.digest(begin, now, topic))
    if as_json:
        print_json(digest_object(found))
    elif not found.items:
        print_message(nothing_new(found))
    elif as_markdown:
        print(digest_markdown(found), end="")
    else:
        console = screen()
        page(console, digest_view(found, linked=can_link(console)))
