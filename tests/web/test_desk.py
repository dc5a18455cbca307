"""The settings and proxies with which the desk fetches."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.settings import load_settings
from bot.wiring import Desk
from corpus.errors import NotFetched
from corpus.web.fetching import Fetched
from retrieval.errors import SettingsError
from tests.socks import proxying
from tests.web.site import Site

Fetch = Callable[..., Fetched]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/a", "words")
        yield running


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_proxies: None) -> Fetch:
    """Fetches an address with some settings and nobody's files."""
    monkeypatch.chdir(tmp_path)

    def fetch(address: str, **settings: str) -> Fetched:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with closing(Desk(load_settings(tmp_path / "home"))) as desk:
            return desk.fetcher.fetch(address, robots=False)

    return fetch


def test_nothing_of_this_machine_without_a_setting(site: Site, fetch: Fetch) -> None:
    with pytest.raises(NotFetched, match=r"add 127\.0\.0\.1 to NEWSDESK_FETCH_HOSTS"):
        fetch(site.at("/a", "127.0.0.1"))
    assert site.requests == []


def test_the_settings_are_kept(site: Site, fetch: Fetch) -> None:
    named = f"LOCALHOST:{site.port}, 127.0.0.1"
    contact = "https://example.org/about"
    fetch(site.at("/a", "127.0.0.1"), NEWSDESK_FETCH_HOSTS=named, NEWSDESK_CONTACT=contact)
    assert f"(+{contact})" in site.requests[0].headers["user-agent"]


def test_another_process_is_told_the_hosts() -> None:
    told = load_settings(fetch_hosts="b.test,a.test:8080").as_environment()
    assert told["NEWSDESK_FETCH_HOSTS"] == "a.test:8080,b.test"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSDESK_FETCH_HOSTS", "http://a.test/"),
        ("NEWSDESK_FETCH_HOSTS", "*"),
        ("NEWSDESK_ROBOTS_OFF", "a.test/b"),
        ("NEWSDESK_CONTACT", "desk)\r\nX-Own: 1"),
    ],
)
def test_a_value_that_is_none_is_refused(fetch: Fetch, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        fetch("http://a.test", **{name: value})


def test_a_strangers_file_opens_nothing(site: Site, fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEWSDESK_FETCH_HOSTS=127.0.0.1\n")
    with pytest.raises(NotFetched) as error:
        fetch(site.at("/a", "127.0.0.1"))
    assert error.value.kind == "refused"


def test_a_proxy_connects_and_what_is_private_is_refused_all_the_same(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(host: str, *rest: Any, _real: Any = socket.getaddrinfo, **named: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror
        return _real("127.0.0.1", *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with proxying() as socks:
        address = site.at("/a", "nowhere.example")
        hosts = f"nowhere.example:{site.port}"
        fetched = fetch(address, ALL_PROXY=socks.url, NEWSDESK_FETCH_HOSTS=hosts)
        for host in ("127.0.0.1", "intranet", "169.254.169.254", "inside.example"):
            with pytest.raises(NotFetched) as error:
                fetch(f"http://{host}/a")
            assert error.value.kind == "refused"
    assert fetched.data == b"words"
    assert socks.asked == ["nowhere.example"]


def test_a_proxy_that_is_none_is_named(fetch: Fetch) -> None:
    with pytest.raises(NotFetched, match="HTTP_PROXY names no proxy"):
        fetch("http://a.test/", HTTP_PROXY="nonsense")
