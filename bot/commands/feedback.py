"""`newsdesk feedback`: the 👍 and 👎 that answers were given in Telegram and on the page."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import AsJson, EnvFile, Home, open_archive, print_json, print_message

if TYPE_CHECKING:
    from bot.telegram.storage.feedback import Verdict
    from bot.wiring import Desk


def feedback(
    export: Annotated[
        bool,
        typer.Option(
            "--export", help="Print the 👎 as candidate golden questions, JSON Lines to fill in."
        ),
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """List the 👍 and 👎 that answers were given.

    They come from Telegram and the page, the oldest first. An exported candidate is a line of
    tests/quality/golden with "answerable", "articles", "answers" and "why" left to fill in; under
    "seen" it says what the bot answered, cited and retrieved.
    """
    from bot.rendering.terminal import printable
    from bot.telegram.storage.feedback import DOWN, UP, candidate

    desk = open_archive(home, env_file)
    verdicts = _verdicts(desk)
    if export:
        downs = [verdict for verdict in verdicts if verdict.verdict == DOWN]
        for number, verdict in enumerate(downs, start=1):
            print_json(candidate(number, verdict))
    elif as_json:
        print_json([{"at": v.at, "verdict": v.verdict, **v.content} for v in verdicts])
    else:
        for verdict in verdicts:
            mark = "👍" if verdict.verdict == UP else "👎"
            said = [verdict.content["question"], verdict.content["answer"]]
            print("\t".join([verdict.at, mark, *(" ".join(printable(s).split()) for s in said)]))
    if not verdicts and not as_json:
        print_message(
            "There is no feedback yet: `newsdesk telegram` and `newsdesk serve` collect it."
        )


def _verdicts(desk: Desk) -> list[Verdict]:
    """Return what was stored, oldest first; making no file where there is none."""
    from bot.telegram.storage.feedback import Feedback, Verdict
    from bot.telegram.storage.store import has_store, open_store

    rated = desk.stores.ratings.every()
    verdicts = [Verdict(0, 0, at, verdict, content) for at, verdict, content in rated]
    if has_store(desk.settings):
        with closing(open_store(desk.settings)) as store:
            verdicts += Feedback(store).every()
    return sorted(verdicts, key=lambda verdict: verdict.at)
