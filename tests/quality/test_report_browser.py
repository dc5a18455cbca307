"""The page of an evaluation in a real browser: it works, asks for nothing, runs no other's code."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from retrieval.evaluation.report import render_report
from retrieval.evaluation.results import Cited, Expected, Retrieved, Run
from tests.quality.sample_run import sample_baseline, sample_run

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium: apt-get install chromium (the page is not looked at)"
    ),
]

OF_THE_BROWSER = re.compile(r"^(https?://)?[\w.-]+\.(google|googleapis|gstatic)\.com[:/]")
"""What Chromium asks for by itself at its start; the proxy refuses it too."""

HOSTILE = (
    '</title></style></script><script>document.title = "owned"; console.error("ran")</script>'
    '<img src="http://evil.example/x.png" onerror="document.title = \'owned\'">'
    '<svg onload="document.title = \'owned\'"><base href="http://evil.example/">'
    "'\"><iframe src=javascript:alert(1)></iframe>{{ 7 * 7 }} \u202edlrow \u0000 olleh"
)


@dataclass
class Page(HTMLParser):
    """What the browser made of a page: its elements, and what it said on the console."""

    dom: str
    console: list[str]
    requests: list[str]
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def named(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        return [
            attributes
            for found, attributes in self.elements
            if found == tag and (not name or name in (attributes.get("class") or "").split())
        ]

    @property
    def shown(self) -> list[str]:
        """The outcomes of the questions that the filter leaves."""
        cards = self.named("li", "card")
        return [card["data-outcome"] or "" for card in cards if "hidden" not in card]

    @property
    def title(self) -> str:
        found = re.search("<title>(.*?)</title>", self.dom)
        return found.group(1) if found else ""


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A proxy on the loopback interface, and what it was asked for."""
    requests: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            if not OF_THE_BROWSER.search(self.path):
                requests.append(self.path)
            self.send_error(403)

        do_GET = do_POST = do_CONNECT = do_HEAD = refuse  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", requests
        server.shutdown()
        thread.join()


@pytest.fixture
def browse(asked: tuple[str, list[str]], tmp_path: Path) -> Callable[..., Page]:
    def browse(text: str, anchor: str = "") -> Page:
        proxy, requests = asked
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [
                str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}", f"--proxy-server={proxy}",
                "--proxy-bypass-list=<-loopback>", "--virtual-time-budget=2000", "--dump-dom",
                f"{file.as_uri()}{anchor}",
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Page(done.stdout, console, requests)

    return browse


def hostile(run: Run) -> Run:
    """The run with foreign text that is as bad as it gets, everywhere."""
    found = Retrieved(f"javascript:{HOSTILE}", HOSTILE, 1.0, HOSTILE, gold=True)
    cited = Cited(1, HOSTILE, HOSTILE, f"{HOSTILE} quoted", gold=False, verbatim=False)
    first, *others = run.records
    bad = replace(
        first, id=HOSTILE, kind=HOSTILE, right=False, question=HOSTILE, answer=HOSTILE,
        standalone_question=f"{HOSTILE} alone", as_of=HOSTILE, error=HOSTILE,
        citations=(cited,), retrieved=(found,),
        expected=Expected(True, (f"javascript:{HOSTILE}",), ((HOSTILE, "<b>"),), HOSTILE),
    )  # fmt: skip
    return replace(
        run, engine=HOSTILE, started=HOSTILE, archive=HOSTILE,
        settings={HOSTILE: HOSTILE}, records=(bad, *others),
    )  # fmt: skip


def test_the_page_shows_what_is_not_right_and_asks_for_nothing(browse: Callable[..., Page]) -> None:
    page = browse(render_report(sample_run(), sample_baseline()))
    assert page.console == []
    assert page.requests == []
    assert sorted(page.shown) == ["wrong answer", "wrongly answered", "wrongly declined"]
    assert "hidden" not in page.named("form", "filter")[0]
    assert "3 of 5 questions" in page.dom
    assert len(page.named("svg", "chart")) == 2


def test_a_link_to_a_question_opens_it_whatever_the_filter(browse: Callable[..., Page]) -> None:
    page = browse(render_report(sample_run()), "#q1")
    assert page.console == []
    assert "right" in page.shown
    assert re.search(r'<li class="card" id="q1"[^>]*>\s*<details open="">', page.dom)


def test_every_chart_and_table_says_what_it_is(browse: Callable[..., Page]) -> None:
    page = browse(render_report(sample_run(), sample_baseline()))
    for svg in page.named("svg"):
        named = {"aria-label", "aria-labelledby", "aria-hidden"}
        assert named & set(svg), svg
    assert len(page.named("table")) == len(page.named("caption"))
    assert all("scope" in th for th in page.named("th"))
    assert page.named("html")[0]["lang"] == "en"
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_hostile_text_stays_text(browse: Callable[..., Page]) -> None:
    page = browse(render_report(hostile(sample_run())), "#q1")
    assert page.console == []
    assert page.requests == []
    assert page.title.startswith("Answer quality")
    assert len(page.named("script")) == 1
    for tag in ("img", "iframe", "base", "object", "embed"):
        assert page.named(tag) == []
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on"]
    assert all((a.get("href") or "").startswith("#") for a in page.named("a"))
    assert "49" not in page.dom.partition("{{ 7 * 7 }}")[2][:10]
    assert "\u202e" not in page.dom
    assert "⟨U+202E⟩dlrow" in page.dom


def test_the_page_itself_would_block_what_slipped_in(browse: Callable[..., Page]) -> None:
    slipped = '<script>document.title = "owned"</script><img src="http://evil.example/x.png">'
    text = render_report(sample_run()).replace("<main>", f"<main>{slipped}")
    page = browse(text)
    assert page.title.startswith("Answer quality")
    assert len(page.console) == 2
    assert page.requests == []

    page = browse(text.replace("Content-Security-Policy", "nothing"))
    assert page.title == "owned"
    assert page.requests == ["http://evil.example/x.png"]
