"""What is read of feeds, good and bad."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from itertools import product

import pytest

from corpus.entries import MOST_ENTRIES, Entry, entry_of, own_text
from corpus.errors import NotAnArticle
from corpus.feeds import read_feed

AT = "http://news.test/feeds/all.xml"
STORM = "http://news.test/a/storm"
RSS = '<rss version="{}"><channel><title>The Bell</title><link>http://news.test/</link>{}</channel>'
ITEM = (
    "<item><title>Storm &amp; flood</title><link>/a/storm</link><guid isPermaLink='false'>7</guid>"
    "<pubDate>{}</pubDate><description>A storm hit.</description></item>"
)


def rss(items: str, version: str = "2.0", end: str = "</rss>") -> bytes:
    return (RSS.format(version, items) + end).encode()


def only(data: bytes, charset: str = "") -> Entry:
    [entry] = read_feed(data, AT, charset).entries
    return entry


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_rss(version: str) -> None:
    listing = read_feed(rss(ITEM.format("Mon, 02 Nov 2020 23:30:00 -0500"), version), AT)
    assert (listing.kind, listing.title) == ("feed", "The Bell")
    [entry] = listing.entries
    assert entry == Entry(
        STORM, "Storm & flood", "A storm hit.", date(2020, 11, 2), "The Bell", "7"
    )
    assert entry_of(entry.as_json()) == entry


def test_rss_of_version_1_and_atom_and_json() -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="x"><title>The Bell</title></channel><item rdf:about="x">'
        f"<title>Storm</title><link>{STORM}</link><dc:date>2020-11-02T08:00:00Z</dc:date>"
        "</item></rdf:RDF>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://news.test/a/">'
        "<title>The Bell</title><entry><title>Storm</title>"
        '<link rel="enclosure" href="/x.mp3"/><link href="storm"/>'
        "<updated>2020-11-05T00:00:00Z</updated><published>2020-11-02T08:00:00Z</published>"
        '<content type="html">&lt;p&gt;It came at night.&lt;/p&gt;</content></entry></feed>'
    )
    items = [
        {"url": "storm", "title": "Storm", "content_html": "<p>It came at night.</p>",
         "date_published": "2020-11-02T08:00:00+04:00"},
        7,
        {"id": "no address"},
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "The Bell", "items": items}
    as_json = json.dumps(feed).encode()
    for data in (rdf.encode(), atom.encode()):
        entry = only(data)
        assert (entry.address, entry.published) == (STORM, date(2020, 11, 2))
    assert own_text(only(atom.encode())) == "It came at night."
    [entry] = read_feed(as_json, "http://news.test/a/feed.json").entries
    assert (entry.address, entry.title, own_text(entry), entry.published) == (
        *(STORM, "Storm", "It came at night.", date(2020, 11, 2)),
    )


def test_the_whole_text_is_taken_where_the_feed_has_it() -> None:
    item = (
        "<item><link>/a/storm</link><description>In short.</description>"
        '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA['
        "<p>It came <b>at</b> night.<script>steal()</script></p><p hidden>No.</p>"
        '<ul><li>Two roofs fell.</li></ul><p>The post <a href="/a">Storm</a> appeared first on '
        '<a href="/">The Bell</a>.</p>]]></content:encoded></item>'
    )
    assert own_text(only(rss(item))) == "It came at night.\n\nTwo roofs fell."


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2020-11-02", date(2020, 11, 2)),
        ("2 novembre 2020", date(2020, 11, 2)),
        ("Mon, 02 Nov 2020 08:00:00 EST", date(2020, 11, 2)),
        ("some time last week", None),
        ("03/04/2020 25:61", None),
        ("", None),
    ],
)
def test_dates_good_and_bad(stated: str, day: date | None) -> None:
    assert only(rss(ITEM.format(stated))).published == day


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (b"\n  <br />Warning: mysql_connect() in x.php\n" + rss(ITEM), STORM),
        (rss(ITEM, end=""), STORM),
        (rss(ITEM.replace("&amp;", "& <b>")), STORM),
        (rss(ITEM).replace(b"A storm", b"\x00\x1a\xff storm"), STORM),
        (rss(ITEM).decode().encode("utf-16"), STORM),
        (b'<?xml version="1.0" encoding="nonsense"?>' + rss(ITEM), STORM),
    ],
)
def test_bad_xml_is_read_as_far_as_it_can_be(data: bytes, address: str) -> None:
    assert only(data).address == address


def test_entities_make_nothing_large_and_read_no_file() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE rss [<!ENTITY e0 "boom"><!ENTITY f SYSTEM "file:///etc/passwd">{bomb}]>'
    item = "<item><link>/a/storm</link><title>&e9;&f;</title></item>"
    assert len(only(head.encode() + rss(item)).title) < 100


def test_other_addresses_than_those_of_the_web_are_left_out() -> None:
    links = ["javascript:alert(1)", "file:///etc/passwd", "ftp://news.test/a", "http://[", ""]
    items = [f"<item><title>x</title><link>{link}</link></item>" for link in links]
    assert read_feed(rss("".join(items)), AT).entries == ()


def test_an_article_named_twice_is_one_and_there_is_an_end() -> None:
    many = "".join(f"<item><link>/a/{n}</link></item>" for n in range(MOST_ENTRIES + 9))
    assert len(read_feed(rss(many), AT).entries) == MOST_ENTRIES
    assert len(read_feed(rss(ITEM + ITEM), AT).entries) == 1


@pytest.mark.parametrize(
    "data", [b"", b"words", b"{}", b'{"version": 7}', b"{" * 9999, b"<html><p>words</p></html>"]
)
def test_what_is_no_feed(data: bytes) -> None:
    with pytest.raises(NotAnArticle):
        read_feed(data, AT)


def test_the_encoding_that_the_server_names() -> None:
    data = rss(ITEM.replace("flood", "crue à Orléans")).decode().encode("iso-8859-1")
    assert only(data, "iso-8859-1").title == "Storm & crue à Orléans"


def test_no_bytes_make_it_fail_in_another_way() -> None:
    pieces = (b"<rss><channel>", b"<item>", b"<link>http://[", b"<![CDATA[", b"&#x110000;", b"{")
    for some in product(pieces, repeat=3):
        with suppress(NotAnArticle):
            read_feed(b"".join(some), AT)
