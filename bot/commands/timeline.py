"""`newsdesk timeline`: the course of something, in order."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.ask import answer_one
from bot.commands.common import AsJson, EnvFile, Home, NoLog, open_archive
from bot.commands.narrowing import AsOf, day_of, typed


def timeline(
    subject: Annotated[
        list[str], typer.Argument(metavar="SUBJECT", show_default=False, help="What to tell of.")
    ],
    as_json: AsJson = False,
    as_of: AsOf = None,
    no_log: NoLog = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Tell how something went, in order.

    Gives dated sentences of the articles in order, ten at most, each with its source. They are
    quoted, whatever the engine.
    """
    import asyncio

    from bot.questions import question_from, timeline_of

    asked = question_from(timeline_of(typed(subject)), as_of=day_of(as_of))
    desk = open_archive(home, env_file)
    with asyncio.Runner() as runner:
        answer_one(desk, asked, runner, as_json=as_json, explain=False, keep=not no_log)
