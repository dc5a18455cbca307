"""Who is let in, and how much each may ask: over real HTTP."""

from __future__ import annotations

import logging
import re
import socket
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.serving import patience
from bot.serving.app import build_app
from bot.settings import load_settings
from retrieval.errors import ArchiveUnreadable, SettingsError
from tests.serving.conftest import PEACEKEEPERS, Serve, desk_of

ANN, BEN = "ann-0123456789abcdef", "ben-0123456789abcdef"
TOKENS = f"ann:{ANN},ben:{BEN}"
SEARCH = "/v1/search?q=truce"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def error_of(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/json"
    error: dict[str, Any] = response.json()["error"]
    return error


def test_without_a_token_there_is_nothing_to_see(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS)
    for path in (SEARCH, "/v1/models", "/openapi.json", "/v1/articles/0123456789abcdef", "/x"):
        refused = http.get(path)
        assert (refused.status_code, error_of(refused)["code"]) == (401, "invalid_api_key")
        assert refused.headers["www-authenticate"] == "Bearer"
    chat = {"messages": [{"role": "user", "content": PEACEKEEPERS}]}
    for wrong in ("x", ANN[:-1], f"{ANN}x", "ann", ANN.upper()):
        assert http.post("/v1/chat/completions", json=chat, headers=bearer(wrong)).is_client_error
    assert http.get(SEARCH, headers={"Authorization": f"Basic {ANN}"}).status_code == 401
    assert http.get(SEARCH, headers=bearer(ANN)).status_code == 200
    assert http.get("/v1/models", headers=bearer(BEN)).status_code == 200
    assert http.get("/healthz").json()["status"] == "ok"


def test_a_browser_shows_its_token_once(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS)
    sent_on = http.get("/", headers={"Accept": "text/html"})
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, "/login")
    form = http.get("/login")
    assert '<form method="post" action="/login">' in form.text
    for linked in re.findall(r'(?:src|href)="([^"]+)"', form.text):
        assert http.get(linked).status_code == 200
    wrong = http.post("/login", data={"token": "x" * 20})
    assert (wrong.status_code, wrong.cookies) == (401, httpx.Cookies())
    assert "none of the tokens" in wrong.text
    right = http.post("/login", data={"token": ANN}, headers={"X-Forwarded-Proto": "https"})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Secure"))
    http.cookies.clear()
    assert "Secure" not in http.post("/login", data={"token": ANN}).headers["set-cookie"]
    assert http.get(SEARCH).status_code == 200
    assert "script-src 'self'" in http.get("/").headers["content-security-policy"]
    assert http.post("/logout").headers["location"] == "/login"
    assert http.get(SEARCH).status_code == 401


def test_who_followed_a_link_sees_it_after_the_login(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS)
    link = "/?q=Wer+sagt+%22%C3%A4%22+%26+wo%3F&since=2020-10-01"
    sent_on = http.get(link, headers={"Accept": "text/html"})
    form = http.get(sent_on.headers["location"])
    found = re.search(r'name="next" value="([^"]*)"', form.text)
    assert found
    next_one = unescape(found[1])
    wrong = http.post("/login", data={"token": "x" * 20, "next": next_one})
    assert found[0] in wrong.text
    right = http.post("/login", data={"token": ANN, "next": next_one})
    assert (right.status_code, right.headers["location"]) == (303, link)


def test_the_login_leads_nowhere_else(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS)
    for elsewhere in ("//evil.example/", "/\\evil.example", "https://evil.example", "/\t/evil", ""):
        right = http.post("/login", data={"token": ANN, "next": elsewhere})
        assert (right.status_code, right.headers["location"]) == (303, "/")


def test_a_token_has_a_rate(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS, api_rate=3)
    statuses = [http.get(SEARCH, headers=bearer(ANN)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = http.get(SEARCH, headers=bearer(ANN))
    assert refused.headers["retry-after"] == "20"
    assert "3 questions a minute" in error_of(refused)["message"]
    assert http.get("/v1/models", headers=bearer(ANN)).status_code == 200
    assert http.get(SEARCH, headers=bearer(BEN)).status_code == 200


def test_what_a_token_asked_today_is_kept(serve: Serve) -> None:
    for allowed in (2, 1):  # the second server has the first one's counts
        http = serve(api_tokens=TOKENS, api_daily=3)
        for _ in range(allowed):
            assert http.get(SEARCH, headers=bearer(ANN)).status_code == 200
    refused = http.get(SEARCH, headers=bearer(ANN))
    assert "3 questions a day" in error_of(refused)["message"]
    assert 0 < int(refused.headers["retry-after"]) <= 86400
    assert http.get(SEARCH, headers=bearer(BEN)).status_code == 200


def test_beyond_this_machine_tokens_are_needed(own_home: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "news.example.org"):
        with pytest.raises(SettingsError, match="NEWSDESK_API_TOKENS"):
            build_app(desk_of(own_home, engine="extractive"), host)
        build_app(desk_of(own_home, engine="extractive", api_tokens=TOKENS), host)


@pytest.mark.parametrize(
    "tokens", ["ann", "ann:short", f"ann:{ANN},ann:{BEN}", f"ann:{ANN} x", f":{ANN}", f"a b:{ANN}"]
)
def test_tokens_that_are_none_are_refused_without_being_told(tokens: str) -> None:
    with pytest.raises(SettingsError, match="NEWSDESK_API_TOKENS cannot be used") as refused:
        load_settings(api_tokens=tokens)
    assert ANN not in str(refused.value)


def test_tokens_are_read_by_name() -> None:
    assert load_settings(api_tokens=f" ann:{ANN}, ben:{BEN},").api_tokens == {
        "ann": SecretStr(ANN),
        "ben": SecretStr(BEN),
    }


def test_a_strangers_file_lets_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"NEWSDESK_API_TOKENS=eve:{ANN}\nNEWSDESK_API_HOSTS=evil.test\n")
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    settings = load_settings(tmp_path / "home", notice=told.append)
    assert (settings.api_tokens, settings.api_hosts) == ({}, frozenset())
    assert any("NEWSDESK_API_HOSTS, NEWSDESK_API_TOKENS" in line for line in told)


def test_a_site_that_calls_this_machine_by_its_own_name_is_refused(
    http: httpx.Client, serve: Serve
) -> None:
    def called(client: httpx.Client, host: str) -> int:
        return client.get("/v1/models", headers={"Host": host}).status_code

    for host in ("localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"):
        assert called(http, host) == 200
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""):
        assert called(http, host) == 421
    behind = serve(api_hosts="news.example.org")
    assert [called(behind, host) for host in ("news.example.org", "x.example.org")] == [200, 421]
    open_to_all = serve(host="0.0.0.0", api_tokens=TOKENS)
    seen = open_to_all.get("/v1/models", headers={"Host": "any.example"} | bearer(ANN))
    assert seen.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
    ],
)
def test_pages_of_other_sites_cannot_ask(
    http: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = http.post("/v1/search", json={"q": "truce"}, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers
    own = {"Origin": str(http.base_url)}
    assert http.post("/v1/search", json={"q": "truce"}, headers=own).status_code == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert http.get("/v1/models", headers=link).status_code == 200


def test_every_response_is_guarded(http: httpx.Client) -> None:
    for path in ("/v1/models", "/nowhere", "/healthz"):
        headers = http.get(path).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
    assert error_of(http.get("/docs"))["message"] == "There is nothing at this address."
    assert error_of(http.put("/v1/models"))["type"] == "invalid_request_error"


def test_bodies_are_bounded(http: httpx.Client) -> None:
    large = b'{"q": "%s"}' % (b"x" * (1 << 20))
    json_type = {"Content-Type": "application/json"}
    assert http.post("/v1/search", content=large, headers=json_type).status_code == 413
    streamed = http.post("/v1/search", content=iter([large[:700_000]] * 3), headers=json_type)
    assert streamed.status_code == 413
    assert http.post("/v1/search", content=b'{"q": "x"}').status_code == 415
    for broken in (b"", b"{", b"[]", b'"x"', b"\xff", b"null", b"[" * 100_000):
        refused = http.post("/v1/search", content=broken, headers=json_type)
        assert refused.status_code == 400, broken[:20]


def test_whoever_sends_no_request_is_not_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    url = serve().base_url
    for begun in (b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
            connection.sendall(begun)
            while connection.recv(1000):
                pass


def test_trouble_with_the_archive_is_told_without_its_place(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ArchiveUnreadable("The catalog /home/ann/catalog.db is damaged.")

    monkeypatch.setattr("bot.serving.archive_api.found_object", fails)
    refused = http.get(SEARCH)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert error_of(refused)["type"] == "server_error"
    assert "/home/ann" not in refused.text
    assert "/home/ann/catalog.db is damaged" in caplog.text


def test_assistants_need_a_token_too(serve: Serve) -> None:
    http = serve(api_tokens=TOKENS, api_rate=1)
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    assert http.post("/mcp", json=asked, headers=accept).status_code == 401
    listed = http.post("/mcp", json=asked, headers=accept | bearer(ANN))
    assert "search" in [tool["name"] for tool in listed.json()["result"]["tools"]]
    assert http.post("/mcp", json=asked, headers=accept | bearer(ANN)).status_code == 429


def test_a_fault_of_ours_is_told_without_details(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    http = serve(log_level="debug")

    def fails(*_: object) -> None:
        raise RuntimeError(PEACEKEEPERS)

    monkeypatch.setattr("bot.serving.archive_api.found_object", fails)
    caplog.set_level(logging.DEBUG, "newsdesk.serving")
    refused = http.get("/v1/search", params={"q": PEACEKEEPERS})
    assert refused.status_code == 500
    assert error_of(refused)["message"] == "Something unexpected went wrong."
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError in " in caplog.text
    assert "GET /v1/search 500 for -" in caplog.text
    http.get(f"/nowhere/{PEACEKEEPERS}")
    http.post("/v1/check", json={"text": PEACEKEEPERS})
    own = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in own if "peacekeepers" in line]
