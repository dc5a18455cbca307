from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

QUESTION = "When did the third truce take effect?"


def watched(newsdesk: Newsdesk) -> Newsdesk:
    proxies = {name: "" for name in newsdesk.environment if name.lower().endswith("_proxy")}
    return newsdesk.told(
        **proxies,
        ATTEMPTS=str(newsdesk.folder / "attempts"),
        # Settings of other programs, which would have every question sent to LangChain's makers.
        LANGSMITH_TRACING="true",
        LANGCHAIN_TRACING_V2="true",
        LANGSMITH_API_KEY="secret",
    )


@pytest.mark.process
def test_nothing_leaves_the_machine(newsdesk: Newsdesk) -> None:
    offline = watched(newsdesk)
    ingested = offline.run("ingest", SAMPLE_ARCHIVE)
    assert ingested.returncode == 0, ingested.stderr
    asked = offline.run("ask", QUESTION)
    assert "[1]" in asked.stdout, asked.stderr
    assert not (newsdesk.folder / "attempts").exists()
    # ONNX Runtime would keep what it means to report in the user's cache.
    assert sorted(path.name for path in newsdesk.folder.iterdir()) == []


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_native_code_stays_on_the_machine_too(newsdesk: Newsdesk, sample: Newsdesk) -> None:
    log = newsdesk.folder / "connections"
    watch = ["strace", "-f", "-e", "trace=connect", "-o", str(log)]
    done = subprocess.run(
        [*watch, *sample.command, "ask", QUESTION],
        env=sample.environment,
        cwd=newsdesk.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[1]" in done.stdout, done.stderr
    assert re.findall(r"connect\(\d+, \{sa_family=AF_INET6?, .*", log.read_text()) == []


@pytest.mark.process
def test_the_watch_would_see_it(newsdesk: Newsdesk) -> None:
    outward = watched(newsdesk)
    for attempt in ("create_connection(('192.0.2.1', 80))", "gethostbyname('example.org')"):
        done = subprocess.run(
            [sys.executable, "-c", f"import socket; socket.{attempt}"],
            env=outward.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "the network is off" in done.stderr
    assert (newsdesk.folder / "attempts").read_text().split() == ["192.0.2.1", "example.org"]


def test_this_process_is_watched_too() -> None:
    for attempt in (
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 443),
    ):
        with pytest.raises(OSError, match="the network is off"):
            attempt()
    log = Path(os.environ["ATTEMPTS"])
    assert log.read_text().splitlines() == ["192.0.2.1", "example.org"]
    log.unlink()  # these were meant
