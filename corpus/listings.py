"""Tells what lies at an address: a feed, a sitemap, or a page, and which articles it names."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html
from lxml.etree import LxmlError

from corpus.cleaning import clean_line, clean_url
from corpus.decoding import declared_encoding, decode
from corpus.entries import Entry, Listing
from corpus.errors import NotAnArticle
from corpus.feeds import read_feed
from corpus.limits import bounded_markup, bounded_tree
from corpus.page_names import page_source, window_title
from corpus.sitemaps import read_sitemap, unpacked
from corpus.web.addresses import canonical, same_article
from corpus.web.fetching import Fetched

_MOST_FEEDS = 5
_MOST_LINKS = 200
_BEGINNING = 1 << 13
_ROOT = re.compile(rb"<(?:[\w.-]{1,20}:)?(rss|feed|rdf|urlset|sitemapindex|html|body)\b", re.I)
_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json", re.I)
_COMMENTS = re.compile(r"comment|replies|kommentar", re.I)

_AROUND = ("nav", "footer", "aside", "header", "form")
_NAMED_AROUND = re.compile(r"\b(?:nav|menu|footer|sidebar|breadcrumb|pagination|cookie)", re.I)
_DAY_IN_PATH = re.compile(r"/(?:19|20)\d\d[/-](?:\d{1,2}|[a-z]{3})(?:[/-]\d{1,2})?(?:[/-]|$)", re.I)
_NUMBER_IN_PATH = re.compile(r"\d{5,}")
_OTHER_PAGES = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|topics?|search|login|subscribe|about|contact|privacy"
    r"|page|wp-content|feed)(?:/|$)",
    re.I,
)
_LEAST_WORDS = 4


def is_page(fetched: Fetched) -> bool:
    """Say whether an HTML page was fetched, rather than a feed, a sitemap or another file."""
    return _root(fetched.data) in (b"html", b"body") or (
        not _root(fetched.data) and fetched.media_type in ("text/html", "application/xhtml+xml")
    )


def listing_of(fetched: Fetched) -> Listing | None:
    """Return the feed or the sitemap that was fetched, or None if it is something else.

    Raises:
        NotFetched: it is packed, and cannot be unpacked.
        NotAnArticle: it cannot be read as what it looks like.
    """
    data = unpacked(fetched.data)
    root = _root(data)
    if root in (b"urlset", b"sitemapindex"):
        return read_sitemap(data)
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    if root in (b"rss", b"feed", b"rdf") or is_json:
        return read_feed(data, fetched.address, fetched.charset)
    return None


def read_links(fetched: Fetched) -> Listing:
    """Return the feeds that a page announces, and the articles that it links to.

    Feeds of comments are left out. A link is taken for one to an article if it leads to another
    page of the same site, stands outside navigation, header, footer and asides, has a text of four
    words or more, and its path has a date, a number of five digits, or a last part of four words.

    Raises:
        NotAnArticle: the page cannot be read.
    """
    text = bounded_markup(decode(fetched.data, declared_encoding(fetched.data)))
    try:
        tree = bounded_tree(html.document_fromstring(text.encode("utf-8", "replace"), _parser()))
    except LxmlError:
        raise NotAnArticle("a page that cannot be read") from None
    base = _joined(fetched.address, next(iter(tree.xpath("//base/@href")), ""))
    title = page_source(tree, fetched.address) or window_title(tree)
    return Listing("page", title, _articles(tree, fetched.address, base), _feeds(tree, base))


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


def _feeds(tree: Any, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for link in tree.xpath("//link[@href]"):
        kind, title, place = (link.get(name, "") for name in ("type", "title", "href"))
        is_feed = "alternate" in link.get("rel", "").lower() and _FEED_TYPE.fullmatch(kind.strip())
        address = _joined(base, place) if is_feed else ""
        if address and not _COMMENTS.search(f"{title} {place}"):
            found.setdefault(canonical(address))
    return tuple(found)[:_MOST_FEEDS]


def _articles(tree: Any, page: str, base: str) -> tuple[Entry, ...]:
    here, host = same_article(page), _site(page)
    found: dict[str, Entry] = {}
    for link in tree.iterdescendants("a"):
        title = clean_line(link.text_content())
        address = _joined(base, link.get("href", ""))
        if not address or _site(address) != host or len(title.split()) < _LEAST_WORDS:
            continue
        key = same_article(address)
        if key != here and _is_of_an_article(address) and not _is_around(link):
            found.setdefault(key, Entry(canonical(address), title))
    return tuple(found.values())[:_MOST_LINKS]


def _is_of_an_article(address: str) -> bool:
    path = urlsplit(address).path
    words = re.split(r"[-_]", path.rstrip("/").rpartition("/")[2])
    has_mark = _DAY_IN_PATH.search(path) or _NUMBER_IN_PATH.search(path)
    return not _OTHER_PAGES.search(path) and bool(has_mark or len(words) >= _LEAST_WORDS)


def _is_around(link: Any) -> bool:
    """Say whether a link stands in what is around the main part of a page."""
    return any(
        (part.tag in _AROUND and not (part.tag == "header" and part.getparent().tag == "article"))
        or _NAMED_AROUND.search(f"{part.get('class', '')} {part.get('id', '')}")
        for part in link.iterancestors()
        if part.tag not in ("body", "html")
    )


def _site(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def _joined(base: str, place: str) -> str:
    try:
        return clean_url(urljoin(base, place.strip()))
    except ValueError:  # a malformed address
        return ""


def _root(data: bytes) -> bytes:
    """Return the name of the outermost element, whatever stands before it."""
    match = _ROOT.search(data[:_BEGINNING].replace(b"\x00", b""))
    return match[1].lower() if match else b""
