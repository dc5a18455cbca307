"""`newsdesk` whose engine answers as a script says, in drafts that take their time.

It stands for a model that writes, which cannot run in tests. Everything else is the real thing:
questions that the script does not name go to the real assistant, and the sources of a scripted
answer are what the real assistant finds for its first sentence. Each question is noted with its
history, and how the work at it ended.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import bot.cli
import bot.telegram.application
import bot.wiring
from bot.telegram.transport.limits import ChatLimits
from bot.telegram.transport.pace import Pace
from bot.wiring import Desk
from retrieval.answers import Answer, Draft, Question
from retrieval.assistant import Assistant
from retrieval.search.searcher import Searcher

FASTER = 0.05
"""What the bot's pauses are multiplied with, so that tests need not wait for them."""


async def faster(seconds: float) -> None:
    """Sleep for a part of some seconds."""
    await asyncio.sleep(seconds * FASTER)


class ScriptedAssistant(Assistant):
    """Answers as the file `script` says; adds a line to the file `notes` for each question."""

    def __init__(self, searcher: Searcher, script: Path, notes: Path) -> None:
        super().__init__(searcher)
        self._script = script
        self._notes = notes
        self._numbers = itertools.count(time.time_ns())

    async def stream(self, question: Question) -> AsyncGenerator[Draft | Answer]:
        number = self._note(
            next(self._numbers),
            question=question.text,
            history=[[turn.question, turn.answer] for turn in question.history],
        )
        try:
            async with aclosing(self._parts(question)) as parts:
                async for part in parts:
                    yield part
        except BaseException as error:
            self._note(number, end=type(error).__name__)
            raise
        self._note(number, end="answered")

    async def _parts(self, question: Question) -> AsyncGenerator[Draft | Answer]:
        told = self._told(question.text)
        if told is None:
            async with aclosing(super().stream(question)) as parts:
                async for part in parts:
                    yield part
            return
        await asyncio.sleep(told["before"])
        plain = question.text.partition("?")[0] + "?"
        real = await Assistant(self._searcher).ask(Question(plain))
        text = ""
        for part in told["parts"]:
            if text:
                await asyncio.sleep(told["pause"])
            text += part
            yield Draft(text, real.citations)
        engine = "openai:scripted"
        yield replace(real, text=text, refused=False, engine=engine, answer_span=None)

    def _told(self, question: str) -> dict[str, Any] | None:
        path = self._script
        script = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return next((told for word, told in script.items() if word in question), None)

    def _note(self, number: int, **note: Any) -> int:
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps({"number": number, **note}) + "\n")
        return number


@dataclass(frozen=True)
class ScriptedDesk(Desk):
    """A desk with the scripted assistant."""

    script: Path
    notes: Path

    @cached_property
    def assistant(self) -> ScriptedAssistant:
        return ScriptedAssistant(self.searcher, self.script, self.notes)


if __name__ == "__main__":
    script, notes = map(Path, (sys.argv.pop(1), sys.argv.pop(1)))
    application: Any = bot.telegram.application
    application.Pace = partial(Pace, sleep=faster, news=2.5)
    application.ChatLimits = partial(ChatLimits, FASTER)
    bot.wiring.Desk = partial(ScriptedDesk, script=script, notes=notes)  # type: ignore[misc, assignment]
    bot.cli.main()
