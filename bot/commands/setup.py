"""`newsdesk setup`: choose what answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.common import EnvFile, Home, UsageError, open_desk, print_message, screen
from retrieval.errors import NewsdeskError

if TYPE_CHECKING:
    from bot.setting_up import Choice
    from bot.settings import Settings
    from bot.wiring import Desk


_CONSENT = (
    "One question, the passages found for it and, where the model's name does not tell whether it "
    "can judge sentences, eight to try it with go to {} and may cost a little money. Go on?"
)


def setup(
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Take the first model that is found, without asking."),
    ] = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Choose a model for the answers, try it, and keep the choice.

    It looks for Ollama, LM Studio, llama.cpp and vLLM on this machine, for a model that is set
    (NEWSDESK_MODEL, OPENAI_BASE_URL) and for OPENAI_API_KEY; you choose. The choice is tried with
    one question, over the archive if there is one, and kept in .env in the home folder, which only
    you may read then. A model whose name does not tell whether it can judge what it wrote is given
    eight sentences to judge too, and NEWSDESK_VERIFY is set by what it makes of them. Nothing is
    sent to another machine before you say yes. With --yes the first model found is taken, this
    machine's before another's.
    """
    from contextlib import closing

    from bot.setting_up import found, keep
    from bot.settings import load_settings
    from bot.wiring import Desk

    def read(**others: Any) -> Settings:
        return load_settings(home, env_file=env_file, notice=lambda _: None, **others)

    before = open_desk(home, env_file).settings
    print("Looking for models on this machine …", flush=True)
    choices = list(found(before))
    choice = _first(choices) if yes else _chosen(choices)
    settings = dict(choice.settings)
    if choice.asks_key:
        settings["openai_api_key"] = _asked("Its key (it is not shown): ", hidden=True)
    if choice.host and not (yes or _agreed(_CONSENT.format(choice.host))):
        raise NewsdeskError("Nothing was sent, and nothing was changed.")
    no_key = {"openai_api_key": None} if choice.is_here else {}
    trial = read(**settings, **no_key, verify="off")  # whether it can judge is tried by itself
    try:
        with closing(Desk(trial, keep_connections=False)) as desk:
            _try(desk, ask=not yes)
            settings["verify"] = _verify(desk, choice)
    except UsageError:
        raise
    except NewsdeskError as error:
        print_message(str(error))
        if yes or not _agreed("Keep this choice all the same?"):
            raise NewsdeskError("Nothing was changed.") from None
    print(f"Kept in {keep(before.home, settings)}.")
    _point_out(read(), settings, choice)


def _first(choices: Sequence[Choice]) -> Choice:
    choice = choices[0]
    if choice.settings["engine"] == "extractive":
        raise NewsdeskError(
            "No model was found on this machine, and OPENAI_API_KEY is not set: nothing was "
            "changed, and answers are quoted from the articles."
        )
    print(f"Taken: {choice.label}.")
    return choice


def _chosen(choices: Sequence[Choice]) -> Choice:
    print("What shall answer?")
    for number, choice in enumerate(choices, 1):
        print(f"  {number}. {choice.label}")
    while True:
        said = _asked("Number [1]: ") or "1"
        if said.isdecimal() and 1 <= int(said) <= len(choices):
            return choices[int(said) - 1]
        print(f"A number from 1 to {len(choices)}, please.")


def _try(desk: Desk, *, ask: bool) -> None:
    """Ask one question and show the answer; a model that the archive has none for is greeted."""
    import asyncio

    from bot.rendering.terminal import answer_view, can_link, printable, show
    from bot.setting_up import say_hello, try_question
    from retrieval.answers import EXTRACTIVE

    desk.try_services()
    newest = desk.catalog.newest(1) if desk.has_catalog else []
    answered = False
    for article in newest:
        title = printable(article.title)
        question = (_asked(f"A question to try it with [{title}]: ") if ask else "") or title
        answer = asyncio.run(try_question(desk, question))
        console = screen()
        show(console, answer_view(answer, linked=can_link(console)))
        answered = answer.written and not answer.refused
    if not answered and desk.engine != EXTRACTIVE:
        print(f"It says: {printable(asyncio.run(say_hello(desk)))}")


def _verify(desk: Desk, choice: Choice) -> str | None:
    """Return whether the model is to judge its own sentences; None if its name tells, or nothing
    else does."""
    import asyncio

    from bot.wiring.engine import has_known_model
    from retrieval.answers import EXTRACTIVE
    from retrieval.checking.self_test import can_judge

    if desk.engine == EXTRACTIVE or has_known_model(desk.settings):
        return None
    try:
        able = asyncio.run(can_judge(desk.chat))
    except NewsdeskError as error:
        # A model of this machine that is too slow to judge would keep every answer waiting.
        kept = "off" if choice.is_here else None
        what = f"NEWSDESK_VERIFY={kept or 'auto'}"
        print(f"It could not be tried as a judge of its own sentences, so {what}: {error}")
        return kept
    what = "judges its own sentences" if able else "is too weak to judge its own sentences"
    print(f"It {what}: NEWSDESK_VERIFY={'model' if able else 'off'}.")
    return "model" if able else "off"


def _point_out(now: Settings, kept: Mapping[str, str | None], choice: Choice) -> None:
    """Say so if another place's settings win over what was kept, or a key goes to a server."""
    from pydantic import SecretStr

    for name, value in kept.items():
        held = getattr(now, name)
        wanted = type(now).model_fields[name].default if value is None else value
        if (held.get_secret_value() if isinstance(held, SecretStr) else held) != wanted:
            print_message(f"{now.name_of(name)} is set elsewhere too, and that wins: unset it.")
    if now.openai_api_key and choice.is_here:
        print_message(
            "OPENAI_API_KEY is set, and is sent to that server: unset it if it is not for it."
        )


def _agreed(question: str) -> bool:
    return _asked(f"{question} [y/N] ").lower() in ("y", "yes")


def _asked(prompt: str, *, hidden: bool = False) -> str:
    """Return the answer to a prompt.

    Raises:
        UsageError: there is nobody to answer.
    """
    if hidden and sys.stdin is not None and sys.stdin.isatty():
        from getpass import getpass

        return getpass(prompt).strip()
    print(prompt, end="", flush=True)
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        print()
        raise UsageError(
            "setup asks questions, and there is no more input: run it in a terminal, or with "
            "--yes. Nothing was changed."
        )
    return line.strip()
