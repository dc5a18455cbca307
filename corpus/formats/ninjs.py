"""Reads ninjs, IPTC's news in JSON, of versions 1, 2 and 3 (iptc.org/std/ninjs/userguide)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from corpus.article import Article, Item
from corpus.cleaning import clean_line, clean_text, clean_url, has_words
from corpus.dates import first_date
from corpus.errors import NotAnArticle
from corpus.formats.agencies import address_in, agency_uri, as_told, embargo_of, version_of
from corpus.formats.markup import parse_fragment, text_lines
from corpus.limits import bounded, bounded_text
from corpus.readers import join_body, readable

_MARKS = frozenset("pubstatus versioncreated body_text body_xhtml bodies infosources".split())
_OTHERS = ("text", "body", "content")
"""What an article is in that has other records' shape, whatever else they have."""

_DATES = ("contentcreated", "firstcreated", "versioncreated", "published", "date")


def is_ninjs(record: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether JSON is an object of ninjs: one with an identity and a field of its own."""
    return (
        isinstance(record, dict)
        and bool(_identity(record))
        and not _MARKS.isdisjoint(map(str.lower, record))
        and not any(map(record.get, _OTHERS))
    )


def read_ninjs(record: Mapping[str, Any], stem: str) -> list[Item]:
    """Return what a ninjs object comes to, with one withdrawal or article. Raises NotAnArticle."""
    fields = {name.lower(): value for name, value in record.items()}
    source = _source(fields)
    uri = agency_uri("ninjs", source, _identity(fields))
    version = version_of(fields.get("version") or fields.get("versioncreated"))

    def article() -> Article:
        title = _headline(fields) or readable(stem)
        published, ambiguous = first_date(map(fields.get, _DATES))
        return bounded(
            Article(
                uri=uri,
                title=title,
                body=_body(fields, title),
                source=source,
                published=published,
                url=clean_url(fields.get("url")) or address_in(uri),
                ambiguous_date=ambiguous,
                embargo=embargo_of(_order(fields.get("embargoed"))),
                version=version or 1,
            )
        )

    return as_told(uri, version, _order(fields.get("pubstatus")), article)


def _identity(record: Mapping[str, object]) -> str:
    return next(filter(None, (_string(record.get(name)) for name in ("uri", "guid"))), "")


def _string(value: object) -> str:
    return clean_line(value) if isinstance(value, str) else ""


def _order(value: object) -> str:
    """Return what may keep an item back: what is no text is shown as it is, and gives no leave."""
    return f"({value})" if value is not None and not isinstance(value, str) else _string(value)


def _listed(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, those for the main role first."""
    found = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    yield from sorted(found, key=lambda one: "main" not in _string(one.get("role")))


def _headline(fields: Mapping[str, Any]) -> str:
    listed = (_string(one.get("value")) for one in _listed(fields.get("headlines")))
    named = map(_string, map(fields.get, ("headline", "title")))
    return next(filter(None, (*listed, *named)), "")


def _source(fields: Mapping[str, Any]) -> str:
    listed = (_string(one.get("name")) for one in _listed(fields.get("infosources")))
    older = (_string(one.get("name")) for one in _listed(fields.get("infosource")))
    named = map(_string, map(fields.get, ("source", "copyrightholder", "byline")))
    return next(filter(None, (*listed, *older, *named)), "")


def _body(fields: Mapping[str, Any], title: str) -> str:
    """Return the text of an item: as marked up where it is, else plain. Raises NotAnArticle."""
    bodies = sorted(_bodies(fields), key=lambda body: not body[0])
    for is_markup, text in bodies:
        lines = (
            text_lines(parse_fragment(bounded_text(text)))
            if is_markup
            else clean_text(bounded_text(text)).split("\n\n")
        )
        if has_words("".join(lines)):
            return join_body(lines, title)
    raise NotAnArticle(f"no text in this ninjs {_string(fields.get('type')) or 'item'}")


def _bodies(fields: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """Yield each text of an item, and whether it is marked up."""
    for name in ("body_xhtml", "body_html", "body_text"):
        if isinstance(text := fields.get(name), str):
            yield name != "body_text", text
    for body in _listed(fields.get("bodies")):
        if isinstance(text := body.get("value"), str):
            kind = _string(body.get("contentType") or body.get("contenttype"))
            yield kind.endswith(("html", "xml")) or text.lstrip().startswith("<"), text
