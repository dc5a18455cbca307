"""The `newsdesk` command. Results go to stdout; errors become one line on stderr.

A help text needs only typer; a command imports everything else when it runs.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.commands.articles import articles
from bot.commands.ask import ask
from bot.commands.changes import changes
from bot.commands.chat import chat
from bot.commands.check import check
from bot.commands.common import (
    INTERRUPTED,
    EnvFile,
    Home,
    UsageError,
    close_desks,
    examples,
    explain,
    print_message,
)
from bot.commands.conversations import export, log
from bot.commands.copy import copy
from bot.commands.digest import digest
from bot.commands.eval import evaluate
from bot.commands.feedback import feedback
from bot.commands.follow import follow, following, refresh, unfollow
from bot.commands.ingest import ingest
from bot.commands.mcp import mcp
from bot.commands.narrowing import WithWords
from bot.commands.search import search
from bot.commands.serve import serve
from bot.commands.setup import setup
from bot.commands.sources import app as sources
from bot.commands.status import status
from bot.commands.telegram import telegram
from bot.commands.timeline import timeline
from bot.commands.usage import usage
from retrieval.errors import BadQuestion


class _Commands(TyperGroup):
    """A group that prints "Interrupted." on Ctrl-C; typer itself would exit silently."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print_message("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="newsdesk",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(
    cls=WithWords,
    epilog=examples(
        'newsdesk ask "When did the third truce take effect?"',
        'newsdesk ask --source BBC --since 2020-10 "Who brokered the truce?"',
        'newsdesk ask --explain "When did the third truce take effect?"',
        'newsdesk ask --json "When did the third truce take effect?"',
        'newsdesk ask --engine extractive "When did the third truce take effect?"',
        "newsdesk ask --json --batch questions.jsonl > answers.jsonl",
        "echo 'Who brokered it?' | newsdesk ask -",
    ),
)(ask)
app.command(
    epilog=examples(
        'newsdesk timeline "the truces"',
        'newsdesk timeline --as-of 2020-10-31 "the truces"',
        'newsdesk timeline --json "the truces"',
    )
)(timeline)
app.command(
    epilog=examples(
        "newsdesk chat",
        "newsdesk chat --continue",
        "newsdesk chat --engine extractive",
        "newsdesk chat < questions.txt",
    )
)(chat)
app.command(
    epilog=examples("newsdesk log", "newsdesk log --search truce", "newsdesk log -n 5 --json")
)(log)
app.command(epilog=examples("newsdesk export 7 > talk.md", "newsdesk export 7.2 --format json"))(
    export
)
app.command(
    cls=WithWords,
    epilog=examples(
        "newsdesk search peacekeepers in Karabakh",
        "newsdesk search truce -oil source:BBC after:2020-10",
        "newsdesk search '\"third truce\"'",
        "newsdesk search --json -k 3 truce",
    ),
)(search)
app.command(
    cls=WithWords,
    epilog=examples(
        "newsdesk articles Macron",
        "newsdesk articles truce -oil source:BBC after:2020-10 -n 5",
        "newsdesk articles '\"Lachin corridor\"' --json",
    ),
)(articles)
app.command(
    epilog=examples(
        "newsdesk check draft.md",
        "newsdesk check < draft.txt",
        "newsdesk check --html draft.md > checked.html",
        "newsdesk check --json --batch claims.jsonl > verdicts.jsonl",
    )
)(check)
app.command(
    epilog=examples(
        "newsdesk ingest articles/",
        "newsdesk ingest monday.jsonl page.html",
        "newsdesk ingest --prune articles/",
        "newsdesk ingest --rebuild",
    )
)(ingest)
app.command(
    epilog=examples(
        "newsdesk copy --to backup/",
        "newsdesk copy --from ~/newsdesk --to postgresql://news@db.example.org/news",
        "newsdesk copy --from ~/newsdesk  # to the database and Chroma of the settings",
    )
)(copy)
app.command(
    epilog=examples(
        "newsdesk digest",
        'newsdesk digest --since 7d --topic "the peace talks"',
        "newsdesk digest --markdown > today.md",
        "newsdesk digest --json",
    )
)(digest)
app.command(
    epilog=examples("newsdesk follow https://example.org/feed.xml", "newsdesk follow example.org")
)(follow)
app.command(epilog=examples("newsdesk unfollow https://example.org/feed.xml"))(unfollow)
app.command(epilog=examples("newsdesk following", "newsdesk following --json"))(following)
app.command(epilog=examples("newsdesk refresh", "newsdesk refresh --watch"))(refresh)
app.add_typer(sources, name="sources")
app.command(
    epilog=examples(
        "newsdesk changes",
        "newsdesk changes --since 24h",
        "newsdesk changes --answers",
        "newsdesk changes --since 2026-11-01 --json",
    )
)(changes)
app.command(epilog=examples("newsdesk setup", "newsdesk setup --yes"))(setup)
app.command(epilog=examples("newsdesk status", "newsdesk status --json"))(status)
app.command(
    "eval",
    epilog=examples(
        "newsdesk eval --init questions.jsonl",
        "newsdesk eval questions.jsonl --html report.html",
        "newsdesk eval questions.jsonl --baseline baseline.json --save-baseline",
        "newsdesk eval questions.jsonl --baseline baseline.json --gate",
    ),
)(evaluate)
app.command(epilog=examples("newsdesk serve", "newsdesk serve --port 8080"))(serve)
app.command(epilog=examples("newsdesk mcp", "newsdesk mcp --home archive"))(mcp)
app.command(epilog=examples("newsdesk telegram --check", "newsdesk telegram"))(telegram)
app.command(epilog=examples("newsdesk feedback", "newsdesk feedback --export > candidates.jsonl"))(
    feedback
)
app.command(epilog=examples("newsdesk usage", "newsdesk usage --json"))(usage)


def _show_version(wanted: bool) -> None:
    if wanted:
        from bot.version import installed_version

        print(f"newsdesk {installed_version()}")
        raise typer.Exit


@app.callback(
    epilog=examples(
        "newsdesk ingest articles/",
        'newsdesk ask "When did the third truce take effect?"',
        "newsdesk chat",
    )
)
def newsdesk(
    home: Home = None,
    env_file: EnvFile = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Ask a news archive questions; every sentence of an answer is cited.

    Put articles in with `ingest`, then `ask`, or `chat`.
    """


def main() -> None:
    """Run the command line and exit: 0 success, 1 failure, 2 wrong usage, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # Escape letters that the terminal's encoding lacks, rather than fail.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    status = _run()
    gc.freeze()  # skip the last garbage collection, which would scan every imported module
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is ending already
    close_desks()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        if not status and not isinstance(error, BrokenPipeError):
            print_message(f"The output cannot be written: {error.strerror}.")
        # The rest of the buffer would only fail again when Python closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


def _run() -> int | str | None:
    try:
        app(prog_name="newsdesk")
    except SystemExit as end:
        return end.code
    except KeyboardInterrupt:
        print_message("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        # Read here and not from the settings, whose loading may have failed.
        if os.environ.get("NEWSDESK_DEBUG"):
            raise
        print_message(explain(error))
        return 2 if isinstance(error, BadQuestion | UsageError) else 1
    return 0
