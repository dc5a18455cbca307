"""The environment's proxies on the way to Telegram."""

from __future__ import annotations

import pytest

from tests.conftest import Newsdesk
from tests.socks import proxying
from tests.telegram.botapi import BotApi


@pytest.fixture
def clean(newsdesk: Newsdesk, own_api: BotApi, no_proxies: None) -> Newsdesk:
    return newsdesk.told(TELEGRAM_BOT_TOKEN=own_api.token, TELEGRAM_API_URL=own_api.url)


def test_a_socks_proxy_is_followed(clean: Newsdesk, own_api: BotApi) -> None:
    behind = own_api.url.replace("127.0.0.1", "bot.example")
    with proxying() as socks:
        done = clean.told(ALL_PROXY=socks.url, TELEGRAM_API_URL=behind)("telegram", "--check")
    assert done.stdout.startswith("Token    ok: @newsdesk_test_bot")
    assert set(socks.asked) == {"bot.example"}


def test_one_that_is_not_there_is_one_line(clean: Newsdesk) -> None:
    done = clean.told(ALL_PROXY="socks5://127.0.0.1:9")("telegram", "--check")
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "cannot be used" in line
    assert "a proxy if you use one" in line


@pytest.mark.parametrize("command", [["telegram"], ["telegram", "--check"]])
def test_a_malformed_one_is_named(clean: Newsdesk, own_api: BotApi, command: list[str]) -> None:
    done = clean.told(HTTPS_PROXY="foo://x")(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("newsdesk: HTTPS_PROXY names no proxy: it takes an address")
    assert done.stderr.count("\n") == 1
    assert own_api.requests == []


def test_no_proxy_holds(clean: Newsdesk) -> None:
    done = clean.told(ALL_PROXY="nonsense", NO_PROXY="127.0.0.1")("telegram", "--check")
    assert done.stdout.startswith("Token    ok")
