"""What a feed, a sitemap or a page with links says of each of its articles."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import date

from lxml import html
from lxml.etree import LxmlError

from corpus.cleaning import clean_text, has_words
from corpus.limits import bounded_markup, bounded_tree
from corpus.page_parts import drop_hidden

MOST_ENTRIES = 1_000
"""Entries that are taken of one feed, sitemap or page."""

LONGEST_TEXT = 200_000
"""Characters of an entry's own text, with its markup; a longer one is passed over."""

_BLOCKS = tuple("p div li br tr h1 h2 h3 h4 h5 h6 blockquote section article pre dd dt".split())
_UNREAD = ("script", "style", "template", "noscript", "svg", "iframe", "object", "form")
_APPENDED = re.compile(r"The post .{1,300} (?:appeared first on|first appeared on) .{1,200}\.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a listing names it. `address` is a web address; what is not said is empty.

    `html` is the entry's own text, as markup or not, and never a page to show.
    """

    address: str
    title: str = ""
    html: str = ""
    published: date | None = None
    source: str = ""
    guid: str = ""

    def as_json(self) -> str:
        """Return the entry as one line of JSON, that `entry_of` reads."""
        return json.dumps(asdict(self), default=str)

    @property
    def digest(self) -> str:
        """Return what changes with anything that the entry says."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at an address that names articles.

    Args:
        kind: "feed", "sitemap" or "page".
        title: its name, where it has one.
        entries: its articles.
        others: listings that it names: the feeds of a page, the sitemaps of an index.
    """

    kind: str
    title: str = ""
    entries: tuple[Entry, ...] = ()
    others: tuple[str, ...] = field(default=())


def entry_of(line: str) -> Entry:
    """Return the entry that `as_json` wrote."""
    fields = json.loads(line)
    day = fields.pop("published")
    return Entry(published=date.fromisoformat(day) if day else None, **fields)


def own_text(entry: Entry) -> str:
    """Return an entry's own text without its markup, a paragraph a block; empty if it has none.

    Raises:
        NotAnArticle: its markup is larger or deeper than that of articles.
    """
    if not has_words(entry.html):
        return ""
    try:
        tree = html.document_fromstring(f"<body>{bounded_markup(entry.html)}</body>")
    except LxmlError:
        return ""
    bounded_tree(tree)
    for element in tree.xpath("|".join(f"//{name}" for name in _UNREAD)):
        element.drop_tree()
    drop_hidden(tree, [])
    for element in tree.iter(_BLOCKS):
        element.text = "\n\n" + (element.text or "")
        element.tail = "\n\n" + (element.tail or "")
    paragraphs = clean_text(tree.text_content()).split("\n\n")
    text = "\n\n".join(p for p in paragraphs if not _APPENDED.fullmatch(p))
    return text if has_words(text) else ""
