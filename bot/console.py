"""The conversation of `newsdesk chat`: reads lines and answers them."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Lock

from rich.console import Console
from rich.text import Text

from bot.commands.common import explain, print_message, screen
from bot.conversations import ConversationsUnusable
from bot.prompting import lines_typed
from bot.questions import question_from, read_filter, timeline_of
from bot.rendering.as_json import answer_object, citations_in, turn_in
from bot.rendering.conversations import conversation_markdown
from bot.rendering.growing import Growing
from bot.rendering.links import marked
from bot.rendering.terminal import (
    Hanging,
    answer_view,
    can_link,
    context_view,
    link,
    more_view,
    printable,
    show,
)
from bot.sessions import LONGEST_HISTORY, Conversation, remember
from bot.wiring import Desk
from retrieval.answers import Answer, Citation, Turn
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.assistant import Assistant
from retrieval.errors import NewsdeskError
from retrieval.search.syntax import KINDS, written

_LEAVING = frozenset(("/quit", "/exit", "quit", "exit", "bye", "goodbye"))

_HELP_INDENT = 15
HELP = """\
Ask anything about the articles; a follow-up such as "Why?" knows what was said before, and
"tell me more", "shorter" and "say that again" are about the last answer.

  /timeline X  how X went, in order
  /sources     the quotes of the last answer in their context
  /open 1      open source 1 of the last answer
  /filter F    search only what passes F, such as source:BBC after:2020-10, from now on;
               /filter shows it, /filter off ends it
  /export F    write the conversation to a new file F, as Markdown; without F, print it
  /new         begin another conversation, without its filter
  /help        this
  /quit        leave; so do exit, bye and Ctrl-D

Ctrl-C stops an answer. Several lines pasted at once are one question."""


def converse(
    desk: Desk,
    filters: Filters = EVERYTHING,
    as_of: date | None = None,
    *,
    go_on: bool = False,
    keep: bool = True,
) -> None:
    """Chat on a terminal. Without a terminal, answer each line of stdin, and show it first.

    Args:
        desk: builds what answers.
        filters: what is asked is narrowed to, until they are ended.
        as_of: the day as on which questions are answered.
        go_on: go on with the last conversation that was kept.
        keep: keep what is said, unless the settings say otherwise.

    Raises:
        NewsdeskError: the archive or the engine cannot be had. Later errors are shown, and the
            chat goes on.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    _ = desk.catalog.version(), desk.engine  # fail before the chat if one cannot be had
    # On the way out what is being loaded is waited for: the desk must not be closed under it.
    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as beside:
        console = screen()
        chat = Chat(desk, runner, console, filters, as_of, stoppable=interactive, keep=keep)
        if interactive:
            chat.greet()
        if go_on:
            chat.go_on()
        if interactive:
            beside.submit(chat.load)  # while the person types the first question
        for line in lines_typed(desk.settings.home, interactive=interactive):
            if not interactive and line.strip():
                show(console, Text(f"› {printable(line.strip())}"))
            if not chat.handle_line(line):
                break


class Chat:
    """One conversation over an archive.

    Args:
        desk: builds the assistant.
        runner: the event loop that runs the assistant.
        console: where answers are shown.
        filters: what is asked is narrowed to, in each conversation from its beginning.
        as_of: the day as on which questions are answered.
        stoppable: whether Ctrl-C stops the answer only; otherwise it ends the program.
        keep: whether what is said is kept, unless the settings say otherwise.
    """

    def __init__(
        self,
        desk: Desk,
        runner: asyncio.Runner,
        console: Console,
        filters: Filters = EVERYTHING,
        as_of: date | None = None,
        *,
        stoppable: bool,
        keep: bool,
    ) -> None:
        self._desk = desk
        self._runner = runner
        self._console = console
        self._given = self._filters = filters
        self._as_of = as_of
        self._stoppable = stoppable
        self._history: tuple[Turn, ...] = ()
        self._cited: tuple[Citation, ...] | None = None
        keeps = keep and desk.settings.keep_conversations
        self._store = desk.stores.conversations if keeps else None
        self._conversation = Conversation(self._store)
        self._loading = Lock()
        self._commands: dict[str, Callable[[str], None]] = {
            "/timeline": lambda subject: self._answer(timeline_of(subject)),
            "/sources": self._show_sources,
            "/open": self._open,
            "/filter": self._filter,
            "/export": self._export,
            "/new": self._forget,
            "/help": self._help,
        }

    def greet(self) -> None:
        """Show the size and dates of the archive, and how to get help."""
        summary = self._desk.catalog.summary()
        if not summary.articles:
            self._say("The archive is empty: add articles with `newsdesk ingest FOLDER`.")
        elif summary.earliest and summary.latest:
            self._say(
                f"{summary.articles:,} articles, {summary.earliest} to {summary.latest}. "
                "/help lists the commands, Ctrl-D leaves."
            )
        else:
            self._say(f"{summary.articles:,} articles. /help lists the commands, Ctrl-D leaves.")
        if self._filters:
            self._filter("")

    def go_on(self) -> None:
        """Go on with the last conversation that was kept, and say what its last question was."""
        kept = self._desk.stores.conversations.last()
        if not kept:
            self._say("No conversation is kept: this is a new one.")
            return
        self._conversation = Conversation(self._store, kept)
        self._history = tuple(turn_in(one.answer) for one in kept)[-LONGEST_HISTORY:]
        self._cited = tuple(citations_in(kept[-1].answer))
        self._say(f"The last question was: {kept[-1].answer['question']}")

    def load(self) -> Assistant:
        """Load the assistant, or return the one that is loaded. Thread-safe."""
        with self._loading:
            return self._desk.assistant

    def handle_line(self, line: str) -> bool:
        """Answer a question or run a command such as /open 1. Return False on /quit or "Bye."."""
        line = line.strip()
        if line.lower().rstrip(".! ") in _LEAVING:
            return False
        name, _, rest = line.partition(" ")
        try:
            if command := self._commands.get(name.lower()):
                command(rest.strip())
            elif name.startswith("/"):
                self._say(f"There is no command {name}: /help lists those there are.")
            elif line:
                self._answer(line)
        except NewsdeskError as error:
            print_message(str(error))
        except KeyboardInterrupt:
            if not self._stoppable:
                raise
            self._say("Stopped.")
        return True

    def _answer(self, line: str) -> None:
        question = question_from(line, self._history, self._as_of, self._filters)

        async def ask() -> Answer:
            assistant = await asyncio.to_thread(self.load)
            return await growing.follow(assistant.stream(question))

        with Growing(self._console) as growing:
            try:
                answer = self._runner.run(ask())
            except Exception as error:  # the chat goes on after an error in one answer
                if isinstance(error, NewsdeskError) or os.environ.get("NEWSDESK_DEBUG"):
                    raise
                raise NewsdeskError(explain(error)) from error
        self._history = remember(self._history, answer)
        if answer.matches:  # small talk has none, and leaves the last answer to be opened
            self._cited = answer.citations
        self._keep(answer)
        linked = can_link(self._console)
        show(self._console, answer_view(answer, linked=linked))
        show(self._console, more_view(self._desk.more.on(answer, question.scope), linked=linked))
        if answer.notice and self._stoppable:
            show(self._console)
            self._say(answer.notice)
        elif answer.notice:
            print_message(answer.notice)
        show(self._console)

    def _keep(self, answer: Answer) -> None:
        try:
            self._conversation.add(answer_object(answer))
        except ConversationsUnusable as error:
            print_message(str(error))

    def _export(self, name: str) -> None:
        if not self._conversation.kept:
            self._say("There is no answer yet.")
            return
        text = conversation_markdown(self._conversation.kept)
        if not name:
            print(text)
            return
        try:
            with Path(name).expanduser().open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise NewsdeskError(f"{name} exists already: name another file.") from None
        except (OSError, RuntimeError) as error:
            raise NewsdeskError(f"The conversation cannot be written: {explain(error)}") from error
        self._say(f"Written to {name}.")

    def _show_sources(self, _: str) -> None:
        articles = self._desk.catalog.articles(c.article_id for c in self._citations())
        for citation in self._citations():
            article = articles.get(citation.article_id)
            show(self._console, context_view(citation, article.body if article else ""))
            show(self._console)
        if not self._citations():
            self._say(self._no_sources())

    def _open(self, number: str) -> None:
        wanted = number.strip("[] ")
        found = next((c for c in self._citations() if str(c.number) == wanted), None)
        if found is None:
            numbers = ", ".join(str(c.number) for c in self._citations())
            self._say(
                f"/open takes the number of a source of the last answer: {numbers}."
                if numbers
                else self._no_sources()
            )
            return
        address = link(found.url, found.uri)
        if address and has_display():
            webbrowser.open(marked(address, found.quote))
        self._say(address or found.uri)

    def _filter(self, wanted: str) -> None:
        self._filters = read_filter(wanted, self._filters)
        if self._filters:
            self._say(f"The filter is {written(self._filters)} (/filter off ends it).")
        else:
            self._say(f"No filter stands: /filter and one sets it; {KINDS}.")

    def _forget(self, _: str) -> None:
        ended = ", without its filter" if self._filters and not self._given else ""
        self._history, self._cited, self._filters = (), None, self._given
        self._conversation = Conversation(self._store)
        self._say(f"The conversation begins anew{ended}.")
        if self._filters:
            self._filter("")

    def _help(self, _: str) -> None:
        for line in HELP.split("\n"):
            width = _HELP_INDENT if line.startswith("  ") else 0
            show(self._console, Hanging(Text(line[:width]), Text(line[width:])))

    def _citations(self) -> tuple[Citation, ...]:
        return self._cited or ()

    def _no_sources(self) -> str:
        return (
            "There is no answer yet." if self._cited is None else "The last answer has no sources."
        )

    def _say(self, line: str) -> None:
        show(self._console, Text(printable(line), style="dim"))


def has_display() -> bool:
    """Return whether a browser window can be opened."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
