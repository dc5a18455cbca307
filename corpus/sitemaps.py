"""Reads sitemaps, those of news, and indexes of sitemaps (https://www.sitemaps.org/protocol.html).

News sitemaps are as https://developers.google.com/search/docs/crawling-indexing/sitemaps describes.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from lxml import etree

from corpus.cleaning import clean_line
from corpus.dates import parse_date
from corpus.entries import MOST_ENTRIES, Entry, Listing
from corpus.errors import NotAnArticle
from corpus.web.addresses import web_address
from corpus.web.bodies import read_body

LARGEST = 50 << 20
"""Bytes of a sitemap, unpacked: the protocol's own limit."""

_MOST_SITEMAPS = 50


def unpacked(data: bytes) -> bytes:
    """Return what a .gz file holds; other data as it is. Raises NotFetched."""
    return read_body([data], "gzip", LARGEST) if data.startswith(b"\x1f\x8b") else data


def read_sitemap(data: bytes, since: date | None = None) -> Listing:
    """Return the articles that a sitemap names, or the sitemaps of an index; the newest first.

    Args:
        data: the file, unpacked.
        since: leave out what says that it has not changed since that day.

    Raises:
        NotAnArticle: it is no sitemap.
    """
    entries: list[tuple[str, Entry]] = []
    others: list[tuple[str, str]] = []
    if b"<" not in data:
        raise NotAnArticle("no sitemap")
    try:
        for element in _places(data):
            address = web_address(_child(element, "loc"))
            changed = _child(element, "lastmod")
            day = parse_date(changed[:10])
            if address and not (since and day and day < since):
                if _name(element) == "sitemap":
                    others.append((changed, address))
                else:
                    entries.append(_article(element, address, changed))
            element.clear()
    except etree.XMLSyntaxError:
        if not entries and not others:
            raise NotAnArticle("no sitemap: its XML cannot be read") from None
    entries.sort(key=lambda found: found[0], reverse=True)
    others.sort(reverse=True)
    once = {entry.address: entry for _, entry in reversed(entries[:MOST_ENTRIES])}
    newest = tuple(dict.fromkeys(address for _, address in others))[:_MOST_SITEMAPS]
    return Listing("sitemap", "", tuple(reversed(once.values())), newest)


def _places(data: bytes) -> Any:
    """Yield each place and each sitemap that is named, without entities, in constant memory."""
    parsed = etree.iterparse(
        io.BytesIO(data), tag=("{*}url", "{*}sitemap"), resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, recover=True,
    )  # fmt: skip
    for _, element in parsed:
        yield element
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _article(element: Any, address: str, changed: str) -> tuple[str, Entry]:
    news = next(element.iter("{*}news"), None)
    if news is None:
        return changed, Entry(address)
    stated = _child(news, "publication_date")
    publication = next(news.iter("{*}publication"), None)
    source = "" if publication is None else clean_line(_child(publication, "name"))
    title = clean_line(_child(news, "title"))
    return stated or changed, Entry(address, title, "", parse_date(stated), source)


def _child(element: Any, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return (found.text or "").strip() if found is not None else ""


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)
