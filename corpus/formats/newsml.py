"""Reads NewsML-G2 (iptc.org/std/NewsML-G2), and tells it from NITF by the root of the XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.article import Article, Item, Rejection
from corpus.cleaning import clean_line, clean_text, has_words
from corpus.dates import first_date
from corpus.errors import NotAnArticle
from corpus.formats.agencies import NoEnd, address_in, agency_uri, as_told, embargo_of, version_of
from corpus.formats.documents import Document
from corpus.formats.markup import (
    descendants,
    first,
    line_at,
    local_name,
    parse_fragment,
    parse_xml,
    text_lines,
)
from corpus.formats.nitf import nitf_body, nitf_title, read_nitf
from corpus.limits import bounded, bounded_text
from corpus.readers import join_body, readable

_ITEMS = ("newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")


def read_news_xml(document: Document) -> Iterator[Item]:
    """Yield what an XML file holds: a NITF document, or the items of NewsML-G2.

    Raises NotAnArticle for other XML.
    """
    root = parse_xml(document.content())
    name = local_name(root)
    stem = document.name.rpartition(".")[0]
    if name == "nitf":
        yield from read_nitf(root, document.uri, stem)
    elif name == "newsMessage" or name in _ITEMS:
        items = list(descendants(root, *_ITEMS))
        for number, item in enumerate(items, start=1):
            yield from _read_item(
                item, f"{document.uri}:{number}" if len(items) > 1 else document.uri, stem
            )
    else:
        raise NotAnArticle(f"XML of another kind, <{name[:40]}>: NewsML-G2 and NITF are read")


def _read_item(item: Any, place: str, stem: str) -> list[Item]:
    try:
        if local_name(item) != "newsItem":
            raise NotAnArticle(f"a {local_name(item)}: it has no text of its own")
        return _read_news_item(item, stem)
    except NotAnArticle as error:
        return [Rejection(clean_line(item.get("guid", ""))[:200] or place, str(error))]


def _read_news_item(item: Any, stem: str) -> list[Item]:
    guid = clean_line(item.get("guid", ""))
    if not guid:
        raise NotAnArticle("a newsItem without a guid")
    meta, content = first(item, "itemMeta"), first(item, "contentMeta")
    meta = item if meta is None else meta
    content = item if content is None else content
    uri = agency_uri("newsml", _provider(meta), guid)
    version = version_of(item.get("version", "1"))

    def article() -> Article:
        stated = line_at(content, "headline") or line_at(meta, "title")
        title, body = _content(item, stated)
        published, ambiguous = first_date(
            [
                line_at(content, "contentCreated"),
                line_at(meta, "firstCreated"),
                line_at(meta, "versionCreated"),
            ]
        )
        return bounded(
            Article(
                uri=uri,
                title=title or readable(stem),
                body=body,
                source=_source(meta, content),
                published=published,
                url=address_in(uri),
                ambiguous_date=ambiguous,
                embargo=_embargo(meta),
                version=version or 1,
            )
        )

    return as_told(uri, version, _code(first(meta, "pubStatus")) or "usable", article)


def _embargo(meta: Any) -> Any:
    """Return when the embargo of an item ends; one without a time has no end as yet."""
    stated = first(meta, "embargoed")
    if stated is None:
        return None
    if not clean_line(stated.text or ""):
        raise NoEnd("under an embargo without an end: not stored")
    return embargo_of(stated.text)


def _content(item: Any, title: str) -> tuple[str, str]:
    """Return title and body of an item: of the first of its contents that has words."""
    inside = first(item, "contentSet")
    for part in () if inside is None else inside:
        found = next(descendants(part, "nitf"), None)
        if found is not None:
            title = title or nitf_title(found)
            return title, nitf_body(found, title)
        lines = _lines(part)
        if has_words("".join(lines)):
            bounded_text("".join(lines))
            return title, join_body(lines, title)
    kind = _code(first(item, "itemMeta", "itemClass")).rpartition(":")[2]
    raise NotAnArticle(f"no text in this item: {kind or 'its content is elsewhere'}")


def _lines(part: Any) -> list[str]:
    """Return the lines of inline XHTML, or of inline data that is text or HTML."""
    if local_name(part) == "inlineXML":
        page = next(descendants(part, "body"), part)
        return text_lines(page)
    if local_name(part) != "inlineData" or part.get("encoding"):
        return []
    text = bounded_text("".join(part.itertext(with_tail=False)))
    if "html" in part.get("contenttype", ""):
        return text_lines(parse_fragment(text)) if text.strip() else []
    return clean_text(text).split("\n\n")


def _source(meta: Any, content: Any) -> str:
    """Return the agency's name, else its credit line, else its code."""
    named = line_at(meta, "provider", "name"), line_at(content, "creditline")
    return next(filter(None, (*named, re.split("[:/]", _provider(meta))[-1])), "")


def _provider(meta: Any) -> str:
    return _code(first(meta, "provider"))


def _code(element: Any) -> str:
    """Return the code that an element refers to: `nprov:AFP`, a literal, or an address."""
    if element is None:
        return ""
    stated = (clean_line(element.get(name, "")) for name in ("qcode", "literal", "uri"))
    return next(filter(None, stated), "")
