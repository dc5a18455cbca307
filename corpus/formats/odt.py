"""Reads articles from ODT files, the documents of LibreOffice (OASIS OpenDocument)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.formats.markup import local_name
from corpus.formats.office import CELL_MARK, Paragraph, office_article
from corpus.formats.zipped import Package, attribute

_UNSEEN = frozenset(
    "tracked-changes annotation annotation-end note text-box table-of-content alphabetical-index"
    " illustration-index sequence-decls variable-decls forms hidden-text hidden-paragraph"
    " ruby-text script desc title".split()
)
"""Deletions, comments, indexes and names; notes and text boxes are read elsewhere."""


def read_odt(uri: str, stem: str, data: bytes) -> Article:
    """Return the article in an ODT file, as it reads with all tracked changes accepted.

    Footnotes and text boxes come after the paragraph that they belong to, rows of tables as a
    paragraph each; headers, footers, comments and hidden text are left out. Raises NotAnArticle.
    """
    package = Package(data)
    if "content.xml" not in package.names:
        raise NotAnArticle("not an ODT file, or a damaged one")
    manifest = package.tree_or_none("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise NotAnArticle("locked with a password: save it without one")
    content = package.tree("content.xml")
    body = next(content.iter("{*}text"), None)
    if body is None:
        raise NotAnArticle("not a text document")
    meta = package.tree_or_none("meta.xml")
    titles = [title.text or "" for title in meta.iter("{*}title")] if meta is not None else []
    paragraphs = _paragraphs(body, _title_styles(content))
    return office_article(uri, stem, "".join(titles[:1]), list(paragraphs))


def _title_styles(content: Any) -> frozenset[str]:
    """Return the names of the styles of a title: its own, and those that derive from it."""
    derived = {
        attribute(style, "name")
        for style in content.iter("{*}style")
        if attribute(style, "parent-style-name") == "Title"
    }
    return frozenset({"Title", *derived})


def _paragraphs(parent: Any, titles: frozenset[str]) -> Iterator[Paragraph]:
    for element in parent:
        name = local_name(element)
        if name in ("p", "h"):
            level = attribute(element, "outline-level") if name == "h" else ""
            known = int(level) if level.isdecimal() else None
            is_title = attribute(element, "style-name") in titles
            yield Paragraph("".join(_texts(element)), 0 if is_title else known)
            yield from _beside(element, titles)
        elif name == "table-row":
            cells = [
                " ".join(filter(None, (inner.text for inner in _paragraphs(cell, titles))))
                for cell in element
            ]
            yield Paragraph(CELL_MARK.join(filter(None, cells)))
        elif name not in _UNSEEN or name == "text-box":
            yield from _paragraphs(element, titles)


def _beside(element: Any, titles: frozenset[str]) -> Iterator[Paragraph]:
    """Yield the footnotes and the text boxes that are anchored in a paragraph."""
    for part in element:
        if local_name(part) == "note":
            for body in part:
                if local_name(body) == "note-body":
                    yield from _paragraphs(body, titles)
        elif local_name(part) == "text-box":
            yield from _paragraphs(part, titles)
        elif local_name(part) not in _UNSEEN:
            yield from _beside(part, titles)


def _texts(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph that is seen."""
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if name in ("s", "tab", "line-break"):
            yield " "
        elif name not in _UNSEEN:
            yield from _texts(child)
        yield child.tail or ""
