"""The environment's proxies on the way to a model: followed, or named as what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.openai_server.server import Service, says
from tests.socks import Socks, proxying

TRUCE = "When did the third truce take effect?"
TRUE = "The third truce took effect at eight in the morning on Monday, 26 October."
MALFORMED = ["nonsense", "foo://127.0.0.1:1", "socks4://127.0.0.1:1", "http://127.0.0.1:x", "://"]


@pytest.fixture
def socks() -> Iterator[Socks]:
    with proxying() as running:
        yield running


@pytest.fixture
def clean(
    newsdesk_online: Newsdesk, service: Service, waits: list[float], no_proxies: None
) -> Newsdesk:
    """The command with a model and no proxy of the developer's."""
    service.script = [says(f"{TRUE} [1]")]
    return newsdesk_online


def test_a_socks_proxy_is_followed(clean: Newsdesk, service: Service, socks: Socks) -> None:
    behind = service.url.replace("127.0.0.1", "model.example")
    done = clean.told(ALL_PROXY=socks.url, OPENAI_BASE_URL=behind)("ask", TRUCE)
    assert (TRUE in done.stdout, done.stderr) == (True, "")
    assert set(socks.asked) == {"model.example"}


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://127.0.0.1:9"])
def test_one_that_is_not_there_leaves_the_quoted_answer(clean: Newsdesk, proxy: str) -> None:
    done = clean.told(ALL_PROXY=proxy)("ask", TRUCE)
    assert (done.returncode, "[1]" in done.stdout) == (0, True)
    [line] = done.stderr.splitlines()
    assert "quoted and not written" in line
    assert "cannot be reached" in line
    assert "a proxy if you use one" in line


@pytest.mark.parametrize("name", ["ALL_PROXY", "HTTPS_PROXY", "http_proxy"])
@pytest.mark.parametrize("proxy", MALFORMED)
def test_a_malformed_one_is_named_and_leaves_the_quoted_answer(
    clean: Newsdesk, service: Service, name: str, proxy: str
) -> None:
    done = clean.told(**{name: proxy})("ask", TRUCE)
    assert (done.returncode, "[1]" in done.stdout) == (0, True)
    [line] = done.stderr.splitlines()
    assert f"quoted and not written: {name.upper()} names no proxy: it takes" in line
    assert service.requests == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", *MALFORMED])
def test_no_proxy_holds(clean: Newsdesk, service: Service, proxy: str) -> None:
    done = clean.told(ALL_PROXY=proxy, NO_PROXY="127.0.0.1")("ask", TRUCE)
    assert (TRUE in done.stdout, done.stderr) == (True, "")


def test_another_programs_variable_changes_nothing(clean: Newsdesk) -> None:
    done = clean.told(OPENAI_PROXY="http://127.0.0.1:9")("ask", TRUCE)
    assert (TRUE in done.stdout, done.stderr) == (True, "")


def test_another_provider_is_quoted_for_too(clean: Newsdesk) -> None:
    done = clean.told(NEWSDESK_MODEL="anthropic:claude", ALL_PROXY="nonsense")("ask", TRUCE)
    assert "[1]" in done.stdout
    assert "ALL_PROXY names no proxy" in done.stderr


def test_embeddings_say_so_in_one_line(clean: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # openai's pauses before it tries again
    remote = clean.told(NEWSDESK_EMBEDDINGS="openai", ALL_PROXY="nonsense")
    done = remote("ingest", SAMPLE_ARCHIVE / "2020-10-26-washington-truce.md")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("newsdesk: ALL_PROXY names no proxy")
