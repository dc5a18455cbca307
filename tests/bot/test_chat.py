"""The chat under a real pseudo-terminal, looked at through the emulator of one."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

import pexpect
import pyte
import pytest

from retrieval.answers import Answer
from retrieval.assistant import Assistant
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

READY = r"^›\s*\Z"
"""The prompt, with nothing typed and nothing below it."""

TRUCE = "When did the third truce take effect?"
PASTE_OFF = "\x1b[?2004l"
"""What a prompt sends when it ends."""
UP, CTRL_C, CTRL_D = "\x1b[A", "\x03", "\x04"


LOADS_WHEN_TOLD = """
import bot.cli
from bot.wiring import Desk

searcher = vars(Desk)["searcher"]
load = searcher.func

def load_when_told(desk):
    open("loads").read()
    searcher = load(desk)
    open("loaded", "w").close()
    return searcher

searcher.func = load_when_told
bot.cli.main()
"""
"""The command, which loads what answers when the pipe `loads` has been written to."""


class Terminal:
    """A terminal of 80 x 40 with the chat in it."""

    def __init__(self, newsdesk: Newsdesk, code: str = "from bot.cli import main; main()") -> None:
        self.child: pexpect.spawn[str] = pexpect.spawn(
            newsdesk.command[0],
            ["-c", code, "chat"],
            env=newsdesk.environment | {"TERM": "xterm-256color"},
            cwd=str(newsdesk.folder),
            dimensions=(40, 80),
            encoding="utf-8",
        )
        self.screen = pyte.Screen(80, 40)
        self.screen.write_process_input = self.child.send  # type: ignore[method-assign]  # answers to what the program asks it
        self.stream = pyte.Stream(self.screen)
        self.raw = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def see(self, pattern: str, seconds: float = 60) -> str:
        """Look until the screen shows a pattern; what it shows then."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text, re.MULTILINE | re.DOTALL):
            assert time.monotonic() < end, f"{pattern!r} is not on the screen:\n{self.text}"
            try:
                data = self.child.read_nonblocking(65536, timeout=0.2)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                pytest.fail(f"the chat ended without {pattern!r}:\n{self.text}")
            self.raw += data
            self.stream.feed(data)
        return self.text

    def type(self, line: str) -> None:
        """Type a line on a clean screen."""
        self.screen.reset()
        self.child.send(f"{line}\r")

    def ended(self) -> int:
        self.child.expect(pexpect.EOF, timeout=30)
        return self.child.wait()  # `close` would end a process that is still about to


@pytest.fixture
def terminal(own_sample: Newsdesk, tmp_path: Path) -> Iterator[Terminal]:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    os.mkfifo(own_sample.folder / "loads")
    told = own_sample.told(DISPLAY=":7", BROWSER=str(browser))
    with Terminal(told, LOADS_WHEN_TOLD) as terminal:
        yield terminal


@pytest.mark.process
def test_a_conversation(terminal: Terminal, own_sample: Newsdesk, tmp_path: Path) -> None:
    seen = terminal.see(rf"44 articles.*{READY}")
    assert "/help" in seen

    # Ctrl-C stops an answer and not the program; what answers is still being loaded here.
    terminal.type(TRUCE)
    terminal.see("Reading the archive…")
    terminal.child.send(CTRL_C)
    terminal.see(rf"^Stopped\.\n{READY}")
    (own_sample.folder / "loads").write_text("now")

    # Ctrl-C at the prompt clears the line, and on an empty one says how to leave.
    terminal.child.send("abandoned")
    terminal.see("^› abandoned$")
    terminal.child.send(CTRL_C)
    terminal.see(READY)
    terminal.child.send(CTRL_C)
    terminal.see("^/quit or Ctrl-D leaves")

    # A pasted question of several lines is one question; its sources follow the answer.
    terminal.type("\x1b[200~When did the third\ntruce take effect?\x1b[201~")
    seen = terminal.see(rf"\[1\].*^\[1\].*—\s+Newsdesk sample archive, .*{READY}")
    assert "Reading the archive" not in seen
    assert "\x1b]8;" in terminal.raw

    terminal.type("/sources")
    terminal.see(rf"^\[1\] .*{READY}")
    marked = " ".join(filter(None, map(reversed_text, terminal.screen.buffer.values())))
    assert marked
    assert marked[:40] in " ".join(seen.split())

    terminal.type("/open 1")
    terminal.see(r"^file:///.*\.md")
    opened = (tmp_path / "opened").read_text().strip()
    assert Path(opened.removeprefix("file://")).parent == SAMPLE_ARCHIVE
    terminal.type("/open 99")
    terminal.see("^/open takes the number")
    terminal.type("/nonsense")
    terminal.see("^There is no command /nonsense: /help")

    # A follow-up is searched with what was said; what another process ingests is seen.
    terminal.type("Who brokered it?")
    terminal.see(rf"\[1\].*{READY}")
    story = tmp_path / "ferry.txt"
    story.write_text("Last ferry\n\nThe night ferry to Orkney carried 212 passengers.\n")
    assert own_sample("ingest", story).returncode == 0
    terminal.type("/new")
    terminal.see("begins anew")
    terminal.type("How many passengers did the night ferry to Orkney carry?")
    terminal.see("carried 212 passengers")

    terminal.type("/quit")
    assert terminal.ended() == 0
    history = own_sample.home / "chat_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600

    with Terminal(own_sample) as again:
        again.see(READY)
        again.child.send(UP + UP)
        again.see("^› How many passengers did the night ferry")
        again.child.send(CTRL_C + CTRL_D)
        assert again.ended() == 0


@pytest.mark.process
def test_leaving_waits_for_what_is_being_loaded(terminal: Terminal, own_sample: Newsdesk) -> None:
    terminal.see(READY)
    terminal.child.send(CTRL_D)
    while PASTE_OFF not in terminal.raw:
        terminal.raw += terminal.child.read_nonblocking(65536, timeout=30)
    (own_sample.folder / "loads").write_text("now")  # waits for a reader, or for the timeout
    assert terminal.ended() == 0
    assert (own_sample.folder / "loaded").exists()


def reversed_text(row: dict[int, pyte.screens.Char]) -> str:
    """What stands in reverse on a row of the screen."""
    return "".join(char.data for _, char in sorted(row.items()) if char.reverse).strip()


def test_the_unexpected_is_one_line_and_the_chat_goes_on(
    own_sample: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> AsyncIterator[Answer]:
        raise KeyError("a bug")
        yield

    monkeypatch.setattr(Assistant, "stream", broken)
    lines = f"{TRUCE}\n/nonsense\n"
    done = own_sample("chat", input=lines)
    assert done.returncode == 0
    assert "There is no command /nonsense" in done.stdout
    assert re.fullmatch(r"newsdesk: .*KeyError.*NEWSDESK_DEBUG=1.*\n", done.stderr)
    debugged = own_sample.told(NEWSDESK_DEBUG="1")("chat", input=lines)
    assert debugged.returncode == 1
    assert "Traceback" in debugged.stderr


def test_a_chat_without_a_terminal(own_sample: Newsdesk) -> None:
    lines = (
        f"{TRUCE}\n\n/SOURCES\nWho brokered it?\n/nonsense\n{'word ' * 10_000}\nHello\n/quit\nnever"
    )
    done = own_sample("chat", input=lines)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    asked = re.findall(r"^› (.*)$", done.stdout, re.MULTILINE)
    assert asked[:4] == [TRUCE, "/SOURCES", "Who brokered it?", "/nonsense"]
    assert asked[-1] == "/quit"
    answers = done.stdout.removeprefix(f"› {TRUCE}\n")
    assert answers.count("[1] ") >= 3
    assert "There is no command /nonsense" in answers
    assert "Hello!" in answers
    [line] = done.stderr.splitlines()
    assert "49,999 characters" in line
    first = re.match(r"(.*?) \[1\]", answers)
    assert first is not None
    assert len(re.findall(re.escape(first[1]), answers)) >= 2, "/sources quotes it again"
    assert not (own_sample.home / "chat_history").exists()


@pytest.mark.parametrize("word", ["exit", "Quit", "bye.", "BYE!", "/EXIT", "goodbye"])
def test_a_word_that_leaves(empty: Newsdesk, word: str) -> None:
    done = empty("chat", input=f"{word}\n/nonsense\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"› {word}\n", "")


def test_a_question_that_begins_so_is_asked(empty: Newsdesk) -> None:
    done = empty("chat", input="Exit polls?\nbye bye Birdie\nquit smoking\n/nonsense\n")
    assert "There is no command /nonsense" in done.stdout


def test_small_talk_leaves_the_last_answer_to_be_opened(sample: Newsdesk) -> None:
    lines = [TRUCE, "thanks", "/open 1", "Who won the World Cup in 2018?", "/open 1"]
    done = sample("chat", input="\n".join(lines))
    opened = re.findall(r"^› /open 1\n(.*)$", done.stdout, re.MULTILINE)
    assert [re.sub(".*/", "", line) for line in opened] == [
        "2020-10-26-washington-truce.md",
        "The last answer has no sources.",
    ]
    none = sample("chat", input="/open 1\n/sources\n")
    assert none.stdout.count("There is no answer yet.") == 2


def test_an_engine_that_cannot_be_had_is_said_before_the_first_question(sample: Newsdesk) -> None:
    done = sample("chat", "--engine", "openai", input=f"{TRUCE}\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: .*needs OPENAI_API_KEY.*\n", done.stderr)
