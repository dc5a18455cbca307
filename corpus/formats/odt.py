"""Reads articles from ODT files, the documents of LibreOffice (OASIS OpenDocument)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    body = content.find("{*}body/{*}text")  # a date's format has parts named "text" too
    if body is None:
        raise NotAnArticle("not a text document")
    meta = package.tree_or_none("meta.xml")
    titles = [title.text or "" for title in meta.iter("{*}title")] if meta is not None else []
    paragraphs = _paragraphs(body, _styles(content))
    return office_article(uri, stem, "".join(titles[:1]), list(paragraphs))


@dataclass(frozen=True, slots=True)
class _Styles:
    """The names of the styles of titles, and of those whose text is hidden."""

    titles: frozenset[str]
    hidden: frozenset[str]


def _styles(content: Any) -> _Styles:
    """Return the styles of a document: those of a title are its own and what derives from it."""
    styles = list(content.iter("{*}style"))
    titles = (s for s in styles if attribute(s, "parent-style-name") == "Title")
    hidden = (s for s in styles if any(attribute(part, "display") == "none" for part in s))
    return _Styles(
        frozenset({"Title", *(attribute(style, "name") for style in titles)}),
        frozenset(attribute(style, "name") for style in hidden),
    )


def _paragraphs(parent: Any, styles: _Styles) -> Iterator[Paragraph]:
    for element in parent:
        name = local_name(element)
        if name in ("p", "h"):
            level = attribute(element, "outline-level") if name == "h" else ""
            known = int(level) if level.isdecimal() else None
            is_title = attribute(element, "style-name") in styles.titles
            yield Paragraph("".join(_texts(element, styles)), 0 if is_title else known)
            yield from _beside(element, styles)
        elif name == "table-row":
            cells = [
                " ".join(filter(None, (inner.text for inner in _paragraphs(cell, styles))))
                for cell in element
            ]
            yield Paragraph(CELL_MARK.join(filter(None, cells)))
        elif name not in _UNSEEN or name == "text-box":
            yield from _paragraphs(element, styles)


def _beside(element: Any, styles: _Styles) -> Iterator[Paragraph]:
    """Yield the footnotes and the text boxes that are anchored in a paragraph."""
    for part in element:
        if local_name(part) == "note":
            for body in part:
                if local_name(body) == "note-body":
                    yield from _paragraphs(body, styles)
        elif local_name(part) == "text-box":
            yield from _paragraphs(part, styles)
        elif local_name(part) not in _UNSEEN:
            yield from _beside(part, styles)


def _texts(element: Any, styles: _Styles) -> Iterator[str]:
    """Yield the text of a paragraph that is seen."""
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if name in ("s", "tab", "line-break"):
            yield " "
        elif name not in _UNSEEN and attribute(child, "style-name") not in styles.hidden:
            yield from _texts(child, styles)
        yield child.tail or ""
