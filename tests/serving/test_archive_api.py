"""The archive searched, read and checked over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsdesk
from tests.corpus.formats.agency_samples import ninjs
from tests.serving.conftest import Serve

JsonObject = dict[str, object]


def test_a_search_finds_passages_with_the_words_marked(http: httpx.Client) -> None:
    found = http.get("/v1/search", params={"q": "truce -oil", "k": 3}).json()
    assert (found["query"], found["filters"], len(found["matches"])) == ("truce", "-oil", 3)
    marked = 0
    for match in found["matches"]:
        body = http.get(f"/v1/articles/{match['article']['id']}").json()["body"]
        assert body[match["start"] : match["end"]] == match["text"]
        for start, end in match["marks"]:
            assert match["text"][start:end].lower().startswith("truce")
            marked += 1
    assert marked


def test_filters_are_typed_or_given(http: httpx.Client) -> None:
    typed = http.get("/v1/search", params={"q": "truce after:2020-10-20 before:2020-11-10"})
    given = http.get(
        "/v1/search", params={"q": "truce", "since": "2020-10-20", "until": "2020-11-09"}
    )
    posted = http.post(
        "/v1/search",
        json={"q": "truce", "filters": {"since": "2020-10-20", "until": "2020-11-09"}},
    )
    assert typed.json() == given.json() == posted.json()
    days = [match["article"]["published"] for match in given.json()["matches"]]
    assert days
    assert all("2020-10-20" <= day <= "2020-11-09" for day in days)
    nothing = http.get("/v1/search", params={"q": "truce", "source": ["The Bugle", "The Horn"]})
    assert nothing.json()["matches"] == []
    assert "Bugle" in nothing.json()["notice"]
    early = http.get("/v1/search", params={"q": "truce", "as_of": "2020-10-15"}).json()["matches"]
    assert early
    assert all(match["article"]["published"] <= "2020-10-15" for match in early)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "q: "),
        ({"q": " "}, "empty"),
        ({"q": "x" * 2001}, "q: "),
        ({"q": "x", "k": "0"}, "k: "),
        ({"q": "x", "k": "51"}, "k: "),
        ({"q": "x", "since": "yesterday"}, "since: "),
        ({"q": "x", "source": ["x"] * 21}, "source: "),
        ({"q": "source:BBC"}, "nothing to look for"),
    ],
)
def test_a_search_that_cannot_be_made_says_why(
    http: httpx.Client, parameters: JsonObject, said: str
) -> None:
    refused = http.get("/v1/search", params=parameters)  # type: ignore[arg-type]
    assert refused.status_code == 400
    assert said in refused.json()["error"]["message"]


def test_an_article_is_read(http: httpx.Client) -> None:
    [match] = http.get("/v1/search", params={"q": "peacekeepers", "k": 1}).json()["matches"]
    article = http.get(f"/v1/articles/{match['article']['id']}").json()
    assert article["title"] == match["article"]["title"]
    assert (article["addresses"], article["gone"]) == ([], None)
    for unknown in ("0123456789abcdef", "0123"):
        assert http.get(f"/v1/articles/{unknown}").is_client_error
    assert http.get("/v1/articles/0123456789abcdef").json()["error"]["code"] == "not_found"


def test_the_articles_that_mention_something_are_listed(http: httpx.Client) -> None:
    found = http.get("/v1/articles", params={"q": "peacekeepers -truce", "limit": 2}).json()
    assert found["total"] > len(found["articles"]) == 2
    days = [article["published"] for article in found["articles"]]
    assert days == sorted(days, reverse=True)
    for article in found["articles"]:
        body = http.get(f"/v1/articles/{article['id']}").json()["body"]
        assert body[article["start"] : article["end"]] == article["quote"]
        assert article["mentions"] > 0
    early = http.get("/v1/articles", params={"until": "2020-02-01"}).json()["articles"]
    assert all(article["published"] <= "2020-02-01" for article in early)
    assert http.get("/v1/articles").json()["total"] == 44
    assert http.get("/v1/articles", params={"q": "on:never"}).status_code == 400


def test_an_embargoed_article_is_not_there(serve: Serve, own_home: Path, tmp_path: Path) -> None:
    newsdesk = Newsdesk(own_home, tmp_path)
    until = datetime.now(UTC) + timedelta(days=1)
    path = tmp_path / "ninjs.json"
    path.write_text(ninjs(embargoed=until.isoformat()))
    assert newsdesk("ingest", path).returncode == 0
    held = next(
        line.split("\t")[0]
        for line in newsdesk("sources").stdout.splitlines()
        if "Last ferry to Orkney" in line
    )
    http = serve()
    assert http.get(f"/v1/articles/{held}").status_code == 404
    assert "Orkney" not in http.get("/v1/search", params={"q": "night ferry"}).text


def test_a_text_is_checked(http: httpx.Client) -> None:
    text = "Russia has deployed 1,960 peacekeepers in the region. Bananas are blue."
    checked = http.post("/v1/check", json={"text": text}).json()
    assert [one["verdict"] for one in checked["sentences"]] == ["supported", "not_found"]
    assert checked["counts"]["supported"] == 1
    assert checked["sentences"][0]["quotes"][0]["quote"].startswith("Russia has deployed 1,960")
    before = http.post("/v1/check", json={"text": text, "as_of": "2020-10-01"}).json()
    assert before["counts"]["supported"] == 0
    for wrong in ({"text": ""}, {"text": "x" * 20_001}, {}, {"text": "x", "more": 1}):
        assert http.post("/v1/check", json=wrong).status_code == 400
