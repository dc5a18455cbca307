"""`newsdesk telegram` as a process at the loopback server."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.telegram.botapi import BotApi

if TYPE_CHECKING:
    from tests.conftest import Newsdesk

START = 60.0
"""Seconds until the bot must poll: on a busy machine its imports take a while."""


class BotProcess:
    """The bot with a home of its own, which holds the sample archive."""

    def __init__(self, api: BotApi, newsdesk: Newsdesk, folder: Path) -> None:
        self.api = api
        self.newsdesk = newsdesk
        self.log_file = folder / "bot.log"
        self.process: subprocess.Popen[str] | None = None
        self._folder = folder

    @classmethod
    def at(cls, api: BotApi, sample: Newsdesk, folder: Path) -> Self:
        """A bot that will talk to a server."""
        home = folder / "home"
        shutil.copytree(sample.home, home)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        own = dataclasses.replace(sample, home=home, folder=elsewhere)
        return cls(api, own, folder).told(
            TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_API_URL=api.url, NEWSDESK_LOG="json"
        )

    @property
    def _command(self) -> list[str]:
        return self.newsdesk.command

    def told(self, **settings: str) -> Self:
        """The same bot with more settings; it takes them at its next start."""
        self.newsdesk = self.newsdesk.told(**settings)
        return self

    def start(self, *, polling: bool = True) -> Self:
        """Start it; returns when it polls, or at once."""
        polls = len(self.api.requested("getUpdates"))
        with self.log_file.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*self._command, "telegram"], text=True, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.newsdesk.environment, cwd=self.newsdesk.folder,
            )  # fmt: skip
        if polling:
            self.api.wait(
                lambda: len(self.api.requested("getUpdates")) > polls or not self.running,
                START, lambda: f"a poll; the log:\n{self.log}",
            )  # fmt: skip
            assert self.running, self.log
        return self

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        """All it has written to stdout and stderr."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """The lines of its log that are JSON."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout: float) -> int:
        """Waits until it has ended; returns its status."""
        assert self.process is not None
        return self.process.wait(timeout)

    def stop(self, timeout: float = 30) -> int:
        """SIGTERM; returns its status."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> None:
        """SIGKILL."""
        self.signal(signal.SIGKILL)
        self.wait(10)

    def end(self) -> None:
        """However it stands, it is gone afterwards."""
        if self.running:
            self.kill()


class Scripted(BotProcess):
    """The same whose engine answers some questions as told, and notes what it is asked."""

    @classmethod
    def at(cls, api: BotApi, sample: Newsdesk, folder: Path) -> Self:
        bot = super().at(api, sample, folder)
        return bot.told(SCRIPT=str(folder / "script.json"), SCRIPT_NOTES=str(folder / "notes"))

    @property
    def _command(self) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("scripted_newsdesk.py"))]

    def answers(self, word: str, *parts: str, pause: float = 0.0, before: float = 0.0) -> None:
        """A question with this word in it is answered with these parts, one draft after another.

        `pause` is the seconds before each part but the first, `before` those before the first.
        The sources are those that the archive has for the question.
        """
        path = Path(self.newsdesk.settings["SCRIPT"])
        script = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        script[word] = {"parts": parts, "pause": pause, "before": before}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(script), encoding="utf-8")
        os.replace(new, path)

    def forget_script(self) -> None:
        """What was told, and what was noted, is forgotten."""
        for name in ("SCRIPT", "SCRIPT_NOTES"):
            Path(self.newsdesk.settings[name]).unlink(missing_ok=True)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What the engine was asked: question, history, and how it ended (if it has)."""
        path = Path(self.newsdesk.settings["SCRIPT_NOTES"])
        if not path.exists():
            return []
        notes: dict[int, dict[str, Any]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            notes.setdefault(note["number"], {}).update(note)
        return list(notes.values())

    def wait_asked(self, word: str, timeout: float = 15) -> dict[str, Any]:
        """Waits until the engine is asked a question with a word in it."""
        return self.api.wait(
            lambda: next((note for note in self.asked if word in note["question"]), None),
            timeout, f"a question with {word!r} at the engine",
        )  # fmt: skip

    def wait_ended(self, word: str, timeout: float = 15) -> float:
        """Waits until the engine's work at a question has ended; returns when that was seen."""
        self.api.wait(
            lambda: any(word in note["question"] and "end" in note for note in self.asked),
            timeout, f"the end of the work at {word!r}",
        )  # fmt: skip
        return time.monotonic()
