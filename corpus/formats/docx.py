"""Reads articles from DOCX files, the documents of Word (ECMA-376)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.formats.markup import local_name
from corpus.formats.office import CELL_MARK, Paragraph, office_article
from corpus.formats.zipped import Package, attribute

_UNSEEN = frozenset(
    "del moveFrom delText instrText pPr rPr Fallback txbxContent sectPr tblPr trPr tcPr".split()
)
"""Deletions, codes of fields, formats, and twins and text boxes, which are read elsewhere."""

_CONTENTS = re.compile(r"toc (?:\d|heading)|table of figures", re.IGNORECASE)
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


def read_docx(uri: str, stem: str, data: bytes) -> Article:
    """Return the article in a DOCX file, as it reads with all tracked changes accepted.

    Footnotes and text boxes come after the paragraph that they belong to, rows of tables as a
    paragraph each; headers, footers, comments and hidden text are left out. Raises NotAnArticle.
    """
    package = Package(data)
    if "word/document.xml" not in package.names:
        raise NotAnArticle("not a DOCX file, or a damaged one")
    reader = _Reader(package)
    body = package.tree("word/document.xml")
    core = package.tree_or_none("docProps/core.xml")
    title = next(core.iter("{*}title"), None) if core is not None else None
    declared = title.text or "" if title is not None else ""
    return office_article(uri, stem, declared, list(reader.paragraphs(body)))


class _Reader:
    """Reads paragraphs with the styles and the footnotes of their document."""

    def __init__(self, package: Package) -> None:
        names = _style_names(package.tree_or_none("word/styles.xml"))
        self._levels = {style: _level(name) for style, name in names.items()}
        self._contents = {style for style, name in names.items() if _CONTENTS.fullmatch(name)}
        self._notes: dict[tuple[str, str], Any] = {}
        for kind in ("footnote", "endnote"):
            tree = package.tree_or_none(f"word/{kind}s.xml")
            for note in tree if tree is not None else ():
                if not attribute(note, "type"):  # that of a separator
                    self._notes[kind, attribute(note, "id")] = note

    def paragraphs(self, parent: Any) -> Iterator[Paragraph]:
        """Yield the paragraphs of an element and those of the tables in it."""
        for element in parent:
            name = local_name(element)
            if name == "p":
                yield from self._paragraph(element)
            elif name == "tr":
                cells = [self._all(cell) for cell in element if local_name(cell) in ("tc", "sdt")]
                yield Paragraph(CELL_MARK.join(filter(None, cells)))
            elif name not in _UNSEEN and not _is_contents(element):
                yield from self.paragraphs(element)

    def _paragraph(self, element: Any) -> Iterator[Paragraph]:
        marks = (mark for part in element if local_name(part) == "pPr" for mark in part)
        style = next((attribute(mark, "val") for mark in marks if local_name(mark) == "pStyle"), "")
        if style not in self._contents:
            yield Paragraph("".join(_texts(element)), self._levels.get(style))
        for part in _anchored(element):
            if local_name(part) == "txbxContent":
                yield from self.paragraphs(part)
            else:
                key = local_name(part).removesuffix("Reference"), attribute(part, "id")
                note = self._notes.pop(key, None)
                yield from self.paragraphs(note) if note is not None else ()

    def _all(self, cell: Any) -> str:
        return " ".join(filter(None, (paragraph.text for paragraph in self.paragraphs(cell))))


def _style_names(styles: Any) -> dict[str, str]:
    """Return the names of styles by their id: ids are in the language of Word, names are not."""
    return {
        attribute(style, "styleId"): attribute(name, "val")
        for style in (styles if styles is not None else ())
        for name in style
        if local_name(name) == "name"
    }


def _level(name: str) -> int | None:
    """Return the level of a style's headings, 0 for a title, or None for text."""
    heading = _HEADING.fullmatch(name)
    return int(heading[1]) if heading else 0 if name.casefold() == "title" else None


def _is_contents(element: Any) -> bool:
    """Say whether a part of a document is a table of contents that its program keeps."""
    properties = (part for part in element if local_name(part) == "sdtPr")
    return any(
        attribute(gallery, "val") == "Table of Contents"
        for part in properties
        for gallery in part.iter("{*}docPartGallery")
    )


def _anchored(element: Any) -> Iterator[Any]:
    """Yield the text boxes and the references to notes in a paragraph, but not in those boxes."""
    for child in element:
        if local_name(child) in ("txbxContent", "footnoteReference", "endnoteReference"):
            yield child
        elif local_name(child) not in _UNSEEN:
            yield from _anchored(child)


def _texts(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph that is seen."""
    for child in element:
        name = local_name(child)
        if name == "t":
            yield child.text or ""
        elif name in ("tab", "br", "cr", "ptab"):
            yield " "
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "r" and _is_hidden(child):
            continue
        elif name not in _UNSEEN:
            yield from _texts(child)


def _is_hidden(run: Any) -> bool:
    marks = (mark for part in run if local_name(part) == "rPr" for mark in part)
    return any(
        local_name(mark) == "vanish" and attribute(mark, "val") not in ("0", "false")
        for mark in marks
    )
