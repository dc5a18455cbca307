"""`newsdesk feedback`: the 👍 and 👎 that answers were given in Telegram."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import AsJson, EnvFile, Home, open_desk, print_json, print_message


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
    """List the 👍 and 👎 that answers were given in Telegram, oldest first.

    An exported candidate is a line of tests/quality/golden with "answerable", "articles",
    "answers" and "why" left to fill in; under "seen" it says what the bot answered,
    cited and retrieved.
    """
    from bot.rendering.terminal import printable
    from bot.telegram.storage.feedback import DOWN, UP, Feedback, candidate
    from bot.telegram.storage.store import FILE, Store

    desk = open_desk(home, env_file)
    if not (desk.settings.home / FILE).exists():
        print_message("There is no feedback yet: `newsdesk telegram` collects it.")
        return
    store = Store(desk.settings.home)
    verdicts = list(Feedback(store).every())
    store.close()
    if export:
        downs = [verdict for verdict in verdicts if verdict.verdict == DOWN]
        for number, verdict in enumerate(downs, start=1):
            print_json(candidate(number, verdict))
        return
    for verdict in verdicts:
        if as_json:
            print_json({"at": verdict.at, "verdict": verdict.verdict, **verdict.content})
        else:
            mark = "👍" if verdict.verdict == UP else "👎"
            said = [verdict.content["question"], verdict.content["answer"]]
            print("\t".join([verdict.at, mark, *(" ".join(printable(s).split()) for s in said)]))
    if not verdicts:
        print_message("There is no feedback yet.")
