"""Reads NITF, IPTC's News Industry Text Format, version 3 (iptc.org/std/NITF)."""

from __future__ import annotations

import re
from typing import Any

from corpus.article import Article, Item, Withdrawal
from corpus.cleaning import clean_line
from corpus.dates import first_date
from corpus.formats.agencies import (
    LARGEST_VERSION,
    address_in,
    agency_uri,
    as_told,
    embargo_of,
    version_of,
)
from corpus.formats.markup import descendants, line_at, text_lines
from corpus.limits import bounded, bounded_text
from corpus.readers import join_body, readable

_NEWSML_URN = re.compile(r"(urn:newsml:[^:]+:\d{8}:.+):(\d+)[AUN]?")
"""An item's URN with the number of its revision at the end (RFC 3085)."""

_KILL = re.compile(r"(?i)\W*(?:mandatory )?kill\b")
_OF_A_GENERATION = 100_000  # versions


def read_nitf(root: Any, uri: str, stem: str) -> list[Item]:
    """Return what a NITF document comes to: an article, a withdrawal. Raises NotAnArticle.

    `uri` is that of its file, for a document that has no identity. A notice that another
    document is cancelled withdraws that one.
    """
    data = next(descendants(root, "docdata"), root)
    known, version = _identity(data)
    other, other_version = _split_urn(data.get("management-doc-idref", ""))
    if other and data.get("management-idref-status", "").casefold() in ("canceled", "cancelled"):
        giver = _attribute(data, "regsrc", "doc-id")
        uri = agency_uri("nitf", giver, other)
        return [Withdrawal(uri, "cancelled by its agency", other_version)]

    def article() -> Article:
        title = nitf_title(root) or readable(stem)
        published, ambiguous = first_date([_day(data, "date.issue"), _day(data, "date.release")])
        return bounded(
            Article(
                uri=known or uri,
                title=title,
                body=nitf_body(root, title),
                source=_source(root),
                published=published,
                url=address_in(known),
                ambiguous_date=ambiguous,
                embargo=embargo_of(_attribute(data, "norm", "date.release")),
                version=version or int(bool(known)),
            )
        )

    return as_told(known or uri, version, _status(data), article)


def nitf_title(root: Any) -> str:
    """Return the headline of a NITF document, or nothing."""
    lines = (clean_line(" ".join(text_lines(found))) for found in descendants(root, "hl1"))
    return next(filter(None, (*lines, line_at(root, "head", "title"))), "")


def nitf_body(root: Any, title: str) -> str:
    """Return the body of a NITF document. Raises NotAnArticle where it has no words."""
    contents = [line for part in descendants(root, "body.content") for line in text_lines(part)]
    bounded_text("".join(contents))
    return join_body(contents, title)


def _identity(data: Any) -> tuple[str, int]:
    """Return the URI of a document, if it has one, and its version.

    A registered id is that; a dynamic-use key is one within its day. The version of a key counts
    within a generation of it.
    """
    name, revision = _split_urn(_attribute(data, "id-string", "doc-id"))
    giver = _attribute(data, "regsrc", "doc-id")
    key = next(descendants(data, "du-key"), None)
    stated = key.attrib if key is not None else {}
    generation = min(version_of(stated.get("generation")), _OF_A_GENERATION)
    version = generation * _OF_A_GENERATION + version_of(stated.get("version"))
    version = min(version, LARGEST_VERSION)
    if not name and stated.get("key"):
        day = _day(data, "date.issue")
        giver, name = ":".join(filter(None, (giver, day))), clean_line(stated["key"])
    return (agency_uri("nitf", giver, name) if name else ""), revision or version


def _split_urn(name: str) -> tuple[str, int]:
    """Return an item's id without the number of its revision, and that number or 0."""
    match = _NEWSML_URN.fullmatch(clean_line(name))
    return (match[1], version_of(match[2])) if match else (clean_line(name), 0)


def _status(data: Any) -> str:
    for message in descendants(data, "ed-msg"):
        if _KILL.match(message.get("info", "")) or _KILL.match(message.get("msg-type", "")):
            return "kill"
    return str(data.get("management-status", ""))


def _source(root: Any) -> str:
    owner = next(descendants(root, "doc.copyright"), None)
    credits = (" ".join(text_lines(found)) for found in descendants(root, "distributor"))
    stated = clean_line(owner.get("holder", "")) if owner is not None else ""
    published = next(descendants(root, "pubdata"), None)
    paper = clean_line(published.get("name", "")) if published is not None else ""
    return next(filter(None, (paper, *credits, stated)), "")


def _day(data: Any, name: str) -> str:
    return _attribute(data, "norm", name).partition("T")[0]


def _attribute(data: Any, attribute: str, name: str) -> str:
    found = (clean_line(element.get(attribute, "")) for element in descendants(data, name))
    return next(filter(None, found), "")
