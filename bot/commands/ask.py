"""`newsdesk ask`: one question, or a file of them."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.batches import run_batch
from bot.commands.common import (
    AsJson,
    EngineChoice,
    EnvFile,
    Home,
    NoLog,
    UsageError,
    open_archive,
    print_json,
    print_message,
    screen,
)
from bot.commands.narrowing import (
    AsOf,
    FromDay,
    Outlets,
    Retrieved,
    UntilDay,
    day_of,
    narrowed,
    typed,
)

if TYPE_CHECKING:
    from asyncio import Runner
    from datetime import date

    from bot.wiring import Desk
    from retrieval.answers import Answer, Question
    from retrieval.archive.filters import Filters


def ask(
    question: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUESTION", show_default=False, help="The question; - reads it from stdin."
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            readable=False,
            help="Answer a JSON Lines file of questions, one object a line; - is stdin.",
        ),
    ] = None,
    since: FromDay = None,
    until: UntilDay = None,
    sources: Outlets = None,
    as_of: AsOf = None,
    retrieved: Retrieved = None,
    as_json: AsJson = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Show what the check removed of a model's answer and why, and what took how long.",
        ),
    ] = False,
    no_log: NoLog = False,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Answer one question, or a batch of them.

    Each sentence of an answer carries the number of its source. A question that the archive
    does not answer is declined; that is not a failure. Question and answer are kept for `newsdesk
    log`, but not those of a batch. A line of a batch is {"id", "question"}, and may have
    "history", "as_of" and "filters".

    A question may be narrowed as a search is: "exact words", -word, source:NAME, after:2020-10,
    before:2020-11-10, on:2020, in:title WORD.
    """
    import asyncio

    if bool(question) == bool(batch):
        raise UsageError("Give one question, or --batch FILE; `newsdesk ask --help` has examples.")
    if explain and (as_json or batch):
        raise UsageError(
            "--explain is for people: in JSON, it stands in `removed` and `timings_ms`."
        )
    if as_of and batch:
        raise UsageError('--as-of is for one question: a line of a batch has its own "as_of".')
    if (since or until or sources) and batch:
        raise UsageError(
            "--since, --until and --source are for one question: a line of a batch has its own "
            '"filters", such as "source:BBC after:2020-10".'
        )
    filters, day = narrowed(since, until, sources), day_of(as_of)
    desk = open_archive(home, env_file, engine, retrieved=retrieved)
    with asyncio.Runner() as runner:
        if batch is not None:
            _answer_batch(desk, batch, runner)
        else:
            asked = _read_question(typed(question or ()), day, filters)
            answer_one(desk, asked, runner, as_json=as_json, explain=explain, keep=not no_log)


def _read_question(text: str, as_of: date | None, filters: Filters) -> Question:
    from bot.questions import question_from

    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    return question_from(text, as_of=as_of, filters=filters)


def answer_one(
    desk: Desk, asked: Question, runner: Runner, *, as_json: bool, explain: bool, keep: bool
) -> None:
    """Answer a question, keep the answer where that can be done, and print it."""
    if as_json:
        from bot.rendering.articles import article_object
        from bot.rendering.as_json import answer_object

        answer = runner.run(desk.assistant.ask(asked))
        if keep:
            _keep(desk, answer)
        more = [article_object(article) for article in desk.more.on(answer, asked.scope)]
        print_json(answer_object(answer) | ({"more": more} if more else {}))
        return
    from bot.rendering.growing import Growing
    from bot.rendering.terminal import answer_view, can_link, more_view, show

    console = screen()
    assistant = desk.assistant
    with Growing(console) as growing:
        answer = runner.run(growing.follow(assistant.stream(asked)))
    if keep:
        _keep(desk, answer)
    linked = can_link(console)
    show(console, answer_view(answer, linked=linked))
    show(console, more_view(desk.more.on(answer, asked.scope), linked=linked))
    if explain:
        from bot.rendering.explained import explanation_view

        show(console, explanation_view(answer))
    if answer.notice:
        print_message(answer.notice)


def _keep(desk: Desk, answer: Answer) -> None:
    """Keep an answer as a conversation of its own, where it can be kept."""
    from bot.conversations import ConversationsUnusable
    from bot.rendering.as_json import answer_object
    from bot.sessions import Conversation

    if desk.settings.keep_conversations:
        with suppress(ConversationsUnusable):
            Conversation(desk.stores.conversations).add(answer_object(answer))


def _answer_batch(desk: Desk, path: Path, runner: Runner) -> None:
    from bot.questions import question_in
    from bot.rendering.as_json import answer_object

    # One loop for all answers, but lines are read outside it: there Ctrl-C ends a read at once.
    def answer(question: Question) -> dict[str, Any]:
        return answer_object(runner.run(desk.assistant.ask(question)))

    run_batch(path, question_in, answer)
