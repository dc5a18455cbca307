from __future__ import annotations

import subprocess
import sys

from conftest import SAMPLE_ARCHIVE, Newsdesk

QUESTION = "When did the third truce take effect?"

# Runs in the process under test before anything of ours: what leaves the machine is refused and
# written down. Looking a name up is the first step of leaving it.
WATCH = """\
import os, socket

def _refuse(what):
    with open(os.environ["ATTEMPTS"], "a") as log:
        print(what, file=log)
    raise OSError(f"the network is off: {what}")

def _is_here(address):
    if not isinstance(address, tuple):
        return True
    return str(address[0]).startswith("127.") or address[0] in ("::1", "localhost")

class Watched(socket.socket):
    def connect(self, address):
        return super().connect(address) if _is_here(address) else _refuse(address)
    def connect_ex(self, address):
        return super().connect_ex(address) if _is_here(address) else _refuse(address)
    def sendto(self, data, *rest):
        return super().sendto(data, *rest) if _is_here(rest[-1]) else _refuse(rest[-1])

def _getaddrinfo(host, *rest, _real=socket.getaddrinfo, **named):
    return _real(host, *rest, **named) if _is_here((host or "::1",)) else _refuse(host)

def _gethostbyname(host, _real=socket.gethostbyname):
    return _real(host) if _is_here((host,)) else _refuse(host)

socket.socket = Watched
socket.getaddrinfo = _getaddrinfo
socket.gethostbyname = _gethostbyname
with open(os.environ["ATTEMPTS"], "a"):
    pass
"""


def watched(newsdesk: Newsdesk) -> Newsdesk:
    (newsdesk.folder / "sitecustomize.py").write_text(WATCH)
    proxies = {name: "" for name in newsdesk.environment if name.lower().endswith("_proxy")}
    return newsdesk.told(
        **proxies,
        ATTEMPTS=str(newsdesk.folder / "attempts"),
        PYTHONPATH=f"{newsdesk.folder}:{newsdesk.environment['PYTHONPATH']}",
        # Settings of other programs, which would have every question sent to LangChain's makers.
        LANGSMITH_TRACING="true",
        LANGCHAIN_TRACING_V2="true",
        LANGSMITH_API_KEY="secret",
    )


def test_nothing_leaves_the_machine(newsdesk: Newsdesk) -> None:
    offline = watched(newsdesk)
    ingested = offline("ingest", SAMPLE_ARCHIVE)
    assert ingested.returncode == 0, ingested.stderr
    asked = offline("ask", QUESTION)
    assert "[1]" in asked.stdout, asked.stderr
    assert (newsdesk.folder / "attempts").read_text() == ""


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
