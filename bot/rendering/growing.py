"""Shows an answer on a terminal while it is written: the checked sentences and a spinner."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner

from bot.rendering.terminal import sentences
from retrieval.answers import Answer, Draft


class Growing:
    """Context manager that shows drafts on a terminal, and clears them when it ends.

    Where the console is not a terminal, nothing is shown.

    Example:
        with Growing(console) as growing:
            answer = await growing.follow(assistant.stream(question))
    """

    def __init__(self, console: Console) -> None:
        self._spinner = Spinner("dots", "Reading the archive…", style="cyan")
        self._live = (
            Live(self._spinner, console=console, transient=True, vertical_overflow="visible")
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._live is not None:
            self._live.stop()

    async def follow(self, parts: AsyncGenerator[Draft | Answer]) -> Answer:
        """Show each draft of a stream and return the answer it ends with."""
        async with aclosing(parts):
            async for part in parts:
                if isinstance(part, Answer):
                    return part
                if self._live is not None:
                    self._live.update(Group(sentences(part.text), self._spinner), refresh=True)
        raise AssertionError("a stream ends with its answer")
