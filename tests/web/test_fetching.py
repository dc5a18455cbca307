"""A fetched page, and how a site that behaves says what it says."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest

from corpus.errors import NotFetched
from tests.web.site import Site, dated, tagged


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def test_a_page_and_what_the_server_says_of_it(site: Site) -> None:
    address = site.page("/a", "<p>words</p>", etag='"7"', last_modified="yesterday")
    fetched = site.fetcher().fetch(f"{address}#part")
    assert (fetched.address, fetched.data) == (address, b"<p>words</p>")
    assert (fetched.media_type, fetched.charset) == ("text/html", "utf-8")
    assert (fetched.etag, fetched.modified) == ('"7"', "yesterday")
    assert (fetched.permanent, fetched.unchanged) == ("", False)


@pytest.mark.parametrize(
    ("sent", "kind", "charset"),
    [
        ("Text/HTML", "text/html", ""),
        ('application/rss+xml; v=1; Charset="Windows-1252"', "application/rss+xml", "windows-1252"),
        ("", "", ""),
        ("; charset=", "", ""),
    ],
)
def test_the_kind_that_a_server_names(site: Site, sent: str, kind: str, charset: str) -> None:
    fetched = site.fetcher().fetch(site.page("/a", "words", content_type=sent))
    assert (fetched.media_type, fetched.charset) == (kind, charset)


def test_who_asks_is_told_and_nothing_else(site: Site) -> None:
    site.fetcher(agent="Newsdesk/1 (+desk@example.org)").fetch(
        site.page("/a", "words", set_cookie="id=7")
    )
    site.fetcher().fetch(site.at("/a"))
    first, *_, last = site.requests
    assert first.headers["user-agent"] == "Newsdesk/1 (+desk@example.org)"
    assert last.headers["accept-encoding"] == "gzip, deflate"
    assert last.headers["connection"] == "close"
    assert last.headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_cookies_are_not_kept(site: Site) -> None:
    fetcher = site.fetcher()
    for _ in range(2):
        fetcher.fetch(site.page("/a", "words", set_cookie="id=7"))
    assert all("cookie" not in asked.headers for asked in site.requests)


def test_what_has_not_changed_is_not_sent_again_by_etag(site: Site) -> None:
    fetcher, address = site.fetcher(), site.act("/a", tagged("words"))
    first = fetcher.fetch(address)
    again = fetcher.fetch(address, etag=first.etag)
    assert first.data == b"words"
    assert (again.unchanged, again.data, again.etag) == (True, b"", first.etag)


def test_nor_by_date(site: Site) -> None:
    date = "Mon, 02 Nov 2020 08:00:00 GMT"
    fetcher, address = site.fetcher(), site.act("/a", dated("words", date))
    first = fetcher.fetch(address)
    again = fetcher.fetch(address, modified=first.modified)
    assert (again.unchanged, again.data, again.modified) == (True, b"", date)


def test_what_changed_comes_whole(site: Site) -> None:
    fetched = site.fetcher().fetch(site.act("/a", tagged("new words", '"2"')), etag='"1"')
    assert (fetched.unchanged, fetched.data, fetched.etag) == (False, b"new words", '"2"')


def test_a_tag_with_a_line_in_it_adds_no_header(site: Site) -> None:
    site.fetcher().fetch(site.page("/a", "words"), etag='"1"\r\nX-Own: 1')
    assert {"x-own", "if-none-match"}.isdisjoint(site.requests[-1].headers)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"words " * 50_000)),
        ("x-gzip", gzip.compress(b"words " * 50_000)),
        ("deflate", zlib.compress(b"words " * 50_000)),
        ("Deflate", zlib.compress(b"words " * 50_000, wbits=-15)),
        ("identity", b"words " * 50_000),
    ],
)
def test_what_is_packed_is_unpacked(site: Site, encoding: str, packed: bytes) -> None:
    fetched = site.fetcher().fetch(site.page("/a", packed, content_encoding=encoding))
    assert fetched.data == b"words " * 50_000


def test_redirects_are_followed_and_the_lasting_ones_told(site: Site) -> None:
    site.redirect("/a", "/b", 301)
    site.redirect("/b", site.at("/c", "other.test"), 308)
    site.redirect("/c", "d?x=1", 302)
    site.redirect("/d?x=1", "/e", 301)
    site.page("/e", "words")
    fetched = site.fetcher().fetch(site.at("/a"))
    assert fetched.data == b"words"
    assert fetched.address == site.at("/e", "other.test")
    assert fetched.permanent == site.at("/c", "other.test")


def test_a_redirect_for_now_is_no_address_to_keep(site: Site) -> None:
    site.redirect("/a", "/b", 302)
    site.redirect("/b", "/c", 301)
    site.page("/c", "words")
    assert site.fetcher().fetch(site.at("/a")).permanent == ""


def test_redirects_in_a_circle_are_named(site: Site) -> None:
    site.redirect("/a", "/b")
    with pytest.raises(NotFetched, match="in a circle"):
        site.fetcher().fetch(site.redirect("/b", "/a"))
    assert site.paths == ["/b", "/a"]


def test_more_than_five_redirects_are_too_many(site: Site) -> None:
    for number in range(10):
        site.redirect(f"/{number}", f"/{number + 1}")
    with pytest.raises(NotFetched, match="more than 5 times"):
        site.fetcher().fetch(site.at("/0"))
    assert len(site.paths) == 6


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((401, "forbidden"), (402, "forbidden"), (403, "forbidden"), (451, "forbidden")),
        *((404, "gone"), (410, "gone"), (429, "busy"), (503, "busy")),
        *((400, "failed"), (500, "failed"), (502, "failed"), (204, "failed"), (300, "failed")),
        *((304, "failed"), (301, "failed")),
    ],
)
def test_what_is_not_there_is_told_apart(site: Site, status: int, kind: str) -> None:
    with pytest.raises(NotFetched, match=rf"\({status}\)") as error:
        site.fetcher().fetch(site.page("/a", "", status))
    assert (error.value.kind, error.value.retry_after) == (kind, None)
