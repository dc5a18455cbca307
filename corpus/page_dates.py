"""Finds the day on which a web page's article was published, where the page states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from typing import Any

from lxml.etree import XPath

from corpus.dates import first_date, parse_date, shown_date
from corpus.linked_data import described_articles, text_of
from corpus.page_parts import OtherParts

# Names of meta fields, their letters only: article:published_time, DC.date.issued, pub_date.
_PUBLISHED = re.compile(
    r"(?:date|time)?(?:first)?publi(?:shed|cation|sh)(?:date|time|on)?|pubdate|(?:dc|dcterms)?date"
    r"|(?:dc|dcterms)?(?:date)?issued?|sailthrudate|dateoriginal"
)
_PREFIX = re.compile(r"^(?:og|article|parsely|dcsext|cxenseparse|recs|bt|rnews|citation)*")

_CHANGED = re.compile(r"modified|updated", re.IGNORECASE)
_PUBLISHED_MARK = re.compile(r"publi|entry-date", re.IGNORECASE)

_MOST = 30  # statements that are looked at: a page may be made to have thousands
_SHOWN_LENGTH = 80  # characters of a line that shows a date, with a byline perhaps
_TEXT = XPath(".//text()[not(parent::script or parent::style)]")
_LEAD = 300  # characters below a headline, in which the date is shown
_MARKED = "//*[not(self::meta)][@pubdate or contains(@itemprop, 'datePublished')]"
_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?=[/-]|$)")


def publication_date(
    tree: Any, headlines: list[Any], others: OtherParts, url: str
) -> tuple[date | None, bool]:
    """Return the date of publication that a page states, and whether that is only ambiguous.

    The most reliable statement wins: JSON-LD, meta fields, marked elements, the address, the line
    that is shown about the headline. Dates of changes, of comments and of other articles
    do not count.
    """
    declared, ambiguous = first_date(islice(_declared(tree), _MOST))
    shown = chain.from_iterable(map(_near, headlines))
    dates = chain(
        [declared],
        (_date_in(element) for element in tree.xpath(_MARKED)[:_MOST] if element not in others),
        [_in_address(url)],
        (_date_in(element) for element in shown if element not in others),
    )
    found = next(filter(None, dates), None)
    return found, ambiguous and found is None


def _declared(tree: Any) -> Iterator[str]:
    for node in described_articles(tree):
        yield text_of(node, "datePublished")
    for meta in tree.iter("meta"):
        names = (meta.get(key) or "" for key in ("property", "name", "itemprop"))
        if any(map(_says_published, names)):
            yield meta.get("content") or ""


def _says_published(name: str) -> bool:
    letters = _PREFIX.sub("", re.sub(r"[^a-z]", "", name.lower()))
    return _PUBLISHED.fullmatch(letters) is not None


def _in_address(url: str) -> date | None:
    match = _ADDRESS.search(url)
    return parse_date("-".join(part.zfill(2) for part in match.groups())) if match else None


def _near(headline: Any) -> Iterator[Any]:
    """Yield the elements beside a headline: above it, and below it to where the text begins."""
    yield from islice(headline.itersiblings(preceding=True), 3)
    seen = 0
    for element in islice(headline.xpath("following::*"), 5 * _MOST):
        if element.tag not in ("script", "style", "noscript"):
            yield element
            seen += len((element.text or "").strip()) + len((element.tail or "").strip())
            if seen > _LEAD:
                return


def _date_in(element: Any) -> date | None:
    marks = " ".join(element.get(name) or "" for name in ("itemprop", "class"))
    if _CHANGED.search(marks) and not _PUBLISHED_MARK.search(marks):
        return None
    for name in ("datetime", "content"):
        if found := parse_date(element.get(name)):
            return found
    text = " ".join("".join(_TEXT(element)).split())
    return shown_date(text) if len(text) <= _SHOWN_LENGTH else None
