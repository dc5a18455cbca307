"""Several processes of one bot, one of which is killed again and again while people ask.

    .venv/bin/python -m scripts.kill_processes [--processes 3] [--seconds 120] [--every 10]
                                                [--chats 50] [--seed 1]

They share a PostgreSQL and a Chroma server of the run's own, and no folder. They get their updates
by webhook from the tests' Bot API server: any of them, and sometimes two at once. Every question
must have exactly one answer in the end, after those that the same person asked before in that chat.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests import postgres
from tests.chroma_kit import chroma_running
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.telegram.botapi import BotApi
from tests.telegram.fleet import Fleet, Massacre, Member, Tally, serve


def measure(
    processes: int = 3, seconds: float = 120, every: float = 10, chats: int = 50, seed: int = 1
) -> Tally:
    """Kill processes of a bot over the sample archive for some seconds; return what came of it."""
    api = BotApi().start()
    try:
        with (
            tempfile.TemporaryDirectory() as name,
            postgres.running(safe=True) as server,
            chroma_running(Path(name) / "chroma") as chroma,
        ):
            folder, database = Path(name), server.new_database()
            sample = Newsdesk(folder / "sample", folder)
            sample.run("ingest", SAMPLE_ARCHIVE).check_returncode()
            serve(sample, database, chroma.url)
            with Fleet(Member, api, folder, database, chroma.url) as fleet:
                return Massacre(fleet.start(processes), chats, seed).run(seconds, every)
    finally:
        api.stop()


def main(
    processes: Annotated[int, typer.Option(help="How many processes there are.")] = 3,
    seconds: Annotated[float, typer.Option(help="How long people ask.")] = 120,
    every: Annotated[float, typer.Option(help="The seconds between two kills.")] = 10,
    chats: Annotated[int, typer.Option(help="How many chats ask.")] = 50,
    seed: Annotated[int, typer.Option(help="Decides who asks what, and when.")] = 1,
) -> None:
    """Print what came of it; 1 if a question has not exactly one answer, or out of turn."""
    tally = measure(processes, seconds, every, chats, seed)
    print(
        f"{processes} processes, {chats} chats, {seconds:g} s: killed with -9 {tally.kills} times\n"
        f"{tally.asked} questions: {tally.once} with exactly one answer, {tally.twice} with more "
        f"than one reply, {tally.none} without an answer, {tally.disordered} out of turn\n"
        f"the longest wait for an answer: {tally.longest:.1f} s",
        *tally.odd,
        sep="\n",
    )
    sys.exit(tally.once != tally.asked or tally.disordered > 0)


if __name__ == "__main__":
    typer.run(main)
