"""`newsdesk telegram` at the loopback server: as a thread of the tests, or as a process."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

from bot.commands.common import explain
from bot.settings import load_settings
from bot.telegram.application import Application, build_bot
from bot.telegram.logs import Lines
from bot.telegram.transport.limits import ChatLimits
from bot.telegram.transport.pace import Pace
from bot.wiring import Desk
from tests.in_process import shared_encoder, shared_reader
from tests.telegram.botapi import BotApi
from tests.telegram.scripted_newsdesk import FASTER, ScriptedDesk, faster

if TYPE_CHECKING:
    from tests.conftest import Newsdesk

START = 60.0
"""Seconds until the bot must poll: on a busy machine its imports take a while."""


class Bot(ABC):
    """The bot with a home of its own, which holds the sample archive."""

    def __init__(self, api: BotApi, newsdesk: Newsdesk, folder: Path) -> None:
        self.api = api
        self.newsdesk = newsdesk
        self.folder = folder
        self.log_file = folder / "bot.log"

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

    def told(self, **settings: str) -> Self:
        """The same bot with more settings; it takes them at its next start."""
        self.newsdesk = self.newsdesk.told(**settings)
        return self

    def start(self, *, polling: bool = True) -> Self:
        """Start it; returns when it polls, or at once."""
        polls = len(self.api.requested("getUpdates"))
        self.launch()
        if polling:
            self.api.wait(
                lambda: len(self.api.requested("getUpdates")) > polls or not self.running,
                START, lambda: f"a poll; the log:\n{self.log}",
            )  # fmt: skip
            assert self.running, self.log
        return self

    @abstractmethod
    def launch(self) -> None:
        """Start it without waiting for anything."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether it has not ended."""

    @abstractmethod
    def stop(self, timeout: float = 30) -> int:
        """End it in order; returns its status."""

    @abstractmethod
    def wait(self, timeout: float) -> int:
        """Waits until it has ended; returns its status."""

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Has it look for news at no time inside, if it runs in this process."""
        yield

    @abstractmethod
    def end(self) -> None:
        """However it stands, it is gone afterwards."""

    @property
    def log(self) -> str:
        """All it has written to stdout and stderr."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """The lines of its log that are JSON."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def closed(self, update_id: int | None) -> bool:
        """Whether its journal says that it is done with an update."""
        journal = self.newsdesk.home / "telegram.db"
        with contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as store:
            rows = store.execute(
                "SELECT outcome FROM updates WHERE id = ?", (update_id,)
            ).fetchall()
        return any(outcome is not None for (outcome,) in rows)


class BotProcess(Bot):
    """The bot as a process of its own, which can be sent signals and killed."""

    process: subprocess.Popen[str] | None = None

    @property
    def _command(self) -> list[str]:
        return self.newsdesk.command

    def launch(self) -> None:
        with self.log_file.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*self._command, "telegram"], text=True, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.newsdesk.environment, cwd=self.newsdesk.folder,
            )  # fmt: skip

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout: float) -> int:
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
        if self.running:
            self.kill()


class BotThread(Bot):
    """The bot in a thread of this process, with shorter pauses and the encoder loaded already."""

    thread: threading.Thread | None = None
    status: int | None = None
    pauses: list[float]
    grace = 8.0
    poll = 2
    prune = 86_400.0
    thinking = 3600.0
    news = 2.5
    clock: float | None = None
    _held = _resting = False

    def now(self) -> float:
        """What its clock shows: the time, unless a test has it otherwise."""
        return time.time() if self.clock is None else self.clock

    def launch(self) -> None:
        environment = mock.patch.dict(os.environ, self.newsdesk.environment, clear=True)
        with _ENVIRONMENT, environment, contextlib.chdir(self.newsdesk.folder):
            settings = load_settings()
        desk = self._desk(settings)
        vars(desk).update(embedded=shared_encoder(), reader=shared_reader())
        self.pauses, self.status = [], None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self._run, args=(desk,), daemon=True)
        self.thread.start()

    def _desk(self, settings: Any) -> Desk:
        return Desk(settings)

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Has it look for news at no time inside: Chroma's client is one for a whole process."""
        self._held = True
        try:
            self.api.wait(lambda: self._resting or not self.running)
            yield
        finally:
            self._held = False

    def ask_to_stop(self) -> None:
        """What a signal does to a process."""
        assert self.loop is not None
        with contextlib.suppress(RuntimeError):  # it has ended meanwhile: its loop is closed
            self.loop.call_soon_threadsafe(self.application.stop)

    def stop(self, timeout: float = 30) -> int:
        self.ask_to_stop()
        return self.wait(timeout)

    def wait(self, timeout: float) -> int:
        assert self.thread is not None
        self.thread.join(timeout)
        assert self.status is not None, f"it does not end; the log:\n{self.log}"
        return self.status

    def end(self) -> None:
        if self.running:
            self.ask_to_stop()
            self.stop()

    async def _sleep(self, seconds: float) -> None:
        if seconds != self.news:
            self.pauses.append(seconds)
            await faster(seconds)
            return
        self._resting = True
        await faster(seconds)
        while self._held:
            await asyncio.sleep(0.01)
        self._resting = False

    def _run(self, desk: Desk) -> None:
        _BOT.set(self)
        limits = ChatLimits(second=FASTER)
        with _ENVIRONMENT:
            bot, redact = build_bot(desk.settings, limits)
        handler = logging.FileHandler(self.log_file, encoding="utf-8")
        handler.setFormatter(Lines(redact, as_json=desk.settings.log == "json"))
        handler.addFilter(lambda _: _BOT.get() is self)
        logger = logging.getLogger("newsdesk")
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        try:
            pace = Pace(
                self.grace, self.poll, self.prune, self.thinking, self.news, self.now, self._sleep
            )
            self.application = Application(desk, bot, limits, pace)
            asyncio.run(self._serve())
            self.status = 0
        except Exception as error:
            with self.log_file.open("a", encoding="utf-8") as log:
                log.write(redact(f"newsdesk: {explain(error)}\n"))
            self.status = 1
        finally:
            logger.removeHandler(handler)
            handler.close()
            desk.close()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.application.run()


_ENVIRONMENT = threading.Lock()
"""Is held by who changes the environment of this process, or reads all of it."""

_BOT: ContextVar[BotThread | None] = ContextVar("the bot that a log line comes from", default=None)


class Scripted(Bot):
    """A bot whose engine answers some questions as told, and notes what it is asked."""

    @property
    def _script(self) -> Path:
        return self.folder / "script.json"

    @property
    def _notes(self) -> Path:
        return self.folder / "notes"

    def answers(self, word: str, *parts: str, pause: float = 0.0, before: float = 0.0) -> None:
        """A question with this word in it is answered with these parts, one draft after another.

        `pause` is the seconds before each part but the first, `before` those before the first.
        The sources are those that the archive has for the question.
        """
        path = self._script
        script = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        script[word] = {"parts": parts, "pause": pause, "before": before}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(script), encoding="utf-8")
        os.replace(new, path)

    def forget_script(self) -> None:
        """What was told, and what was noted, is forgotten."""
        for path in (self._script, self._notes):
            path.unlink(missing_ok=True)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What the engine was asked: question, history, and how it ended (if it has)."""
        if not self._notes.exists():
            return []
        notes: dict[int, dict[str, Any]] = {}
        for line in self._notes.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            notes.setdefault(note["number"], {}).update(note)
        return list(notes.values())

    def wait_asked(self, word: str, timeout: float = 15) -> dict[str, Any]:
        """Waits until the engine is asked a question with a word in it."""
        return self.api.wait(
            lambda: next((note for note in self.asked if word in note["question"]), None),
            timeout, f"a question with {word!r} at the engine",
        )  # fmt: skip

    def wait_ended(self, word: str, timeout: float = 15) -> None:
        """Waits until the engine's work at a question has ended."""
        self.api.wait(
            lambda: any(word in note["question"] and "end" in note for note in self.asked),
            timeout, f"the end of the work at {word!r}",
        )  # fmt: skip


class ScriptedThread(Scripted, BotThread):
    """The scripted bot in a thread."""

    def _desk(self, settings: Any) -> Desk:
        return ScriptedDesk(settings, self._script, self._notes)


class ScriptedProcess(Scripted, BotProcess):
    """The scripted bot as a process."""

    @property
    def _command(self) -> list[str]:
        program = str(Path(__file__).with_name("scripted_newsdesk.py"))
        return [sys.executable, program, str(self._script), str(self._notes)]
