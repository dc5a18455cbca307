from __future__ import annotations

import gzip

import pytest

from corpus.errors import NotAnArticle
from corpus.listings import is_page, listing_of, read_links
from corpus.web.fetching import Fetched

AT = "http://news.test/world/"


def fetched(data: bytes | str, media_type: str = "text/html") -> Fetched:
    return Fetched(AT, data.encode() if isinstance(data, str) else data, media_type, "")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'\xef\xbb\xbf <?xml version="1.0"?><!-- by x --><rss version="2.0"/>', "feed"),
        (b'<atom:feed xmlns:atom="http://www.w3.org/2005/Atom"/>', "feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "feed"),
        (b"<urlset></urlset>", "sitemap"),
        (gzip.compress(b"<sitemapindex></sitemapindex>", mtime=0), "sitemap"),
    ],
)
def test_feeds_and_sitemaps_are_told_by_what_they_hold(data: bytes, kind: str) -> None:
    for media_type in ("text/html", "text/plain", "application/octet-stream"):
        found = listing_of(fetched(data, media_type))
        assert found is not None
        assert found.kind == kind


def test_a_page_is_none_of_these() -> None:
    page = fetched("<!doctype html><html><body><feed><p>words</p></body></html>", "text/plain")
    assert (listing_of(page), is_page(page)) == (None, True)
    assert listing_of(fetched(b"%PDF-1.7", "application/pdf")) is None
    assert not is_page(fetched(b"%PDF-1.7", "application/pdf"))


def test_the_feeds_that_a_page_announces_but_not_those_of_comments() -> None:
    head = (
        '<link rel="alternate" type="application/rss+xml" href="feed.xml?utm_source=a">'
        '<link rel="ALTERNATE home" type="application/atom+xml" href="//news.test/atom">'
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/c.xml">'
        '<link rel="alternate" type="text/html" href="/de/">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:x">'
    )
    found = read_links(fetched(f"<html><head>{head}</head><body></body></html>"))
    assert found.others == ("http://news.test/world/feed.xml", "http://news.test/atom")


TEXT = "Storm hits the northern coast"


@pytest.mark.parametrize(
    ("link", "is_taken"),
    [
        (f'<a href="/2020/11/02/storm">{TEXT}</a>', True),
        (f'<a href="../a/storm-hits-northern-coast/">{TEXT}</a>', True),
        (f'<h2><a href="/story/1234567">{TEXT}</a></h2>', True),
        (f'<article><header><a href="/a-b-c-d">{TEXT}</a></header></article>', True),
        (f'<header><a href="/a-b-c-d">{TEXT}</a></header>', False),
        (f'<nav><a href="/a-b-c-d">{TEXT}</a></nav>', False),
        (f'<div class="site-footer"><a href="/a-b-c-d">{TEXT}</a></div>', False),
        ('<a href="/a-b-c-d">Read more</a>', False),
        (f'<a href="/about">{TEXT}</a>', False),
        (f'<a href="/tag/storms-of-the-north">{TEXT}</a>', False),
        (f'<a href="http://other.test/2020/11/02/storm">{TEXT}</a>', False),
        (f'<a href="/world?utm_source=x">{TEXT}</a>', False),
        (f'<a href="mailto:a-b-c-d@news.test">{TEXT}</a>', False),
        (f"<a>{TEXT}</a>", False),
    ],
)
def test_links_that_look_like_articles(link: str, is_taken: bool) -> None:
    found = read_links(fetched(f"<html><body><main>{link}</main></body></html>"))
    assert len(found.entries) == is_taken


def test_a_link_that_stands_twice_is_one_and_a_page_too_deep_is_refused() -> None:
    twice = f'<a href="/a-b-c-d">{TEXT}</a><a href="/a-b-c-d?utm_medium=x">{TEXT} again</a>'
    [entry] = read_links(fetched(f"<html><body>{twice}</body></html>")).entries
    assert (entry.address, entry.title) == ("http://news.test/a-b-c-d", TEXT)
    with pytest.raises(NotAnArticle):
        read_links(fetched("<html><body>" + "<div>" * 300 + "words"))
