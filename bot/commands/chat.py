"""`newsdesk chat`: a conversation in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import EngineChoice, EnvFile, Home, NoLog, open_archive
from bot.commands.narrowing import AsOf, FromDay, Outlets, Retrieved, UntilDay, day_of, narrowed


def chat(
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    since: FromDay = None,
    until: UntilDay = None,
    sources: Outlets = None,
    as_of: AsOf = None,
    retrieved: Retrieved = None,
    no_log: NoLog = False,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Ask questions one after another.

    A follow-up knows what was said before. In the chat, /sources shows the quotes of the last
    answer in their context, /open 1 opens a source, /filter source:BBC narrows the conversation,
    /export FILE writes it to a file, /new begins another and /quit leaves. Ctrl-C stops an answer,
    Ctrl-D leaves. What was said is kept: `newsdesk log` lists it.
    """
    from bot.console import converse

    filters, day = narrowed(since, until, sources), day_of(as_of)
    desk = open_archive(home, env_file, engine, retrieved=retrieved)
    converse(desk, filters, day, go_on=go_on, keep=not no_log)
