"""The page over HTTP: its headers, its addresses, its stream, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.serving.drawing import login_page
from bot.serving.exchanges import Exchanges
from bot.serving.form import Fields
from corpus.article import article_id
from retrieval.answers import Answer
from tests.conftest import Newsdesk
from tests.serving.conftest import PEACEKEEPERS, desk_of
from tests.serving.pages import EXCERPT, FERRY, FIRST_FERRY, HELD, SAILS, ingest


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=60, trust_env=False) as client:
        yield client


MINSK = "Who co-chairs the Minsk Group?"


def exchange_in(page: str) -> str:
    """The id of the last exchange of a page."""
    return re.findall(r'id="x-([\w-]+)"', page)[-1]


def test_every_response_has_the_strict_policy(client: httpx.Client) -> None:
    shown = client.get("/", params={"q": PEACEKEEPERS})
    files = re.findall(r'"(/static/[^"]+)"', shown.text)
    assert len(files) == 3
    for path in ("/", "/ask?q=Hello", "/article/none", "/favicon.ico", *files):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert shown.headers["cache-control"] == "no-store"
    assert "immutable" in client.get(files[0]).headers["cache-control"]


def test_no_markup_of_the_page_is_inline_or_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/", params={"q": FERRY}).text
    assert not re.search(r"<style|<script>|\sstyle=|\son\w+=|src=\"(?!/static/)", page)
    outward = re.findall(r'<a[^>]*href="http[^>]*>', page)
    assert outward
    assert all('rel="noopener noreferrer"' in link for link in outward)


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"q": "x" * 2001}, 400, "The question has 2,001 characters"),
        ({"q": "  "}, 400, "The question is empty."),
        ({"q": "War?", "since": "last week"}, 400, "“From” takes a day such as 2020-11-10"),
        ({"q": "War? before:never"}, 400, "before:never names no day"),
    ],
)
def test_what_cannot_be_asked_is_told_and_stays_in_the_form(
    client: httpx.Client, fields: dict[str, str], status: int, message: str
) -> None:
    shown = client.get("/", params=fields)
    assert shown.status_code == status
    assert message in shown.text
    assert f'value="{fields["q"]}"' in shown.text
    [line] = client.get("/ask", params=fields).text.splitlines()
    assert message in json.loads(line)["error"]["message"]


def test_the_stream_ends_with_the_answer_which_is_kept(client: httpx.Client) -> None:
    response = client.get("/ask", params={"q": PEACEKEEPERS})
    assert response.headers["content-type"] == "application/x-ndjson"
    [line] = map(json.loads, response.text.splitlines())
    assert "1,960" in client.get("/", params={"after": line["answer"]}).text


def test_a_question_that_is_asked_again_follows_what_it_followed_before(
    client: httpx.Client,
) -> None:
    first = exchange_in(client.get("/", params={"q": PEACEKEEPERS}).text)
    for _ in range(2):
        page = client.get("/", params={"q": "Until when?", "after": first}).text
        assert len(re.findall(r'class="exchange', page)) == 2


def test_a_conversation_that_is_not_kept_begins_anew(client: httpx.Client) -> None:
    shown = client.get("/", params={"q": PEACEKEEPERS, "after": "gone"})
    assert shown.status_code == 200
    assert len(re.findall(r'class="exchange', shown.text)) == 1
    assert "What was asked before is no longer kept." in shown.text
    assert client.get("/", params={"after": "gone"}).status_code == 404


def test_only_so_many_exchanges_are_kept() -> None:
    kept = Exchanges(2)
    one, two, three = (kept.add(Answer(q, q, "Yes."), None, Fields(), ()) for q in "abc")
    assert kept.get(one.id) is None
    assert kept.get(two.id)
    four = kept.add(Answer("d", "d", "Yes."), two, Fields(), ())
    assert [exchange.answer.question for exchange in kept.conversation(four)] == ["b", "d"]
    assert kept.get(three.id) is None, "the one that was used longest ago went first"


def test_an_article_says_where_else_it_ran_and_what_was_read_of_it(client: httpx.Client) -> None:
    place = {"start": 0, "end": len(SAILS)}
    page = client.get(f"/article/{FIRST_FERRY.id}", params=place).text
    assert f'<mark id="quote">{SAILS}</mark>' in page
    assert "The Bugle, 1 June 2021" in page
    assert "also in The Star" in page
    assert 'href="https://bugle.example/ferry#:~:text=The%20new%20ferry' in page
    assert ">https://bugle.example/ferry</a>" in page
    assert "as the feed has it" in client.get(f"/article/{EXCERPT.id}").text


@pytest.mark.parametrize("place", ["start=5&end=2", "start=0&end=99999", ""])
def test_without_a_place_in_it_an_article_is_shown_unmarked(
    client: httpx.Client, place: str
) -> None:
    shown = client.get(f"/article/{FIRST_FERRY.id}?{place}")
    assert shown.status_code == 200
    assert "<mark" not in shown.text


@pytest.mark.parametrize("wanted", [HELD.id, article_id("none"), "..%2f..%2fetc"])
def test_no_article_is_shown_before_its_time(client: httpx.Client, wanted: str) -> None:
    shown = client.get(f"/article/{wanted}")
    assert shown.status_code == 404
    assert "queen" not in shown.text.lower()


def test_a_quote_that_the_article_has_no_longer_is_shown_as_it_was(
    client: httpx.Client, odd_home: Path
) -> None:
    asked = client.get("/", params={"q": FERRY}).text
    [_, *_] = re.findall(r"/article/[^\"]+#quote", asked)
    opened = re.search(r"/article/[^\"]+#quote", asked)[0].replace("&amp;", "&")  # type: ignore[index]
    assert "<mark" in client.get(opened).text
    changed = replace(FIRST_FERRY, body=FIRST_FERRY.body.replace("06:45", "07:15"))
    try:
        ingest(desk_of(odd_home), changed)
        page = client.get(opened).text
        assert "<mark" not in page
        assert f"it said: “{SAILS}”" in page
    finally:
        ingest(desk_of(odd_home), FIRST_FERRY)


def test_a_thumb_is_kept_taken_back_and_listed(client: httpx.Client, odd_home: Path) -> None:
    newsdesk = Newsdesk(odd_home, odd_home.parent)
    answer = exchange_in(client.get("/", params={"q": MINSK}).text)
    for verdict, listed in (("up", "👍"), ("down", "👎"), ("down", "")):
        done = client.post("/feedback", data={"answer": answer, "verdict": verdict})
        assert done.status_code == 303
        shown = client.get(done.headers["location"]).text
        assert shown.count('aria-pressed="true"') == bool(listed)
        said = newsdesk("feedback").stdout
        assert (f"{listed}\t{MINSK}\t" in said) if listed else (MINSK not in said)
    assert client.post("/feedback", data={"answer": "gone", "verdict": "up"}).status_code == 404
    assert client.post("/feedback", data={"answer": answer, "verdict": "x"}).status_code == 400
    assert (odd_home / "feedback.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("dest", "status"), [("document", 200), ("iframe", 403), ("image", 403), ("empty", 403)]
)
def test_a_link_may_ask_but_another_sites_page_may_not_by_itself(
    client: httpx.Client, dest: str, status: int
) -> None:
    mode = "navigate" if dest in ("document", "iframe") else "no-cors"
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert client.get("/?q=Hello", headers=headers).status_code == status


def test_the_form_that_asks_for_a_token_shows_what_was_wrong_as_text() -> None:
    page = login_page(message="<b>No such token.</b>")
    assert "&lt;b&gt;No such token." in page
    assert '<form method="post" action="/login">' in page
    assert 'name="token"' in page
