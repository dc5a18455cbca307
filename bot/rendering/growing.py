"""An answer in the making on a terminal: what has been checked so far, and that more may come."""

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
    """Shows drafts while it is entered, and leaves the screen as it was; elsewhere nothing."""

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
        """The answer that a stream ends with, its drafts shown until then."""
        async with aclosing(parts):
            async for part in parts:
                if isinstance(part, Answer):
                    return part
                if self._live is not None:
                    self._live.update(Group(sentences(part.text), self._spinner), refresh=True)
        raise AssertionError("a stream ends with its answer")
