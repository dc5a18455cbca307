"""`newsdesk serve` under load: 50 clients that ask at once, over real HTTP.

    .venv/bin/python -m scripts.bench_serving [SECONDS]

Each client asks a question through OpenAI's chat completions, waits for the answer and asks the
next. Every question must be answered, once, and with the answer to it.
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

import httpx
import psutil

from scripts.bench_telegram import QUESTIONS

ROOT = Path(__file__).resolve().parent.parent

CLIENTS, SECONDS = 50, 60.0


@dataclass
class Load:
    """What came of it: seconds by question, and the server's memory at most in MB."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    mistaken: int = 0
    memory: float = 0.0


def measure_load(seconds: float = SECONDS, clients: int = CLIENTS) -> Load:
    """Have clients ask for so many seconds."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ, "NEWSDESK_HOME": home, "PYTHONPATH": str(ROOT),
            "NEWSDESK_ENGINE": "extractive",
        }  # fmt: skip
        command = [sys.executable, "-m", "bot"]
        subprocess.run(
            [*command, "ingest", str(ROOT / "corpus/articles")],
            env=environment, cwd=home, check=True, capture_output=True,
        )  # fmt: skip
        server = subprocess.Popen(
            [*command, "serve", "--port", "0"],
            env=environment, cwd=home, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            return _ask(address, psutil.Process(server.pid), seconds, clients)
        finally:
            server.terminate()
            server.wait(30)


def _ask(address: str, server: psutil.Process, seconds: float, clients: int) -> Load:
    load, noting = Load(), threading.Lock()
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        right = {question: _answer(client, question) for question in QUESTIONS}
    until = time.monotonic() + seconds

    def ask(number: int) -> None:
        questions = itertools.islice(itertools.cycle(QUESTIONS), number % len(QUESTIONS), None)
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            while time.monotonic() < until:
                question, begun = next(questions), time.monotonic()
                try:
                    answer = _answer(client, question)
                except httpx.HTTPError:
                    answer = None
                with noting:
                    load.unanswered += answer is None
                    load.mistaken += answer not in (None, right[question])
                    if answer is not None:
                        load.seconds.append(time.monotonic() - begun)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        load.memory = max(load.memory, server.memory_info().rss / 1024**2)
        time.sleep(0.2)
    return load


def _answer(client: httpx.Client, question: str) -> str:
    body = {"model": "newsdesk", "messages": [{"role": "user", "content": question}]}
    response = client.post("/v1/chat/completions", json=body).raise_for_status()
    content: str = response.json()["choices"][0]["message"]["content"]
    return content


def main(seconds: float = SECONDS) -> int:
    """Print what came of it; 1 if a question was not answered, or with another's answer."""
    load = measure_load(seconds)
    print(
        f"{CLIENTS} clients asking for {seconds:.0f} s: {len(load.seconds)} questions answered, "
        f"{load.unanswered} not, {load.mistaken} with another answer\n"
        f"s from question to answer: median {statistics.median(load.seconds):.2f}, "
        f"worst {max(load.seconds):.2f}; the server took {load.memory:.0f} MB at most"
    )
    return int(bool(load.unanswered + load.mistaken))


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
