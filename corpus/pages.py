"""Reads articles from saved web pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from corpus.article import Article
from corpus.cleaning import clean_line, clean_lines, clean_url
from corpus.dates import parse_date
from corpus.decoding import declared_encoding, decode
from corpus.errors import NotAnArticle
from corpus.readers import join_body, readable

_DATE_FIELDS = frozenset(
    (
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.date",
        "dcterms.issued",
        "parsely-pub-date",
        "pubdate",
        "publish-date",
        "publish_date",
        "publishdate",
        "sailthru.date",
    )
)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')

# The elements in which an article shows its own date. Dates elsewhere on a page are those of the
# copyright, of another article or of the day it was saved.
_SHOWN_DATES = (
    "(//article|//main)//*[self::time or contains(@class, 'date') or contains(@class, 'publish')]"
    "[not(ancestor::aside or ancestor::footer or ancestor::nav)]"
)


def read_page(uri: str, stem: str, data: bytes) -> Article:
    """Return the article in an HTML page, without navigation, comments and the like.

    Its title and source are those the page declares, the title else `stem` made readable; its
    date is None unless its markup says when it was published. Raises NotAnArticle.
    """
    from trafilatura import load_html

    _quiet_libraries()
    tree = load_html(decode(data, declared_encoding(data)))
    document = None if tree is None else _extract(tree)
    if document is None or not document.text:
        raise NotAnArticle("no article text found in this page")
    title = clean_line(document.title or "")
    lines = [_without_marks(line) for line in clean_lines(document.text)]
    return Article(
        uri=uri,
        title=title or readable(stem),
        body=join_body([line for line in lines if line], title),
        source=clean_line(document.sitename or ""),
        published=_published(tree),
        url=clean_url(document.url),
    )


def _extract(tree: Any) -> Any:
    """Return trafilatura's document for an lxml tree, or None."""
    from trafilatura import bare_extraction

    try:
        return bare_extraction(
            tree,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception as error:  # whatever a hostile page provokes in the libraries below
        raise NotAnArticle("no article text found in this page: its HTML is malformed") from error


def _without_marks(line: str) -> str:
    """Return a line of extracted text without list bullets and the borders of table rows."""
    return line.strip("| ") if line.startswith("|") else line.removeprefix("- ")


def _published(tree: Any) -> date | None:
    # htmldate, and so trafilatura, takes any date in the text when it finds no better one.
    return next(filter(None, map(parse_date, _stated_dates(tree))), None)


def _stated_dates(tree: Any) -> Iterator[str]:
    """Yield the texts that should be the date of publication, the most reliable first."""
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if name.lower() in _DATE_FIELDS:
            yield meta.get("content") or ""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        yield from _JSON_DATE.findall(script.text or "")
    for element in tree.xpath(_SHOWN_DATES):
        yield element.get("datetime") or ""
        yield re.sub(r"(?i)^published(?: on)?:?", "", " ".join(element.text_content().split()))


def _quiet_libraries() -> None:
    """Keep the libraries' warnings off the terminal where the application logs nothing."""
    for name in ("trafilatura", "htmldate", "courlan", "readability"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
