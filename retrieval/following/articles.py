"""Reads what was fetched as an article, with what its feed says of it."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from corpus.article import Article
from corpus.cleaning import clean_line, host_of
from corpus.decoding import marked_encoding
from corpus.entries import Entry, own_text
from corpus.errors import NotAnArticle
from corpus.kinds import SUFFIXES
from corpus.limits import bounded
from corpus.listings import is_page
from corpus.pages import read_page
from corpus.reading import read_file
from corpus.web.addresses import canonical, page_address, same_article
from corpus.web.fetching import Fetched

_DOCUMENTS = (".txt", ".md", ".pdf", ".docx", ".odt")
"""The kinds of files, other than pages, that are one article and are read as files are."""

_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")


def read_fetched(fetched: Fetched, entry: Entry) -> Article:
    """Return the article that was fetched: where it was found, with the address that it gives.

    What the page does not say of title, date and source, the entry fills in.

    Raises:
        NotAnArticle: it holds none that can be read.
    """
    stem = entry.title or _stem(fetched.address)
    found = canonical(fetched.address)
    if is_page(fetched):
        address = page_address(fetched.data, fetched.address)
        article = read_page(address, stem, _in_unicode(fetched))
    else:
        address = found
        article = _read_document(fetched, stem)
    host = host_of(address)
    named = article.source if article.source != host else ""
    published = article.published or entry.published
    return bounded(
        replace(
            article,
            uri=address if same_article(address) == same_article(found) else found,
            url=address,
            title=article.title or entry.title,
            source=named or entry.source or host,
            published=published,
            ambiguous_date=article.ambiguous_date and published is None,
        )
    )


def read_entry(entry: Entry) -> Article:
    """Return an article of which there is only what its feed says.

    Raises:
        NotAnArticle: the feed says nothing but its title.
    """
    body = own_text(entry)
    if not body:
        raise NotAnArticle("the feed has no text of it")
    address = canonical(entry.address)
    host = host_of(address)
    title = entry.title or _stem(address)
    return bounded(
        Article(
            uri=address,
            title=title,
            body=body,
            source=entry.source or host,
            published=entry.published,
            url=address,
            excerpt=True,
        )
    )


def _read_document(fetched: Fetched, stem: str) -> Article:
    """Read a document as a file of its kind is read."""
    suffix = mimetypes.guess_extension(fetched.media_type) or ""
    if fetched.media_type in _UNTOLD:
        suffix = PurePosixPath(urlsplit(fetched.address).path).suffix.lower()
    if suffix not in _DOCUMENTS or suffix not in SUFFIXES:
        kind = clean_line(fetched.media_type)[:60] or "a kind that the site does not name"
        raise NotAnArticle(f"neither a page nor a document that is read: {kind}")
    with TemporaryDirectory() as folder:
        path = Path(folder, re.sub(r"[^\w -]", "_", stem)[:60] + suffix)
        path.write_bytes(_in_unicode(fetched) if suffix in (".txt", ".md") else fetched.data)
        found = next(read_file(path))
    if not isinstance(found, Article):
        raise NotAnArticle(found.reason)
    return found


def _in_unicode(fetched: Fetched) -> bytes:
    """Return the bytes as UTF-8 with its mark, where the server names their encoding rightly.

    UTF-8 is seen by itself, and a wrong name for it is common.
    """
    data, charset = fetched.data, fetched.charset
    if not charset or marked_encoding(data):
        return data
    for encoding in ("utf-8", charset):
        try:
            return data.decode(encoding).encode("utf-8-sig")
        except (UnicodeError, LookupError):
            continue
    return data


def _stem(address: str) -> str:
    """Return the last part of an address's path, to make a title of."""
    parts = urlsplit(address)
    last = unquote(parts.path).rstrip("/").rpartition("/")[2].rpartition(".")
    return clean_line(last[0] or last[2]) or parts.netloc
