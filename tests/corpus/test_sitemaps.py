from __future__ import annotations

import gzip
from datetime import date

import pytest

from corpus.entries import MOST_ENTRIES
from corpus.errors import NotAnArticle, NotFetched
from corpus.sitemaps import LARGEST, read_sitemap, unpacked

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(*places: str) -> bytes:
    return f'<?xml version="1.0"?><urlset {NAMESPACE}>{"".join(places)}</urlset>'.encode()


def place(path: str, lastmod: str = "", more: str = "") -> str:
    return f"<url><loc>http://news.test{path}</loc><lastmod>{lastmod}</lastmod>{more}</url>"


def test_the_newest_come_first() -> None:
    found = read_sitemap(sitemap(place("/a", "2020-11-01"), place("/b", "2020-11-03"), place("/c")))
    assert found.kind == "sitemap"
    assert [entry.address[-2:] for entry in found.entries] == ["/b", "/a", "/c"]


def test_of_news_title_outlet_and_date_are_read() -> None:
    news = (
        '<n:news xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><n:publication>'
        "<n:name>The Bell</n:name><n:language>en</n:language></n:publication>"
        "<n:publication_date>2020-11-02T08:00:00+04:00</n:publication_date>"
        "<n:title>Storm &amp; flood</n:title></n:news>"
    )
    [entry] = read_sitemap(sitemap(place("/a", "2020-11-05", news))).entries
    assert (entry.title, entry.source, entry.published) == (
        *("Storm & flood", "The Bell", date(2020, 11, 2)),
    )


def test_an_index_names_its_sitemaps_and_those_that_changed() -> None:
    maps = "".join(
        f"<sitemap><loc>http://news.test/{n}.xml</loc><lastmod>2020-11-0{n}</lastmod></sitemap>"
        for n in range(1, 4)
    )
    data = f"<sitemapindex {NAMESPACE}>{maps}</sitemapindex>".encode()
    assert [address[-5:] for address in read_sitemap(data).others] == ["3.xml", "2.xml", "1.xml"]
    assert len(read_sitemap(data, date(2020, 11, 3)).others) == 1


def test_bad_xml_is_read_as_far_as_it_can_be_and_there_is_an_end() -> None:
    assert len(read_sitemap(sitemap(place("/a"), place("/b"))[:-30]).entries) >= 1
    many = [place(f"/{n}") for n in range(MOST_ENTRIES + 9)]
    assert len(read_sitemap(sitemap(*many)).entries) == MOST_ENTRIES
    bad = (f"<url><loc>{loc}</loc></url>" for loc in ("file:///etc/passwd", "http://[x]/a", ""))
    other = sitemap(*bad, "<url/>")
    assert read_sitemap(other).entries == ()
    alone = b"<!-- no list --><url><loc>http://news.test/a</loc></url>"
    assert [entry.address for entry in read_sitemap(alone).entries] == ["http://news.test/a"]


def test_entities_are_not_followed() -> None:
    head = b'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY a "aaaa">]>'
    body = sitemap("<url><loc>http://news.test/&f;&a;</loc></url>").split(b"?>")[1]
    found = read_sitemap(head + body)
    assert [entry.address for entry in found.entries] == ["http://news.test/"]


@pytest.mark.parametrize("data", [b"", b"words", b"\x1f\x8bno"])
def test_what_is_no_sitemap(data: bytes) -> None:
    with pytest.raises((NotAnArticle, NotFetched)):
        read_sitemap(unpacked(data))


def test_a_packed_one_is_unpacked_and_a_bomb_is_refused() -> None:
    assert unpacked(gzip.compress(b"words")) == b"words"
    with pytest.raises(NotFetched, match="longer than 50 MB"):
        unpacked(gzip.compress(bytes(LARGEST + 1)))
