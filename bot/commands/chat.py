"""`newsdesk chat`: a conversation in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import EngineChoice, EnvFile, Home, NoLog, open_archive


def chat(
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    no_log: NoLog = False,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Ask questions one after another.

    A follow-up knows what was said before. In the chat, /sources shows the quotes of the last
    answer in their context, /open 1 opens a source, /export FILE writes the conversation to a
    file, /new begins another and /quit leaves. Ctrl-C stops an answer, Ctrl-D leaves. What was
    said is kept: `newsdesk log` lists it.
    """
    from bot.console import converse

    converse(open_archive(home, env_file, engine), go_on=go_on, keep=not no_log)
