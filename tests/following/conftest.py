"""A site on loopback, and the command that may ask it without a pause."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.web.fetching import Fetcher
from tests.conftest import Newsdesk
from tests.web.site import Site

HOST = "127.0.0.1"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name has an address; that of the site is one."""
    assert Fetcher.__init__.__kwdefaults__
    known = {HOST: [HOST]}
    monkeypatch.setitem(
        Fetcher.__init__.__kwdefaults__, "resolve", lambda host, _: known.get(host, ())
    )


@pytest.fixture
def desk(
    newsdesk: Newsdesk, site: Site, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> Newsdesk:
    """The command, which may ask the site."""
    assert Fetcher.__init__.__kwdefaults__
    monkeypatch.setitem(Fetcher.__init__.__kwdefaults__, "delay", 0.0)
    return newsdesk.told(NEWSDESK_FETCH_HOSTS=f"{HOST}:{site.port}")
