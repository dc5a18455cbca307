"""`newsdesk check`: a text of one's own against the archive, or a file of claims."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.batches import run_batch
from bot.commands.common import (
    AsJson,
    EnvFile,
    Home,
    UsageError,
    open_archive,
    print_json,
    print_message,
    progress,
    screen,
)

if TYPE_CHECKING:
    from asyncio import Runner

    from bot.drafts import Draft
    from bot.wiring import Desk
    from retrieval.drafts.findings import CheckedDraft


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="DRAFT",
            readable=False,
            show_default=False,
            help="The text, in a file; - or nothing reads it from stdin.",
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            readable=False,
            help="Check a JSON Lines file of claims, one object a line; - is stdin.",
        ),
    ] = None,
    as_json: AsJson = False,
    as_html: Annotated[
        bool, typer.Option("--html", help="Print a page for a browser, quotes beside the text.")
    ] = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Check a text of your own, sentence by sentence.

    Each sentence is borne out by the archive (with the quote, outlet and date), differs (it says
    otherwise), is not found, or claims nothing. A line of a batch is {"id", "text"}, and may have
    "as_of". The exit status is 0 whatever is found.
    """
    import asyncio

    if batch and (file or as_html):
        raise UsageError("Give a text, or --batch FILE; `newsdesk check --help` has examples.")
    if as_json and as_html:
        raise UsageError("Choose one of --json and --html.")
    if not (batch or file) and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("Give a file, or a text on stdin; `newsdesk check --help` has examples.")
    desk = open_archive(home, env_file)
    with asyncio.Runner() as runner:
        if batch is not None:
            _check_batch(desk, batch, runner)
        else:
            _check_one(desk, file or Path("-"), runner, as_json=as_json, as_html=as_html)


def _check_one(desk: Desk, path: Path, runner: Runner, *, as_json: bool, as_html: bool) -> None:
    from bot.drafts import read_draft

    draft = read_draft(path)
    checked = _checked(desk, draft, runner)
    if as_json:
        from bot.rendering.as_json import checked_object

        print_json(checked_object(checked))
    elif as_html:
        from bot.rendering.draft_page import draft_page

        sys.stdout.buffer.write(draft_page(checked, draft.title).encode())
    else:
        from bot.rendering.drafts import draft_view
        from bot.rendering.terminal import can_link, show

        console = screen()
        show(console, draft_view(checked, linked=can_link(console)))
    if checked.notice:
        print_message(checked.notice)


def _checked(desk: Desk, draft: Draft, runner: Runner) -> CheckedDraft:
    from retrieval.drafts.claims import read_claims

    with progress("Checking", lambda: len(read_claims(draft.text))) as advance:
        return runner.run(desk.drafts.check(draft.text, checked=advance))


def _check_batch(desk: Desk, path: Path, runner: Runner) -> None:
    from bot.drafts import draft_in
    from bot.rendering.as_json import verdict_object

    def verdict(draft: Draft) -> dict[str, Any]:
        return verdict_object(runner.run(desk.drafts.check(draft.text, as_of=draft.as_of)))

    run_batch(path, draft_in, verdict)
