"""Reads the pages of crawls: WARC 1.0 and 1.1, and WACZ, which has them in a ZIP archive."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, cast
from urllib.parse import unquote

from corpus.article import Article, Item, Rejection
from corpus.cleaning import host_of
from corpus.decoding import decode
from corpus.errors import NotAnArticle
from corpus.formats.captures import Broken, records
from corpus.formats.documents import Document, Read, inside_uri, limit_of
from corpus.formats.guarded import DAMAGED, opened_zip
from corpus.web.addresses import same_site, web_address

_KINDS = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf"}
_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?([\w.:-]+)")
_PAGE_LISTS = ("pages/pages.jsonl", "pages/extraPages.jsonl")
_CAPTURE_FILE = re.compile(r"archive/[^/]+\.warc(?:\.gz)?")

_NONE = ("", -1, -1)
_Part = tuple[str, Callable[[], IO[bytes]]]
"""The URI of a WARC file, and what opens it."""


def read_warc(document: Document, read: Read) -> Iterator[Item]:
    """Yield the articles of the pages in a WARC file, packed or not (ISO 28500).

    Pages are those with status 200. Of several captures of an address the newest is read; its
    URI is the address. What is broken is named, and the rest is read. Raises NotAnArticle.
    """
    document.require_shallow()
    yield from _read_pages(document, [(document.uri, document.open)], frozenset(), read)


def read_wacz(document: Document, read: Read) -> Iterator[Item]:
    """Yield the articles of the pages in a WACZ file: those that it lists, if it lists any.

    See specs.webrecorder.net/wacz. Raises NotAnArticle.
    """
    document.require_shallow()
    with document.open() as file, opened_zip(file) as archive:
        names = [name for name in archive.namelist() if _CAPTURE_FILE.fullmatch(name)]
        if not names:
            raise NotAnArticle("no captures of pages in this WACZ file")
        parts = [
            (inside_uri(document.uri, name), cast(Any, partial(archive.open, name)))
            for name in names
        ]
        try:
            yield from _read_pages(document, parts, frozenset(_listed(archive)), read)
        except DAMAGED as error:
            raise NotAnArticle("a damaged or encrypted WACZ file") from error


def _read_pages(
    document: Document, parts: Sequence[_Part], listed: frozenset[str], read: Read
) -> Iterator[Item]:
    newest: dict[str, tuple[str, int, int]] = {}
    for part, number, record in _numbered(parts):
        address = _address(record)
        capture = (_header(record, "WARC-Date"), part, number)
        if address and (not listed or address in listed):
            newest[address] = max(newest.get(address, capture), capture)
    found = False
    for part, number, record in _numbered(parts):
        if isinstance(record, Broken):
            found = True
            yield Rejection(f"{parts[part][0]}:{record.place}", str(record))
        elif newest.get(address := _address(record), _NONE)[1:] == (part, number):
            found = True
            document.allowance.take_member()
            yield from _read_page(document, address, record, read)
    if not found:
        raise NotAnArticle("no pages in this file")


def _numbered(parts: Sequence[_Part]) -> Iterator[tuple[int, int, Any]]:
    for part, (_, opened) in enumerate(parts):
        for number, record in enumerate(records(opened)):
            yield part, number, record


def _read_page(document: Document, address: str, record: Any, read: Read) -> Iterator[Item]:
    kind = _KINDS[_content_type(record)]
    stem = PurePosixPath(unquote(address.partition("?")[0])).stem or "page"
    page = document.inside(f"{stem}{kind}", lambda: _payload(record), address)
    for item in read(page):
        yield _as_captured(item, address) if isinstance(item, Article) else item


def _as_captured(article: Article, address: str) -> Article:
    """Return a page's article at its own address: it stands for none of another site.

    Anybody could otherwise give words to another paper, or take the place of its article.
    """
    if not article.url:
        return replace(article, url=address)
    if same_site(article.url, address):
        return article
    outlet = host_of(address) if article.source == host_of(article.url) else article.source
    return replace(article, url=address, source=outlet)


def _address(record: Any) -> str:
    """Return the address of a page that a record captures, or nothing for other records."""
    if isinstance(record, Broken) or record.rec_type != "response" or not record.http_headers:
        return ""
    if record.http_headers.get_statuscode() != "200" or _content_type(record) not in _KINDS:
        return ""
    return web_address(_header(record, "WARC-Target-URI"))


def _header(record: Any, name: str) -> str:
    if isinstance(record, Broken):
        return ""
    return str(record.rec_headers.get_header(name) or "")


def _content_type(record: Any) -> str:
    stated = record.http_headers.get_header("Content-Type") or ""
    return str(stated).partition(";")[0].strip().lower()


def _payload(record: Any) -> bytes:
    """Return the bytes of a captured page, of HTML in UTF-8. Raises NotAnArticle."""
    from warcio.bufferedreaders import ChunkedDataReader

    headers, kind = record.http_headers, _KINDS[_content_type(record)]
    stream = record.raw_stream
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(stream)
    try:
        packing = (headers.get_header("Content-Encoding") or "").lower().strip()
        data = _unpacked(stream, packing, limit_of(kind))
    except DAMAGED as error:
        raise NotAnArticle("damaged in this file") from error
    charset = _CHARSET.search(headers.get_header("Content-Type") or "")
    if charset and kind == ".html" and len(data) <= limit_of(kind):
        return decode(data, charset[1]).encode("utf-8", "replace")
    return data


def _unpacked(stream: Any, encoding: str, limit: int) -> bytes:
    """Return at most one byte more than the limit of a body in a content encoding of HTTP."""
    data = bytes(stream.read(limit + 1))
    if encoding in ("gzip", "x-gzip", "deflate") and data[:1]:
        wraps = zlib.MAX_WBITS | 32 if data[0] in (0x1F, 0x78) else -zlib.MAX_WBITS
        return zlib.decompressobj(wraps).decompress(data, limit + 1)
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise NotAnArticle(
            f"captured with the content encoding “{encoding[:20]}”, which is not read"
        )
    return data


def _listed(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the addresses that a WACZ file lists as its pages."""
    for name in set(_PAGE_LISTS) & set(archive.namelist()):
        with archive.open(name) as lines:
            for line in iter(lambda: lines.readline(1 << 16), b""):
                try:
                    if address := web_address(json.loads(line).get("url")):
                        yield address
                except (ValueError, AttributeError, RecursionError):
                    continue
