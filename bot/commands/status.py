"""`newsdesk status`: the contents of the archive, and its problems."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from bot.commands.common import AsJson, EnvFile, Home, open_archive, print_json, screen

if TYPE_CHECKING:
    from bot.health import Health


def status(as_json: AsJson = False, home: Home = None, env_file: EnvFile = None) -> None:
    """Show what the archive holds, and what is wrong with it.

    Where a model service is set up, it is asked for its models, which costs nothing. The exit
    status is 1 when something is wrong; each problem says what to do about it.
    """
    from bot.health import examine

    health = examine(open_archive(home, env_file))
    if as_json:
        print_json(asdict(health))
    else:
        _print(health)
    if health.problems:
        raise typer.Exit(1)


def _print(health: Health) -> None:
    from rich.text import Text

    from bot.rendering.terminal import Hanging, printable, show

    console = screen()
    rows = {
        "Articles": "unknown" if health.articles is None else f"{health.articles:,}",
        "Passages": "unknown" if health.passages is None else f"{health.passages:,}",
        "Dates": _dates(health),
        "Engine": health.engine,
        "Encoder": health.encoder or "unknown",
        "Reader": health.reader or "unknown",
        "Index": health.index or "unknown",
        "Home": health.home,
        **({"Database": health.database} if health.database else {}),
        **({"Vectors": health.vectors} if health.vectors else {}),
        "Disk used": _disk(health),
    }
    for name, value in rows.items():
        show(console, Hanging(Text(f"{name:<11}", style="dim"), Text(printable(value))))
    empty = "none; add articles with `newsdesk ingest FOLDER`"
    for problem in health.problems or ["none" if health.articles else empty]:
        style = "bold red" if health.problems else "dim"
        show(console, Hanging(Text(f"{'Problems':<11}", style=style), Text(printable(problem))))


def _disk(health: Health) -> str:
    used = f"{health.disk_bytes / 1e6:,.1f} MB"
    if not health.telegram_bytes:
        return used
    return f"{used}, of which Telegram's questions and answers {health.telegram_bytes / 1e6:,.1f}"


def _dates(health: Health) -> str:
    if health.earliest is None:
        return "none known"
    return f"{health.earliest} to {health.latest}"
