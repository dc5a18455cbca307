"""Options, messages and output that the commands share."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrieval.errors import ArchiveError, NewsdeskError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.wiring import Desk


INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 + SIGINT, as shells have it."""


class UsageError(NewsdeskError):
    """The command line is wrong, such as two options that exclude each other; exit status 2."""


def _keep(
    context: typer.Context, parameter: typer.CallbackParam, value: Path | None
) -> Path | None:
    """Accept an option before the name of a sub-command as well as after it."""
    root = context.find_root()
    kept = root.obj = root.obj or {}
    if value is not None:
        kept[parameter.name] = value
    return value or kept.get(parameter.name)


def _engines(incomplete: str) -> list[str]:
    """Return the engines that the shell offers."""
    from bot.settings import ENGINES

    return [name for name in ENGINES if name.startswith(incomplete)]


Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        readable=False,
        callback=_keep,
        help="Folder that holds everything Newsdesk keeps, instead of NEWSDESK_HOME.",
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        metavar="FILE",
        readable=False,
        callback=_keep,
        help="File of settings, as .env in the home; the environment wins over it.",
    ),
]
EngineChoice = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What answers, instead of NEWSDESK_ENGINE: auto, extractive or openai.",
        autocompletion=_engines,
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
NoLog = Annotated[
    bool,
    typer.Option(
        "--no-log", help="Keep nothing of it, as NEWSDESK_KEEP_CONVERSATIONS=False does always."
    ),
]


def examples(*commands: str) -> str:
    """Return the Examples section of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


_desks = ExitStack()


def open_desk(
    home: Path | None,
    env_file: Path | None,
    engine: str | None = None,
    *,
    retrieved: int | None = None,
) -> Desk:
    """Open a desk with the settings in force; `close_desks` closes it.

    `retrieved` is how many passages an answer is made from, if not as many as usual.

    Raises:
        UsageError: there is no engine of that name.
        SettingsError: a setting cannot be used.
    """
    from bot.settings import ENGINES, load_settings, stay_private
    from bot.wiring import Desk

    if engine not in (None, *ENGINES):
        raise UsageError(f"--engine takes {', '.join(ENGINES)}, not {engine!r}.")
    stay_private()
    settings = load_settings(home, engine, env_file=env_file, notice=print_message)
    return _desks.enter_context(closing(Desk(settings, retrieved=retrieved)))


def open_archive(
    home: Path | None,
    env_file: Path | None,
    engine: str | None = None,
    *,
    retrieved: int | None = None,
    begin: tuple[str, str] = ("ingest", "FOLDER"),
) -> Desk:
    """Open a desk for a command that only reads, which makes no home where there is none.

    `begin` is the command, and what it takes, that a home is begun with.

    Raises:
        ArchiveError: the home that was named holds nothing of Newsdesk's.
    """
    from bot.settings import default_home

    desk = open_desk(home, env_file, engine, retrieved=retrieved)
    if not desk.is_begun and desk.settings.home != default_home():
        place = desk.settings.home
        command, what = begin
        raise ArchiveError(
            f"There is no archive at {place}: look for a slip in --home or NEWSDESK_HOME, or make "
            f"one there with `newsdesk {command} --home {shlex.quote(str(place))} {what}`."
        )
    return desk


def close_desks() -> None:
    """Close every desk that a command opened."""
    _desks.close()


def print_message(message: str) -> None:
    """Print a message to stderr as one line, without control characters and passwords."""
    from corpus.cleaning import clean_line
    from corpus.web.addresses import without_password

    if sys.stderr is not None:
        print(f"newsdesk: {without_password(clean_line(message))}", file=sys.stderr, flush=True)


def explain(error: Exception) -> str:
    """Return a one-line message for any error, such as "a.json: No such file or directory."."""
    if isinstance(error, NewsdeskError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}."
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {error}). "
        "NEWSDESK_DEBUG=1 shows where."
    )


def print_json(value: Any) -> None:
    """Print a value as one line of JSON and flush; escape non-ASCII unless stdout is UTF-8."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    unicode = encoding.lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not unicode), flush=True)


def screen(*, stderr: bool = False) -> Console:
    """Return the rich console for stdout, or stderr; it has colours and links on terminals only."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(label: str, expected: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Show a progress bar on stderr if that is a terminal.

    Yields a function to call after each step. `expected` returns the number of steps; it is
    called only if the bar is shown.
    """
    console = screen(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=expected())

        def advance() -> None:
            bar.advance(task)
            shown = bar.tasks[0]
            if shown.total is not None and shown.completed > shown.total:
                bar.update(task, total=shown.completed)

        yield advance
