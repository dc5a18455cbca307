"""The bot under load: 50 chats that ask at once, over real HTTP, at the tests' Bot API server.

    .venv/bin/python -m scripts.bench_telegram [SECONDS]

Each chat asks two questions in a row, and the next two when both have been answered. Every
question must be answered once, and in its chat's order.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.telegram.botapi import BotApi

if TYPE_CHECKING:
    from tests.telegram.botapi import Person, Shown

ROOT = Path(__file__).resolve().parent.parent

CHATS, SECONDS, IN_A_ROW = 50, 60.0, 2
QUESTIONS = (
    "Who co-chairs the Minsk Group?",
    "When did the third truce take effect?",
    "How many Russian peacekeepers will be deployed?",
    "How long was the Ever Given stuck in the Suez Canal?",
    "Why was the Nobel committee's decision criticised?",
    "What is the population of Yerevan?",
)


@dataclass
class Load:
    """What came of it: seconds by question, and the bot's memory at most in MB."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    repeated: int = 0
    disordered: int = 0
    violations: int = 0
    memory: float = 0.0


def measure_load(seconds: float = SECONDS, chats: int = CHATS) -> Load:
    """Have chats ask for so many seconds."""
    load, api = Load(), BotApi().start()
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ, "NEWSDESK_HOME": home, "PYTHONPATH": str(ROOT),
            "NEWSDESK_ENGINE": "extractive", "TELEGRAM_BOT_TOKEN": api.token,
            "TELEGRAM_API_URL": api.url,
        }  # fmt: skip
        command = [sys.executable, "-m", "bot"]
        subprocess.run(
            [*command, "ingest", str(ROOT / "corpus/articles")],
            env=environment, cwd=home, check=True, capture_output=True,
        )  # fmt: skip
        bot = subprocess.Popen(
            [*command, "telegram"], env=environment, cwd=home, stderr=subprocess.DEVNULL
        )
        try:
            api.wait(lambda: api.requested("getUpdates"), 60, "a poll of the bot")
            _ask(api, load, psutil.Process(bot.pid), seconds, chats)
        finally:
            bot.terminate()
            bot.wait(30)
            api.stop()
    load.violations = len(api.violations)
    return load


def _ask(api: BotApi, load: Load, bot: psutil.Process, seconds: float, chats: int) -> None:
    people = [api.person(f"P{number}") for number in range(chats)]
    until = time.monotonic() + seconds
    asked: list[tuple[Person, list[Shown]]] = []
    noting = threading.Lock()

    def chat(person: Person, number: int) -> None:
        questions = itertools.islice(itertools.cycle(QUESTIONS), number % len(QUESTIONS), None)
        mine: list[Shown] = []
        with noting:
            asked.append((person, mine))
        while time.monotonic() < until:
            row = [person.says(next(questions)) for _ in range(IN_A_ROW)]
            mine.extend(row)
            for question in row:
                try:
                    person.private.reply(question, timeout=60)
                except AssertionError:
                    return

    threads = [
        threading.Thread(target=chat, args=(person, number)) for number, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        load.memory = max(load.memory, bot.memory_info().rss / 1024**2)
        time.sleep(0.2)
    for person, questions in asked:
        _judge(load, person, questions)


def _judge(load: Load, person: Person, questions: list[Shown]) -> None:
    replies = [person.private.replies(question) for question in questions]
    load.unanswered += sum(not found for found in replies)
    load.repeated += sum(len(found) > 1 for found in replies)
    numbers = [found[0].id for found in replies if found]
    load.disordered += numbers != sorted(numbers)
    load.seconds += [
        found[0].at - question.at for question, found in zip(questions, replies, strict=True)
        if found
    ]  # fmt: skip


def main(seconds: float = SECONDS) -> int:
    """Print what came of it; 1 if a question was not answered once and in order."""
    load = measure_load(seconds)
    print(
        f"{CHATS} chats asking for {seconds:.0f} s: {len(load.seconds)} questions answered, "
        f"{load.unanswered} not, {load.repeated} more than once; "
        f"{load.disordered} chats out of order; {load.violations} requests refused\n"
        f"s from question to answer: median {statistics.median(load.seconds):.2f}, "
        f"worst {max(load.seconds):.2f}; the bot took {load.memory:.0f} MB at most"
    )
    return int(bool(load.unanswered + load.repeated + load.disordered + load.violations))


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
