from __future__ import annotations

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.corpus.formats.reading_kit import Read, articles, only, read, reasons

__all__ = ["read"]

PARAGRAPH = (
    "The night ferry to {} carried 212 passengers on its last crossing on Monday, the harbour "
    "office said. The line had run for 160 years without a winter's break."
)
SITE = "https://bell.example"


def page(place: str) -> bytes:
    return (
        f"<html><head><title>Ferry to {place}</title></head><body><nav>Home</nav><article>"
        f"<h1>Ferry to {place}</h1><p>{PARAGRAPH.format(place)}</p></article></body></html>"
    ).encode()


class Crawl:
    """Writes a WARC file record by record, and knows where each begins."""

    def __init__(self, *, packed: bool = True, version: str = "1.1") -> None:
        self.file = BytesIO()
        self.starts: list[int] = []
        self._writer = WARCWriter(self.file, gzip=packed, warc_version=version)

    def add(
        self,
        address: str,
        body: bytes = b"",
        *,
        kind: str = "text/html; charset=utf-8",
        day: int = 1,
        status: str = "200 OK",
        record: str = "response",
        **headers: str,
    ) -> Crawl:
        fields = [("Content-Type", kind), *((n.replace("_", "-"), v) for n, v in headers.items())]
        http = StatusAndHeaders(status, fields, protocol="HTTP/1.1")
        date = {"WARC-Date": f"2024-03-0{day}T10:00:00Z"}
        self.starts.append(self.file.tell())
        self._writer.write_record(
            self._writer.create_warc_record(
                address,
                record,
                payload=BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_headers_dict=date,
            )
        )
        return self

    def data(self) -> bytes:
        return self.file.getvalue()


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_pages_of_a_crawl(read: Read, packed: bool, version: str) -> None:
    crawl = Crawl(packed=packed, version=version)
    crawl.add("https://Bell.example:443/orkney?utm_source=x#top", page("Orkney"))
    crawl.add(f"{SITE}/logo.png", b"\x89PNG", kind="image/png")
    crawl.add(f"{SITE}/gone", page("Nowhere"), status="404 Not Found")
    crawl.add(f"{SITE}/moved", b"", status="301 Moved")
    crawl.add(f"{SITE}/orkney", record="revisit", day=3)
    crawl.add(f"{SITE}/menu", b"<html><body><img src=a.png></body></html>")
    items = read("crawl.warc.gz" if packed else "crawl.warc", crawl.data())
    [article] = articles(items)
    assert (article.uri, article.url, article.title, article.published) == (
        f"{SITE}/orkney",
        f"{SITE}/orkney",
        "Ferry to Orkney",
        None,
    )
    assert article.body == PARAGRAPH.format("Orkney")
    assert reasons(items) == {"menu": "no article text found in this page"}


def test_of_several_captures_the_newest_is_read(read: Read) -> None:
    crawl = Crawl()
    for day, place in ((2, "Kirkwall"), (3, "Stromness"), (1, "Burray")):
        crawl.add(f"{SITE}/a", page(place), day=day)
    crawl.add(f"{SITE}/a", page("Error"), day=4, status="500 Oops")
    assert only(read("c.warc.gz", crawl.data())).title == "Ferry to Stromness"


def test_how_pages_are_sent(read: Read) -> None:
    html = page("Orkney").replace(b"Home", "Früh".encode("cp1252"))
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (html[:50], html[50:])) + b"0\r\n\r\n"
    crawl = Crawl()
    crawl.add(f"{SITE}/chunked", chunked, Transfer_Encoding="chunked")
    crawl.add(f"{SITE}/gzip", gzip.compress(html), Content_Encoding="gzip")
    crawl.add(f"{SITE}/br", html, Content_Encoding="br")
    crawl.add(f"{SITE}/broken", b"\x1f\x8b\x08 broken", Content_Encoding="gzip")
    crawl.add(f"{SITE}/bomb", gzip.compress(bytes(30 << 20)), Content_Encoding="gzip")
    crawl.add(f"{SITE}/large", b"<p>" + b"a" * (11 << 20))
    items = read("c.warc.gz", crawl.data())
    assert [article.uri for article in articles(items)] == [f"{SITE}/chunked", f"{SITE}/gzip"]
    found = reasons(items)
    assert "“br”" in found["br"]
    assert found["broken"] == "damaged in this file"
    assert found["bomb"].startswith(found["large"].removesuffix(" of this kind")[:18])


@pytest.mark.parametrize("packed", [True, False])
def test_a_broken_record_is_named_and_the_rest_read(
    read: Read, packed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    crawl = Crawl(packed=packed)
    for place in ("Orkney", "Kirkwall", "Stromness"):
        crawl.add(f"{SITE}/{place}", page(place))
    data = bytearray(crawl.data())
    second = crawl.starts[1]
    data[second + 2 : second + 60] = b"\xff" * 58
    items = read("c.warc.gz" if packed else "c.warc", bytes(data))
    assert [article.title for article in articles(items)] == [
        "Ferry to Orkney",
        "Ferry to Stromness",
    ]
    assert list(reasons(items).values()) == ["a broken record"]
    cut = read("d.warc.gz", crawl.data()[: crawl.starts[2] + 40])
    assert [article.title for article in articles(cut)] == ["Ferry to Orkney", "Ferry to Kirkwall"]
    assert capsys.readouterr() == ("", "")


def test_a_wacz_file_says_which_pages_it_has(read: Read, tmp_path: Path) -> None:
    one = Crawl().add(f"{SITE}/a", page("Orkney")).add(f"{SITE}/ad", page("Nowhere"))
    two = Crawl().add(f"{SITE}/a", page("Kirkwall"), day=2).add(f"{SITE}/b", page("Burray"))
    pages = [
        {"format": "json-pages-1.0", "id": "pages"},
        {"url": f"{SITE}/a#x"},
        {"url": f"{SITE}/b"},
    ]
    members = {
        "datapackage.json": b"{}",
        "archive/one.warc.gz": one.data(),
        "archive/two.warc.gz": two.data(),
        "indexes/index.cdx.gz": b"\x1f\x8b",
    }
    listed = members | {"pages/pages.jsonl": "\n".join(map(json.dumps, pages)).encode() + b"\n{"}
    for name, files in {"all.wacz": members, "listed.wacz": listed}.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, data in files.items():
                archive.writestr(member, data)
    titles = [a.title for a in articles(read("all.wacz", (tmp_path / "all.wacz").read_bytes()))]
    assert titles == ["Ferry to Nowhere", "Ferry to Kirkwall", "Ferry to Burray"]
    items = read("listed.wacz", (tmp_path / "listed.wacz").read_bytes())
    assert [article.title for article in articles(items)] == [
        "Ferry to Kirkwall",
        "Ferry to Burray",
    ]


def test_other_files_of_captures(read: Read, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as archive:
        archive.writestr("pages/pages.jsonl", "")
    assert list(reasons(read("x.wacz", (tmp_path / "x.wacz").read_bytes())).values()) == [
        "no captures of pages in this WACZ file"
    ]
    assert reasons(read("a.warc", Crawl(packed=False).add("dns:bell.example").data())) == {
        "a.warc": "no pages in this file"
    }


@pytest.mark.parametrize("named", ["http://www.bell.example/first", "https://herald.example/first"])
def test_a_page_of_a_crawl_stands_for_no_other_sites_article(read: Read, named: str) -> None:
    address = f"{SITE}/ferry"
    link = f'<head><link rel="canonical" href="{named}">'.encode()
    crawl = Crawl().add(address, page("Orkney").replace(b"<head>", link))
    article = only(read("a.warc.gz", crawl.data()))
    own = "bell.example" in named
    assert (article.uri, article.url) == (address, named if own else address)
    assert article.source == "bell.example"
