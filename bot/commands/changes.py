"""`newsdesk changes`: what was corrected, and which answers were given from what was."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from bot.outdated import OutdatedAnswer
    from bot.settings import Settings
    from retrieval.archive.catalog import Catalog

Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        show_default=False,
        help="How far back: a span such as 24h or 7d, a day such as 2026-11-01, yesterday, monday, "
        "last week.",
    ),
]


def changes(
    since: Since = None,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers", help="List the bot's answers whose quotes no longer stand instead."
        ),
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """List the articles that were changed, and their sentences.

    The newest change comes first: of the last seven days, unless --since says otherwise. What
    stood is behind a minus, what stands now behind a plus. Articles that their agency withdrew
    come last. With --answers, every answer in Telegram is looked at that is still kept.
    """
    from bot.since import since as read

    begin = read(since if since is not None else "1970-01-02" if answers else "7d")
    desk = open_archive(home, env_file)
    if answers:
        _show_answers(_outdated(desk.settings, desk.catalog, begin), as_json)
    else:
        _show_changes(desk.catalog, begin, as_json)


def _show_changes(catalog: Catalog, begin: datetime, as_json: bool) -> None:
    from bot.rendering.changes import changes_object, changes_view
    from bot.rendering.terminal import moment, page
    from retrieval.archive.history import last_change, withdrawn_since
    from retrieval.news.changes import changes_since

    found = changes_since(catalog, begin.timestamp())
    withdrawn = withdrawn_since(catalog, begin.timestamp())
    if as_json:
        print_json(changes_object(found, withdrawn))
    elif found or withdrawn:
        page(screen(), changes_view(found, withdrawn))
    else:
        last = last_change(catalog)
        told = (
            f"the last change came on {moment(datetime.fromtimestamp(last, UTC))}"
            if last
            else "none has changed yet"
        )
        print_message(f"No article has changed since {moment(begin)}; {told}.")


def _show_answers(found: list[OutdatedAnswer], as_json: bool) -> None:
    from bot.rendering.changes import outdated_object, outdated_view
    from bot.rendering.terminal import page

    if as_json:
        print_json([outdated_object(answer) for answer in found])
    elif found:
        page(screen(), outdated_view(found))
    else:
        print_message("Every quote of the answers that are kept still stands.")


def _outdated(settings: Settings, catalog: Catalog, begin: datetime) -> list[OutdatedAnswer]:
    """Return the answers that no longer stand; making no file where there is none."""
    from bot.outdated import outdated
    from bot.telegram.storage.store import has_store, open_store

    if not has_store(settings):
        return []
    with closing(open_store(settings)) as store:
        return outdated(store, catalog, begin.timestamp())
