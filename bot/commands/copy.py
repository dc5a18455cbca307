"""`newsdesk copy`: an archive goes from one home to another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.common import (
    INTERRUPTED,
    EnvFile,
    Home,
    UsageError,
    print_message,
    progress,
)

if TYPE_CHECKING:
    from bot.settings import Settings

_SERVERS = ("postgresql://", "postgres://")


def copy(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PLACE",
            show_default=False,
            help="Where the archive is: a folder or postgresql://…; otherwise as the settings say.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="PLACE",
            show_default=False,
            help="Where it goes: an empty folder or database; otherwise as the settings say.",
        ),
    ] = None,
    source_chroma: Annotated[
        str | None,
        typer.Option(
            "--from-chroma",
            metavar="URL",
            show_default=False,
            help="The Chroma server with the archive's vectors, if not as the settings say.",
        ),
    ] = None,
    target_chroma: Annotated[
        str | None,
        typer.Option(
            "--to-chroma",
            metavar="URL",
            show_default=False,
            help="The Chroma server that the vectors go to, if not as the settings say.",
        ),
    ] = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Copy an archive to another home.

    Everything goes: articles with their older versions, full text and vectors, what is followed,
    usage, conversations, ratings, and the bot's journal. Both ends are compared at last. A copy
    that was stopped goes on when the same command is run again; the archive is never changed.
    """
    from bot.copying import Copying
    from bot.settings import stay_private
    from bot.wiring import Desk

    if source is None and target is None:
        raise UsageError("copy takes --from, --to or both: a folder, or postgresql://….")
    stay_private()
    given = (source, source_chroma), (target, target_chroma)
    ends = [_settings(place, chroma, home, env_file) for place, chroma in given]
    with (
        closing(Desk(ends[0])) as there,
        closing(Desk(ends[1], unfinished=True)) as here,
        closing(Copying(there, here)) as copying,
    ):
        try:
            with progress("Copying", copying.steps) as advance:
                done = copying.run(advance)
        except KeyboardInterrupt:
            print_message("Interrupted: the same command goes on from there.")
            raise typer.Exit(INTERRUPTED) from None
    print(
        f"{done.target} is as {done.source}: {done.rows:,} rows and {done.vectors:,} vectors, "
        "compared at both ends."
    )


def _settings(
    place: str | None, chroma: str | None, home: Path | None, env_file: Path | None
) -> Settings:
    """Return the settings of an end. What a folder holds is in no server, unless one is named."""
    from bot.settings import load_settings

    named: dict[str, Any] = {} if chroma is None else {"chroma_url": chroma}
    if place is not None and place.startswith(_SERVERS):
        named["database_url"] = place
    elif place is not None:
        home = Path(place)
        named |= {"database_url": None, "chroma_url": chroma}
    return load_settings(home, env_file=env_file, notice=print_message, **named)
