from __future__ import annotations

import json
import socket
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.article import Article, Withdrawal
from tests.corpus.formats.agency_samples import (
    DOCTYPE,
    GUID,
    MORE,
    TEXT,
    news_item,
    news_message,
    ninjs,
    nitf,
)
from tests.corpus.formats.reading_kit import Read, articles, only, read, reasons, withdrawals

__all__ = ["read"]

INLINE_NITF = nitf().partition(DOCTYPE)[2].replace("&nbsp;", "&#160;")
INLINE_NITF = f'<inlineXML contenttype="application/nitf+xml">{INLINE_NITF}</inlineXML>'
NOON = datetime(2020, 10, 28, 12, tzinfo=UTC)


def test_a_news_item(read: Read) -> None:
    body = f"KIRKWALL (Northwire) – {TEXT}\n\n{MORE}"
    published = date(2020, 10, 27)
    assert only(read("ferry.xml", news_item(version=3))) == Article(
        GUID, "Last ferry to Orkney", body, "Northwire", published, version=3
    )
    corrected = only(read("ferry.xml", news_item(version=4, signal="sig:correction")))
    assert corrected.version == 4


@pytest.mark.parametrize(
    "content",
    [
        INLINE_NITF,
        f'<inlineData contenttype="text/plain">{TEXT}\n\n{MORE}</inlineData>',
        f'<inlineData contenttype="text/html">&lt;p>{TEXT}&lt;/p>&lt;p>{MORE}&lt;/p></inlineData>',
        '<remoteContent href="picture.jpg"/><inlineXML><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<body><script>go()</script><p>{TEXT}</p><p>{MORE}</p></body></html></inlineXML>",
    ],
)
def test_a_news_item_with_other_content(read: Read, content: str) -> None:
    body = only(read("ferry.xml", news_item(content=content))).body
    assert body.startswith(f"{TEXT}\n\n{MORE}")


def test_a_message_with_several_items(read: Read, tmp_path: Path) -> None:
    picture = news_item("tag:nw.example,2020:picture", content='<remoteContent href="f.jpg"/>')
    package = '<packageItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:p" version="1"/>'
    items = read(
        "wire.xml",
        news_message(
            news_item(),
            news_item("3f2a", text="The bridge opened."),
            news_item("urn:gone:1", version=5, status="stat:canceled"),
            news_item("urn:held:1", version=5, status="stat:withheld"),
            package,
            picture,
            news_item(""),
        ).replace("ninat:text", "ninat:picture"),
    )
    assert [article.uri for article in articles(items)] == [GUID, "newsml:nprov:NW:3f2a"]
    assert withdrawals(items) == [
        Withdrawal("urn:gone:1", "cancelled by its agency", 5),
        Withdrawal("urn:held:1", "withheld by its agency", 4),
    ]
    assert reasons(items) == {
        "urn:held:1": "not to be used: its status is “withheld”",
        "urn:p": "a packageItem: it has no text of its own",
        "tag:nw.example,2020:picture": "no text in this item: picture",
        "wire.xml:7": "a newsItem without a guid",
    }


@pytest.mark.parametrize(
    ("stated", "until"),
    [
        ("2020-10-28T12:00:00Z", NOON),
        ("2020-10-28T14:00:00+02:00", NOON),
        ("2020-10-28T00:00:00", NOON),  # in the zone where a time comes last
    ],
)
def test_embargoes(read: Read, stated: str, until: datetime) -> None:
    basic = stated.replace("-", "").replace(":", "") if "+" not in stated else stated
    for article in (
        only(read("a.xml", news_item(embargo=stated))),
        only(read("b.xml", nitf(release=basic))),
        only(read("c.json", ninjs(embargoed=stated))),
    ):
        assert article.embargo == until


def test_an_embargo_whose_end_is_not_clear_keeps_an_item_out(read: Read) -> None:
    for name, data in {
        "a.xml": news_item(embargo=""),
        "b.xml": news_item(embargo="after the vote"),
        "c.xml": nitf(release="tomorrow"),
        "d.json": ninjs(embargoed="tomorrow"),
    }.items():
        [reason] = reasons(read(name, data)).values()
        assert "under an embargo" in reason


def test_an_embargo_whose_end_is_not_clear_takes_earlier_versions_out(read: Read) -> None:
    for name, text in {
        "a.xml": news_item(version=3, embargo=""),
        "b.xml": nitf(version=3, release="after the vote"),
        "c.json": ninjs(version=3, embargoed="tomorrow"),
    }.items():
        items = read(name, text)
        assert [order.version for order in withdrawals(items)] == [2]
        assert all("under an embargo" in reason for reason in reasons(items).values())
        assert not articles(items)


@pytest.mark.parametrize(
    "told",
    [{"embargoed": 1609123051200}, {"embargoed": ["2099-01-01"]}, {"pubstatus": ["canceled"]}],
)
def test_what_keeps_an_item_back_does_so_in_whatever_it_is_written(
    read: Read, told: dict[str, Any]
) -> None:
    record = json.loads(ninjs(version=3)) | told
    items = read("a.json", json.dumps(record))
    assert not articles(items)
    assert [order.version for order in withdrawals(items)] == [2]


def test_a_nitf_document(read: Read) -> None:
    article = only(read("ferry.xml", nitf(version=2)))
    assert article.uri == "nitf:NW:ferry-1"
    assert article.title == "Last ferry to Orkney"
    assert article.body == f"{TEXT}\n\n{MORE}\n\nYear | Passengers\n\n2019 | 9,000"
    assert (article.source, article.published) == ("Northwire", date(2020, 10, 27))
    assert article.version == 2


def test_identities_of_nitf(read: Read, tmp_path: Path) -> None:
    urn = only(read("a.nitf", nitf("urn:newsml:nw.example:20201027:ferry:3U")))
    assert (urn.uri, urn.version) == ("urn:newsml:nw.example:20201027:ferry", 3)
    keyed = only(read("a.nitf", nitf("", version=2).replace("<du-key", '<du-key generation="1"')))
    assert keyed.uri == "nitf:NW:20201027:FERRY"
    later = only(read("a.nitf", nitf("", version=1).replace("<du-key", '<du-key generation="2"')))
    assert later.version > keyed.version
    bare = nitf("").replace("<du-key", "<other").replace("regsrc", "other")
    assert only(read("a.nitf", bare)).uri == f"{tmp_path}/a.nitf"


@pytest.mark.parametrize(
    "changed",
    [{"status": "canceled"}, {"extra": '<ed-msg info="KILL: wrong in every respect"/>'}],
)
def test_a_killed_nitf_document(read: Read, changed: dict[str, str]) -> None:
    killed = Withdrawal("nitf:NW:ferry-1", "cancelled by its agency", 4)
    assert read("kill.xml", nitf(version=4, **changed)) == [killed]


def test_a_notice_withdraws_another_document(read: Read) -> None:
    about = 'management-doc-idref="ferry-0" management-idref-status="canceled"'
    assert read("kill.xml", nitf(about=about)) == [
        Withdrawal("nitf:NW:ferry-0", "cancelled by its agency")
    ]


def test_a_ninjs_object(read: Read) -> None:
    assert only(read("ferry.json", ninjs(version=3))) == Article(
        GUID,
        "Last ferry to Orkney",
        f"{TEXT}\n\n{MORE}",
        "Northwire",
        date(2020, 10, 27),
        version=3,
    )
    plain = ninjs(body_xhtml=None, body_text=f"{TEXT}\n\n{MORE}")
    assert only(read("ferry.json", plain)).body == f"{TEXT}\n\n{MORE}"


def test_ninjs_of_version_three(read: Read) -> None:
    record = {
        "uri": "https://nw.example/ferry",
        "standard": {"name": "ninjs", "version": "3.0"},
        "versionCreated": "2020-10-28T09:00:00Z",
        "firstCreated": "2020-10-27T09:00:00Z",
        "pubStatus": "usable",
        "by": "Ann Bell",
        "headlines": [{"role": "short", "value": "Ferry"}, {"role": "main", "value": "Last ferry"}],
        "bodies": [
            {"role": "text", "contentType": "text/plain", "value": TEXT},
            {"role": "main", "contentType": "text/html", "value": f"<p>{TEXT}</p><p>{MORE}</p>"},
        ],
        "infoSources": [{"name": "Northwire", "role": "isource:contentProvider"}],
    }
    article = only(read("ferry.json", json.dumps(record)))
    assert (article.title, article.body) == ("Last ferry", f"{TEXT}\n\n{MORE}")
    assert (article.source, article.url) == ("Northwire", "https://nw.example/ferry")
    assert article.published == date(2020, 10, 27)
    assert article.version == int(datetime(2020, 10, 28, 9, tzinfo=UTC).timestamp())


def test_ninjs_and_other_records_in_one_file(read: Read, tmp_path: Path) -> None:
    plain: dict[str, Any] = {"uri": "x", "text": "The bridge opened.", "version": 2}
    lines = [
        ninjs(version=1),
        ninjs(version=2),
        ninjs("urn:x", status="canceled"),
        ninjs("/etc/passwd", status="withheld"),
        ninjs("urn:y", body_xhtml=None, type="picture"),
        json.dumps(plain),
    ]
    items = read("wire.jsonl", "\n".join(lines))
    assert [(article.uri, article.version) for article in articles(items)] == [
        (GUID, 1),
        (GUID, 2),
        (f"{tmp_path}/wire.jsonl#6", 0),
    ]
    assert withdrawals(items) == [Withdrawal("urn:x", "cancelled by its agency", 1)]
    assert reasons(items) == {
        "passwd": "not to be used: its status is “withheld”",
        "wire.jsonl:5": "no text in this ninjs picture",
    }


@pytest.mark.parametrize("version", [20201027090000123, 2**63 - 1])
def test_a_long_version_is_taken_as_it_is(read: Read, version: int) -> None:
    assert only(read("a.json", ninjs(version=version))).version == version
    assert only(read("a.xml", news_item(version=version))).version == version
    assert only(read("b.xml", nitf(version=version))).version <= 2**63 - 1


@pytest.mark.parametrize("version", [2**63, 10**999])
def test_a_version_that_cannot_be_stored_keeps_an_item_out(read: Read, version: int) -> None:
    for name, text in {
        "a.json": ninjs(version=version),
        "a.xml": news_item(version=version),
        "b.xml": nitf(version=version),
    }.items():
        items = read(name, text)
        assert articles(items) == []
        [reason] = reasons(items).values()
        assert reason.startswith("a version that is too large to be counted: ")
        assert len(reason) < 80


def test_other_and_hostile_xml_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    entities = f'<!ENTITY e0 "root">{grown}'
    bomb = nitf(text="a&e11;b").replace("<!DOCTYPE nitf", f"<!DOCTYPE nitf [{entities}]><!--", 1)
    bomb = bomb.replace('dtd">', 'dtd" -->', 1)
    secret = nitf(text="a&s;b").replace(
        "<!DOCTYPE nitf", '<!DOCTYPE nitf [<!ENTITY s SYSTEM "file:///etc/passwd">]><!--', 1
    )
    secret = secret.replace('dtd">', 'dtd" -->', 1).replace("&nbsp;", " ")
    body = only(read("secret.xml", secret)).body
    assert body.startswith("a&s;b")
    assert "root" not in body
    for data, reason in {
        bomb: "not well-formed XML",
        "<rss version='2.0'/>": "XML of another kind, <rss>",
        "<nitf><body>": "not well-formed XML",
        "no markup": "not well-formed XML",
        "<nitf/>": "no article text",
        "<p>" * 400 + "</p>" * 400: "not well-formed XML",
    }.items():
        [found] = reasons(read("a.xml", data)).values()
        assert reason in found
