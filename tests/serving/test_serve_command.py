"""`newsdesk serve` as a process: its start, its end, and what it says where it cannot start."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import httpx
import pytest

from tests.conftest import Newsdesk
from tests.serving.conftest import TRUCE


@contextmanager
def started(newsdesk: Newsdesk, *arguments: str) -> Iterator[tuple[Popen[str], str]]:
    """The command, and the address that it printed."""
    process = newsdesk.start("serve", "--port", "0", *arguments)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield process, line.removeprefix("Serving ").strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(sample: Newsdesk, number: int) -> None:
    with started(sample) as (process, address):
        body = {"model": "newsdesk", "messages": [{"role": "user", "content": TRUCE}]}
        answer = httpx.post(
            f"{address}/v1/chat/completions", json=body, trust_env=False, timeout=60
        )
        assert "26 October" in answer.json()["choices"][0]["message"]["content"]
        process.send_signal(number)
        out, said = process.communicate(timeout=30)
        assert (process.returncode, out, said) == (0, "", "")


def test_it_says_in_one_line_why_it_cannot_start(sample: Newsdesk, empty: Newsdesk) -> None:
    def said(newsdesk: Newsdesk, *arguments: str) -> str:
        ended = newsdesk("serve", *arguments)
        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        return ended.stderr

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 is taken" in said(sample, "--port", str(port))
    assert "set NEWSDESK_API_TOKENS" in said(sample, "--host", "0.0.0.0")
    assert "The archive is empty" in said(empty)
    assert "needs OPENAI_API_KEY" in said(sample, "--engine", "openai", "--port", "0")
    (empty.home / "catalog.db").write_bytes(b"nothing of ours" * 100)
    assert "catalog.db" in said(empty)
