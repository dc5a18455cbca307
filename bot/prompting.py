"""Reads the lines of a chat: typed at a prompt with a history, or piped to stdin."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings

HISTORY_FILE = "chat_history"

COMMANDS = ("/timeline", "/sources", "/open", "/export", "/new", "/help", "/quit")


def lines_typed(home: Path, *, interactive: bool) -> Iterator[str]:
    """Yield each line until Ctrl-D or the end of stdin. Lines pasted together are one.

    The history of typed lines is kept in `home`.
    """
    if not interactive:
        yield from io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
        return
    session = _session(home)
    while True:
        try:
            yield session.prompt()
        except EOFError:
            return


def _session(home: Path) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.shortcuts import CompleteStyle

    return PromptSession(
        FormattedText([("bold ansicyan", "› ")]),
        history=_history(home / HISTORY_FILE),
        completer=WordCompleter(list(COMMANDS), sentence=True),
        complete_style=CompleteStyle.READLINE_LIKE,
        complete_while_typing=False,
        key_bindings=_keys(),
        prompt_continuation="  ",
        reserve_space_for_menu=0,
    )


def _history(path: Path) -> History:
    """Return the history file, readable by the owner only. Falls back to an in-memory history."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def _keys() -> KeyBindings:
    """Make Ctrl-C clear the line, or on an empty line print how to leave."""
    from prompt_toolkit.application import run_in_terminal
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("c-c")
    @keys.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            run_in_terminal(lambda: print("/quit or Ctrl-D leaves."))

    return keys
