"""The page in a real browser: ask, see the answer grow, open a source, follow up, filter."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.serving.pages import CHROMIUM, desk_at, served

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium: apt-get install chromium (the page is not looked at)"
    ),
]

PEACEKEEPERS = "How many Russian peacekeepers will be deployed?"


@pytest.fixture(scope="module")
def home(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample archive and some articles that are not like others."""
    home = tmp_path_factory.mktemp("page") / "home"
    shutil.copytree(ingested, home)
    return home


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    with served(desk_at(home, engine="extractive")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Seen:
    """What the browser complained of, and what it asked other hosts for."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Opens pages of the site; in the end, none has broken its own policy or left the site."""
    seen, contexts = Seen(), list[BrowserContext]()

    def open_page(path: str = "/", **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on(
            "request",
            lambda r: None if r.url.startswith(site) else seen.elsewhere.append(r.url),
        )
        page.goto(f"{site}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen == Seen()


def ask(page: Page, question: str) -> None:
    """Type a question and press Enter."""
    page.get_by_role("textbox", name="Ask").fill(question)
    page.get_by_role("textbox", name="Ask").press("Enter")


def test_without_javascript_a_source_is_read_beside_the_answer(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    ask(page, PEACEKEEPERS)
    answer = page.locator(".answer")
    expect(answer).to_contain_text("Russia has deployed 1,960 peacekeepers")
    page.get_by_role("link", name="[1] Lachin handover").first.click()
    expect(page.locator("mark")).to_have_text(
        "Russia has deployed 1,960 peacekeepers in the region."
    )
    expect(page.locator("mark")).to_be_in_viewport()
    expect(page.get_by_role("complementary", name="Source")).to_contain_text("1 December 2020")
    expect(answer).to_contain_text("1,960")
    ask(page, "Until when?")
    expect(page.locator(".exchange")).to_have_count(2)
    page.get_by_role("button", name="Good answer").last.click()
    expect(page.get_by_role("button", name="Good answer").last).to_have_attribute(
        "aria-pressed", "true"
    )
