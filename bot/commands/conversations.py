"""`newsdesk log` and `newsdesk export`: the conversations that are kept."""

from __future__ import annotations

from enum import Enum
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


class Format(Enum):
    """What a conversation can be written as."""

    MARKDOWN = "md"
    JSON = "json"


def log(
    search: Annotated[
        str,
        typer.Option(
            "--search",
            metavar="WORDS",
            show_default=False,
            help="Only those with all these words in the question or the answer.",
        ),
    ] = "",
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=10_000, help="The most questions to list.")
    ] = 20,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """List what was asked with `ask` and in `chat`.

    The newest comes first: id, time, question, answer. Of an id such as 7.2, 7 is the
    conversation and 2 the question in it. What is kept is deleted after as many days as
    NEWSDESK_KEEP_DAYS says.
    """
    from bot.rendering.conversations import kept_object, show_log

    desk = open_archive(home, env_file)
    found = desk.stores.conversations.newest(limit, search)
    if as_json:
        print_json([kept_object(kept) for kept in found])
    elif found:
        show_log(screen(), found)
    else:
        print_message("No question that is kept has these words." if search else "Nothing is kept.")


def export(
    conversation: Annotated[
        str,
        typer.Argument(metavar="ID", help="The id of a conversation, or of a question in one."),
    ],
    form: Annotated[
        Format, typer.Option("--format", help="Markdown with footnotes, or JSON.")
    ] = Format.MARKDOWN,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Print a conversation that was kept.

    The quotes are as they were when it was held. In JSON it is a list of what `newsdesk ask
    --json` prints.
    """
    from bot.rendering.conversations import conversation_markdown

    desk = open_archive(home, env_file)
    found = desk.stores.conversations.find(conversation)
    if form is Format.JSON:
        print_json([kept.answer for kept in found])
    else:
        print(conversation_markdown(found), end="")
