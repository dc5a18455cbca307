"""A site that misbehaves costs no more than was allowed, and is told of in one sentence."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Iterator

import pytest
import trustme

from corpus.errors import NotFetched
from tests.web.site import (
    NAME,
    Act,
    Exchange,
    Site,
    bomb,
    cut_gzip,
    cut_short,
    endless,
    silent,
    trickling,
    trickling_head,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def sends(data: bytes, content_encoding: str) -> Act:
    return lambda exchange: exchange.send(data, content_encoding=content_encoding)


def raw(data: bytes) -> Act:
    return lambda exchange: exchange.write(data)


def promising(exchange: Exchange) -> None:
    """More than is wanted, it says, and sends nothing of it."""
    exchange.begin(content_length=str(1 << 60))
    exchange.leave.wait(60)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (endless, "longer than 1 MB"),
        (bomb, "longer than 1 MB"),
        (promising, "longer than 1 MB"),
        (cut_gzip, "cut short"),
        (cut_short, "cut short"),
        (sends(b"no gzip at all", content_encoding="gzip"), "damaged"),
        (sends(gzip.compress(b"words")[:4], content_encoding="gzip"), "cut short"),
        (sends(b"words", content_encoding="br"), "packed in a way that was not asked for"),
        (sends(b"words", content_encoding="gzip, gzip"), "packed in a way"),
        (raw(b"220 mail.news.test ESMTP\r\n\r\n"), "not HTTP as it should be"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nwords"), "not HTTP as it should be"),
        (raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 500_000), "not HTTP as it should be"),
        (raw(b""), "ended before the server answered"),
        (raw(CHUNKED + b"5\r\nwords\r\n"), "cut short"),
        (raw(CHUNKED + b"five\r\nwords\r\n"), "not HTTP as it should be"),
    ],
)
def test_one_sentence(site: Site, act: Act, said: str) -> None:
    with pytest.raises(NotFetched, match=said) as error:
        site.fetcher().fetch(site.act("/a", act), limit=1 << 20)
    assert (error.value.kind, error.value.retry_after) == ("failed", None)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("act", [silent, trickling, trickling_head])
def test_a_slow_one_is_left_when_its_time_is_up(site: Site, act: Act) -> None:
    fetcher = site.fetcher(seconds=0.2, clock=time.monotonic, sleep=lambda _: None)
    with pytest.raises(NotFetched, match=r"longer than 0\.2 seconds|did not answer in time"):
        fetcher.fetch(site.act("/a", act), robots=False)


def test_a_body_of_exactly_the_limit_is_read(site: Site) -> None:
    packed = gzip.compress(b"x" * 1000)
    address = site.act("/a", sends(packed, content_encoding="gzip"))
    fetcher = site.fetcher()
    assert len(fetcher.fetch(address, limit=1000).data) == 1000
    with pytest.raises(NotFetched, match="longer than 999 bytes"):
        fetcher.fetch(address, limit=999)


def test_a_server_that_is_not_there(site: Site) -> None:
    with Site() as gone:
        address = gone.at("/a")
    with pytest.raises(NotFetched, match="cannot be reached") as error:
        gone.fetcher().fetch(address, robots=False)
    assert error.value.kind == "failed"


def served_by(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_tls_verifies_the_name_though_an_address_is_connected_to() -> None:
    authority = trustme.CA()
    with Site(served_by(authority, NAME)) as site:
        fetcher = site.fetcher(tls=trusting(authority))
        assert fetcher.fetch(site.page("/a", "words")).data == b"words"
        with pytest.raises(NotFetched, match=r"cannot be trusted.*other\.test"):
            fetcher.fetch(site.at("/a", "other.test"), robots=False)
    assert site.paths == ["/a"]


def test_a_certificate_of_nobody_is_not_trusted() -> None:
    with (
        Site(served_by(trustme.CA(), NAME)) as site,
        pytest.raises(NotFetched, match="certificate cannot be trusted"),
    ):
        site.fetcher().fetch(site.page("/a", "words"), robots=False)
    assert site.requests == []


def test_a_server_without_tls_is_not_asked_with_it(site: Site) -> None:
    address = site.page("/a", "words").replace("http:", "https:")
    with pytest.raises(NotFetched, match="no secure connection"):
        site.fetcher().fetch(address, robots=False)
