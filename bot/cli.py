"""The `newsdesk` command. Errors become one line on stderr; results alone go to stdout."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrieval.errors import BadQuestion, NewsdeskError

if TYPE_CHECKING:
    from bot.wiring import Desk

app = typer.Typer(
    name="newsdesk",
    help="Ask a news archive questions; every sentence of an answer is cited.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The folder of all state, instead of NEWSDESK_HOME."),
]


def main() -> None:
    """Run the command line; the exit status is 0, 1 for a failure, 2 for wrong usage."""
    from bot.settings import stay_private

    stay_private()
    try:
        app()
    except BadQuestion as error:
        _complain(str(error))
        sys.exit(2)
    except NewsdeskError as error:
        _complain(str(error))
        sys.exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="A JSON Lines file of questions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    home: Home = None,
) -> None:
    """Answer one question, or a batch of them."""
    from bot.questions import read_batch
    from bot.rendering.as_json import answer_object

    desk = _desk(home)
    if batch is not None:
        for record in read_batch(batch):
            if record.question is None:
                row: dict[str, Any] = {"id": record.id, "error": record.error}
            else:
                try:
                    answer = asyncio.run(desk.assistant.ask(record.question))
                    row = {"id": record.id} | answer_object(answer)
                except NewsdeskError as error:
                    row = {"id": record.id, "error": str(error)}
            print(json.dumps(row, ensure_ascii=False), flush=True)
        return
    from bot.questions import question_from

    answer = asyncio.run(desk.assistant.ask(question_from(question or "")))
    if as_json:
        print(json.dumps(answer_object(answer), ensure_ascii=False))
    else:
        print(answer.text)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    home: Home = None,
) -> None:
    """Read articles into the archive."""
    from corpus.reading import find_files, read_file

    desk = _desk(home)
    files, rejected = find_files(paths)
    with desk.indexer() as indexer:
        report = indexer.ingest([*rejected, *(item for file in files for item in read_file(file))])
    print(report if not as_json else json.dumps({"added": len(report.added)}))


def _desk(home: Path | None) -> Desk:
    from bot.settings import load_settings
    from bot.wiring import Desk

    return Desk(load_settings(home))


def _complain(message: str) -> None:
    print(f"newsdesk: {message}", file=sys.stderr)
