"""`newsdesk` whose engine answers as a script says, in drafts that take their time.

It stands for a model that writes, which cannot run in tests. Everything else is the real thing:
questions that the script does not name go to the real assistant, and the sources of a scripted
answer are what the real assistant finds for its first sentence. Each question is noted with its
history, and how the work at it ended.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import bot.cli
from bot.wiring import Desk
from retrieval.answers import Answer, Draft, Question
from retrieval.assistant import Assistant


class ScriptedAssistant(Assistant):
    """Answers as `SCRIPT` says; notes in `SCRIPT_NOTES`."""

    async def stream(self, question: Question) -> AsyncGenerator[Draft | Answer]:
        number = self._note(
            os.getpid() * 1000 + id(question) % 1000,
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
        yield replace(real, text=text, refused=False, engine="openai:scripted")

    def _told(self, question: str) -> dict[str, Any] | None:
        path = Path(os.environ["SCRIPT"])
        script = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return next((told for word, told in script.items() if word in question), None)

    def _note(self, number: int, **note: Any) -> int:
        with Path(os.environ["SCRIPT_NOTES"]).open("a", encoding="utf-8") as notes:
            notes.write(json.dumps({"number": number, **note}) + "\n")
        return number


assistant = cached_property(lambda desk: ScriptedAssistant(desk.searcher))
assistant.__set_name__(Desk, "assistant")
Desk.assistant = assistant  # type: ignore[assignment]

if __name__ == "__main__":
    bot.cli.main()
