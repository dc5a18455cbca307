"""The bot killed again and again while people ask it, at the tests' Bot API server.

    .venv/bin/python -m scripts.kill_telegram [--rounds 60] [--seed 1]

Every question must have exactly one answer in the end.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.telegram.botapi import BotApi
from tests.telegram.bots import ScriptedProcess
from tests.telegram.killing import Killing, Tally


def measure_kills(rounds: int, seed: int) -> Tally:
    """Kill a bot over the sample archive so many times; return what came of it."""
    api = BotApi().start()
    with tempfile.TemporaryDirectory() as folder:
        sample = Newsdesk(Path(folder) / "sample", Path(folder))
        sample.run("ingest", SAMPLE_ARCHIVE).check_returncode()
        bot = ScriptedProcess.at(api, sample, Path(folder))
        try:
            return Killing(bot, seed).run(rounds)
        finally:
            bot.end()
            api.stop()


def main(
    rounds: Annotated[int, typer.Option(help="How often people ask.")] = 60,
    seed: Annotated[int, typer.Option(help="Decides who asks what, and when it is killed.")] = 1,
) -> None:
    """Print what came of it; 1 if a question has not exactly one answer."""
    tally = measure_kills(rounds, seed)
    print(
        f"{rounds} rounds, seed {seed}: killed {tally.kills.total()} times\n"
        + "".join(f"  {count:3} {how}\n" for how, count in sorted(tally.kills.items()))
        + f"{tally.asked} questions: {tally.once} with exactly one answer, "
        f"{tally.twice} with more than one reply, {tally.none} without an answer\n"
        f"{tally.cut_off} messages taken by Telegram whose request was never answered\n"
        f"at one time, at most: {tally.notices} notices in a chat, "
        f"{tally.under_one} messages under a question"
    )
    sys.exit(tally.once != tally.asked)


if __name__ == "__main__":
    typer.run(main)
