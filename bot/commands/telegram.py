"""`newsdesk telegram`: the Telegram bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import EnvFile, Home, open_desk

if TYPE_CHECKING:
    from bot.wiring import Desk


def telegram(
    check: Annotated[
        bool,
        typer.Option("--check", help="Only try the token, the archive and the engine, and exit."),
    ] = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Answer questions in Telegram until Ctrl-C or SIGTERM.

    Takes the token that @BotFather gave you from TELEGRAM_BOT_TOKEN; `.env.example` has the
    other settings. It logs to stderr. A question that was taken in is answered even if the bot is
    stopped or the machine goes down meanwhile: after the next start.
    """
    desk = open_desk(home, env_file)
    if check:
        _check(desk)
        return
    from bot.telegram.application import run

    run(desk)


def _check(desk: Desk) -> None:
    """Print the state of token, engine and archive; exit with 1 if there is a problem."""
    from bot.health import examine
    from bot.rendering.terminal import printable
    from bot.telegram.checking import try_token, try_webhook_of
    from bot.telegram.conversation.access import open_to_all
    from retrieval.errors import SettingsError

    who = try_token(desk.settings)
    health = examine(desk)
    problems = list(health.problems)
    if not health.articles and not problems:
        problems.append("The archive is empty: add articles with `newsdesk ingest FOLDER`.")
    print(f"Token    ok: {printable(who)}")
    try:
        print(f"Updates  {printable(try_webhook_of(desk.settings))}")
        unreachable = False
    except SettingsError as error:
        print(f"Problem  {printable(str(error))}")
        unreachable = True
    print(f"Engine   {health.engine}")
    if not problems:
        print(f"Archive  ok: {health.articles:,} articles, {health.passages:,} passages")
    for problem in problems:
        print(f"Problem  {printable(problem)}")
    if health.engine and (warning := open_to_all(desk)):
        print(f"Warning  {warning}")
    if problems or unreachable:
        raise typer.Exit(1)
