"""The page in a real browser: ask, see the answer grow, open a source, follow up, filter."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from bot.rendering.links import marked
from bot.serving.drawing import login_page
from tests.openai_server.server import Service, after, serving, then_says
from tests.serving.conftest import PEACEKEEPERS, TRUCE, desk_of, served
from tests.serving.pages import FERRY, PUMPS, SAILS, SCRIPT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium: apt-get install chromium (the page is not looked at)"
    ),
]

DEPLOYED = "Russia has deployed 1,960 peacekeepers in the region."
SIGN_IN = "the server responded with a status of 401"
"""What a browser says when it has to sign in anew."""
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Seen:
    """What the browser complained of, such as a breach of the page's policy, and where it asked."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


Open = Callable[..., Page]


def is_complaint(message: ConsoleMessage) -> bool:
    """Whether a browser finds fault; it also tells, say, that a test was quicker than autofocus."""
    return message.type in ("error", "warning") and SIGN_IN not in message.text


@pytest.fixture
def browse(browser: Browser) -> Iterator[Open]:
    """Opens pages, each as a visitor of its own; in the end, nothing was wrong with any of them."""
    seen, contexts = Seen(), list[BrowserContext]()

    def browse(address: str, **options: Any) -> Page:
        wide = {"width": 1200, "height": 800}
        context = browser.new_context(**{"viewport": wide, "service_workers": "block", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on(
            "console",
            lambda m: seen.complaints.append(m.text) if is_complaint(m) else None,
        )
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on(
            "request",
            lambda r: None if r.url.startswith(address) else seen.elsewhere.append(r.url),
        )
        page.goto(address)
        return page

    yield browse
    for context in contexts:
        context.close()
    assert seen == Seen()


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Ask")


def ask(page: Page, question: str) -> Locator:
    """Type a question and press Enter; returns the exchange, answered."""
    number = page.locator(".exchange[id]").count()
    box(page).fill(question)
    box(page).press("Enter")
    exchange = page.locator(".exchange[id]").nth(number)
    expect(exchange).to_be_visible(timeout=30_000)
    return exchange


def source(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Source")


def test_a_source_is_read_beside_its_answer_and_a_follow_up_is_understood(
    browse: Open, site: str
) -> None:
    page = browse(site)
    exchange = ask(page, PEACEKEEPERS)
    expect(exchange.locator(".answer")).to_contain_text(DEPLOYED)
    expect(page.get_by_role("status")).to_contain_text(DEPLOYED)
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")

    mark = exchange.locator(".answer").get_by_role("link", name="[1]")
    mark.click()
    expect(page.locator("mark")).to_have_text(DEPLOYED)
    expect(page.locator("mark")).to_be_in_viewport()
    expect(exchange.locator(".answer")).to_be_in_viewport()
    expect(source(page).get_by_role("article")).to_be_focused()
    expect(source(page)).to_contain_text("Newsdesk sample archive, 1 December 2020")
    page.go_back()
    expect(source(page)).to_be_hidden()
    expect(mark).to_be_focused()

    again = ask(page, "For how long?")
    expect(page.locator(".exchange")).to_have_count(2)
    expect(again.locator(".answer")).to_contain_text("five years")
    expect(again.locator(".answer")).not_to_contain_text("ran aground")  # asked of all else too
    again.get_by_role("button", name="Bad answer").click()
    pressed = again.get_by_role("button", name="Bad answer")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(pressed).to_be_focused()
    page.go_back()
    expect(page.locator(".exchange")).to_have_count(1)
    page.get_by_role("link", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)


def test_the_same_without_javascript_on_a_narrow_screen(browse: Open, site: str) -> None:
    page = browse(site, java_script_enabled=False, viewport=NARROW)
    exchange = ask(page, PEACEKEEPERS)
    exchange.locator(".answer").get_by_role("link", name="[1]").click()
    expect(page.locator("mark")).to_have_text(DEPLOYED)
    expect(page.locator("mark")).to_be_in_viewport()
    expect(exchange.locator(".answer")).to_contain_text("1,960")
    page.get_by_role("link", name="Close").click()
    expect(source(page)).to_be_hidden()
    expect(ask(page, "For how long?").locator(".answer")).to_contain_text("five years")
    page.get_by_role("button", name="Good answer").last.click()
    expect(page.get_by_role("button", name="Good answer").last).to_have_attribute(
        "aria-pressed", "true"
    )
    refused = ask(page, "Who won the World Cup in 2018?")
    nearest = refused.get_by_role("link", name="Tokyo Olympics postponed")
    nearest.click()
    expect(source(page).get_by_role("heading", level=2)).to_contain_text("Tokyo Olympics")


@pytest.mark.parametrize("script", [True, False])
def test_filters_stand_until_they_are_taken_out(browse: Open, site: str, script: bool) -> None:
    page = browse(site, java_script_enabled=script)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Until").fill("2020-11-30")
    page.get_by_label("Outlet").fill("The Bugle")
    exchange = ask(page, FERRY)
    expect(exchange.locator(".answer")).to_have_text("The archive does not answer that.")
    expect(exchange.locator(".notice")).to_contain_text('source:"The Bugle" before:2020-12-01')
    expect(page.get_by_label("Outlet")).to_have_value("The Bugle")
    page.get_by_label("Until").fill("")
    found = ask(page, FERRY).locator(".answer")
    expect(found).to_contain_text(SAILS)
    found.get_by_role("link", name="[1]").click()
    expect(page.locator("mark")).to_be_visible()
    expect(page.get_by_label("Outlet")).to_have_value("The Bugle")
    page.get_by_role("link", name="Without filters").click()
    expect(page.get_by_label("Outlet")).to_have_value("")
    typed = ask(page, f"{FERRY} before:2021")
    expect(typed.locator(".notice")).to_contain_text("before:2021-01-01")


def test_each_sentence_is_shown_before_the_next_is_written(browse: Open, odd_home: Path) -> None:
    first = "The third truce took effect at eight in the morning on Monday, 26 October. [1]"
    second = "It had been brokered by the United States. [1]"
    with serving() as service, written_by(service, odd_home) as site:
        service.script = [after(f"{first} {second[:12]}", then_says(second[12:]))]
        page = browse(site)
        box(page).fill(TRUCE)
        box(page).press("Enter")
        growing = page.locator(".answer")
        expect(growing).to_have_text(first)
        expect(page.get_by_role("status")).to_contain_text(first)
        assert not service.go_on.is_set()
        service.go_on.set()
        expect(page.locator(".answer")).to_have_text(f"{first} {second[:-3]}[2]")
        expect(page.locator(".answer").get_by_role("link")).to_have_count(2)

        service.go_on.clear()
        service.script = [after(f"{first} {second[:12]}", lambda exchange: exchange.wait())]
        box(page).fill("When did the third truce begin?")
        box(page).press("Enter")
        expect(page.locator(".answer").nth(1)).to_have_text(first)
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("alert")).to_have_text("Stopped.")
        assert service.left.wait(20), "the model's work ends too"
        expect(page.locator(".exchange")).to_have_count(1)
        expect(box(page)).to_have_value("When did the third truce begin?")


def written_by(service: Service, odd_home: Path) -> Any:
    """The page over a desk whose answers a scripted model writes."""
    return served(desk_of(odd_home, openai_base_url=service.url, openai_api_key="sk-x"))


@pytest.mark.parametrize("script", [True, False])
def test_text_of_others_is_no_markup(browse: Open, site: str, script: bool) -> None:
    page = browse(site, java_script_enabled=script, viewport=NARROW)
    exchange = ask(page, f"{PUMPS} <b>{SCRIPT}</b>")
    expect(exchange.get_by_role("heading", level=2)).to_contain_text(SCRIPT)
    expect(exchange.locator(".answer")).to_contain_text(f"</mark>{SCRIPT} on Tuesday.")
    exchange.locator(".answer").get_by_role("link", name="[1]").click()
    expect(page.locator("mark")).to_contain_text(f"quarry </mark>{SCRIPT} on Tuesday.")
    expect(source(page)).to_contain_text('<img src=x onerror="document.title=')
    expect(source(page)).to_contain_text("**Pumps** reach the Vellmoor quarry {{ 7 * 7 }}")
    assert page.title() != "owned"
    assert page.locator("img, iframe, b, script:not([src^='/static/'])").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    wide = page.evaluate("document.documentElement.scrollWidth") if script else 320
    assert wide == 320, "a very long word is broken"


def test_everything_is_done_with_the_keyboard(browse: Open, site: str) -> None:
    page = browse(site)
    expect(box(page)).to_be_focused()
    page.keyboard.type(FERRY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Good answer")).to_be_visible()
    for _ in range(6):  # back from the box, over the thumbs and the sources
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.answer a')"):
            break
    page.keyboard.press("Enter")
    expect(source(page).get_by_role("article")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(source(page)).to_be_hidden()
    expect(page.locator(".answer").get_by_role("link", name="[1]")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(browser: Browser, site: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    rules = ["color-contrast"] if scheme == "dark" else []  # the rest is the same page
    problems = partial(wrong, rules=rules)
    page.goto(site)
    found = {"empty": problems(page)}
    page.get_by_text("Filters", exact=True).click()
    ask(page, FERRY)
    exchange = ask(page, "Who won the World Cup in 2018?")
    expect(exchange.get_by_role("heading", name="Nearest articles")).to_be_visible()
    found["answered"] = problems(page)
    page.locator(".answer .mark").first.click()
    expect(page.locator("mark")).to_be_visible()
    exchange.page.get_by_role("button", name="Good answer").first.click()
    found["reading"] = problems(page)
    page.set_viewport_size({"width": 320, "height": 640})
    found["narrow"] = problems(page)
    page.goto(f"{site}/?q=War&since=never")
    found["error"] = problems(page)
    page.route("**/login", lambda route: route.fulfill(body=login_page(message="No such token.")))
    page.goto(f"{site}/login")
    found["login"] = problems(page)
    context.close()
    assert not any(found.values()), found


def wrong(page: Page, rules: list[str]) -> list[tuple[str, list[str]]]:
    """What axe finds wrong by some rules, or by all: the rule, and where."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    violations = Axe().run(page, options=options).response["violations"]
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in violations]


def test_the_browser_marks_the_quote_of_a_link_on_the_page_it_leads_to(browser: Browser) -> None:
    quoted = f"{SAILS} It carries 120 cars - and 600 passengers, twice as many as the old one."
    page = browser.new_page()
    text = f"<p>{'Other news. ' * 3000}</p><p id=q>{quoted.replace(' It', '<br>It')}</p>"
    page.route("https://bugle.example/**", lambda r: r.fulfill(body=text, content_type="text/html"))
    for words in (SAILS, quoted):
        page.goto(marked("https://bugle.example/ferry", words))
        expect(page.locator("#q")).to_be_in_viewport()
        page.goto("https://bugle.example/ferry")
        expect(page.locator("#q")).not_to_be_in_viewport()
    page.close()


def test_a_browser_is_let_in_with_a_token(browse: Open, odd_home: Path) -> None:
    with served(desk_of(odd_home, engine="extractive", api_tokens=f"ann:{'a' * 20}")) as site:
        page = browse(site)
        page.get_by_label("Token").fill("a" * 20)
        page.get_by_role("button", name="Sign in").click()
        expect(ask(page, FERRY).locator(".answer")).to_contain_text(SAILS)
        page.context.clear_cookies()
        page.locator(".answer").get_by_role("link", name="[1]").click()
        expect(page.get_by_label("Token")).to_be_visible()
