"""Reads feeds: RSS of every version and Atom by feedparser, JSON Feed by the standard library."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urljoin

from corpus.cleaning import clean_line
from corpus.dates import parse_date
from corpus.decoding import marked_encoding
from corpus.entries import LONGEST_TEXT, MOST_ENTRIES, Entry, Listing
from corpus.errors import NotAnArticle
from corpus.web.addresses import web_address

_JSON_FEED = "https://jsonfeed.org/version/"
_SHOWN = {"text/html", "application/xhtml+xml", "text/plain"}
_DATES = ("published", "created", "updated")


def read_feed(data: bytes, address: str, charset: str = "") -> Listing:
    """Return what a feed names, in its order; of bad XML, what can be read of it.

    Entries without the address of an article are left out. Nothing is fetched.

    Args:
        data: the feed.
        address: where it was found: its links may be relative to that.
        charset: the encoding that the server named.

    Raises:
        NotAnArticle: it is no feed.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json(data, address)
    import feedparser

    if marked := marked_encoding(data):
        data, charset = data.decode(marked, "replace").encode(), "utf-8"
    named = f"application/xml; charset={charset}" if charset else "application/xml"
    headers = {"content-location": address, "content-type": named}
    try:
        # A stream: bytes alone might be taken for the name of a file.
        found = feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False)
    except Exception as error:  # whatever an odd feed provokes in the library
        raise NotAnArticle("a feed that cannot be read") from error
    if not found.get("version") and not found.entries:
        raise NotAnArticle("no feed")
    title = clean_line(_text(found.feed.get("title")))
    entries = (_entry(item, address, title) for item in found.entries[:MOST_ENTRIES])
    return Listing("feed", title, tuple(_once(entry for entry in entries if entry.address)))


def _entry(item: Any, base: str, feed: str) -> Entry:
    contents = [c.get("value") for c in item.get("content", ()) if c.get("type") in _SHOWN]
    texts = [_text(text) for text in (*contents, item.get("summary"))]
    source = item.get("source")
    source = source.get("title") if isinstance(source, dict) else ""
    return Entry(
        address=_address(base, item.get("feedburner_origlink"), item.get("link"), item.get("id")),
        title=clean_line(_plain(item.get("title"))),
        html=max((text for text in texts if len(text) <= LONGEST_TEXT), key=len, default=""),
        published=_day(item),
        source=clean_line(_plain(source)) or feed,
        guid=clean_line(_text(item.get("id")))[:500],
    )


def _day(item: Any) -> date | None:
    """Return the day that an entry states, as written, else as feedparser understands it."""
    for name in _DATES:
        if stated := parse_date(_text(dict.get(item, name))):  # its own `get` warns
            return stated
    for name in _DATES:
        try:
            year, month, day = tuple(dict.get(item, f"{name}_parsed") or ())[:3]
            return date(year, month, day)
        except ValueError:
            continue
    return None


def _read_json(data: bytes, address: str) -> Listing:
    """Read a JSON Feed (https://www.jsonfeed.org/version/1.1)."""
    try:
        feed = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise NotAnArticle("no feed: its JSON cannot be read") from None
    if not isinstance(feed, dict) or not _text(feed.get("version")).startswith(_JSON_FEED):
        raise NotAnArticle("no feed")
    title = clean_line(_text(feed.get("title")))
    items = feed.get("items")
    listed = items if isinstance(items, list) else []
    found = (_json_entry(item, address, title) for item in listed[:MOST_ENTRIES])
    return Listing("feed", title, tuple(_once(entry for entry in found if entry.address)))


def _json_entry(item: Any, base: str, feed: str) -> Entry:
    if not isinstance(item, dict):
        return Entry("")
    names = ("content_html", "content_text", "summary")
    texts = [_text(item.get(name)) for name in names]
    days = (parse_date(_text(item.get(name))) for name in ("date_published", "date_modified"))
    return Entry(
        address=_address(base, item.get("url"), item.get("external_url"), item.get("id")),
        title=clean_line(_text(item.get("title"))),
        html=next((text for text in texts if 0 < len(text) <= LONGEST_TEXT), ""),
        published=next(filter(None, days), None),
        source=feed,
        guid=clean_line(_text(item.get("id")))[:500],
    )


def _address(base: str, *places: object) -> str:
    """Return the first of some links that is one of the web; the last is so only if it is whole."""
    *links, identity = map(_text, places)
    for link in filter(None, links):
        try:
            if address := web_address(urljoin(base, link.strip())):
                return address
        except ValueError:  # a malformed address
            continue
    return web_address(identity)


def _once(entries: Iterator[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.address not in seen:
            seen.add(entry.address)
            yield entry


def _plain(value: object) -> str:
    """Return a title, of which some feeds make markup."""
    text = _text(value)
    if "<" not in text and "&" not in text:
        return text
    from lxml import html
    from lxml.etree import LxmlError

    try:
        return str(html.fromstring(f"<p>{text[:2000]}</p>").text_content())
    except LxmlError:
        return text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
