"""Reads articles from EPUB files: each chapter is one.

What newsrooms have as EPUB are issues of magazines, reports and books. Their chapters have
headlines of their own, a citation of a chapter leads to the place, and a whole book would be
longer than any article may be. The outlet of each is the title of the publication.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import unquote

from corpus.article import Article, Rejection
from corpus.cleaning import clean_line
from corpus.dates import parse_date
from corpus.errors import NotAnArticle
from corpus.formats.markup import local_name
from corpus.formats.titles import is_file_name
from corpus.formats.written import read_written
from corpus.formats.zipped import Package, attribute
from corpus.limits import bounded_text
from corpus.pages import page_tree

_MOST_CHAPTERS = 2_000
_SHORT = 300  # characters of text that a cover or a half-title does not exceed
_NO_NAME = re.compile(r"Section \d+")
"""What LibreOffice calls a part without a heading."""

_OTHER_PARTS = frozenset(
    "cover titlepage title-page halftitlepage toc copyright-page colophon loi lot index".split()
)


@dataclass(frozen=True, slots=True)
class _Book:
    """A publication: its names, and the parts of it in reading order.

    `labels` are the first names that its table of contents has for parts, each with the id of the
    element that is so named, or an empty text for the whole part.
    """

    title: str
    published: date | None
    chapters: list[str]
    labels: dict[str, tuple[str, str]]


def read_epub(uri: str, _: str, data: bytes) -> Iterator[Article | Rejection]:
    """Yield an article for each chapter of an EPUB file, and a Rejection for one that is damaged.

    Its URI is `uri` with the name of the chapter's part: `book.epub#text/ch1.xhtml`. A part that
    the table of contents does not name goes on with the chapter before; covers, contents and
    imprints are left out. Raises NotAnArticle.
    """
    package = Package(data)
    book = _book(package)
    found = False
    waiting: Article | None = None
    for name in book.chapters:
        try:
            chapter = _chapter(uri, name, package, book)
        except NotAnArticle as error:
            if name in book.labels and "no article text" not in str(error):
                found = True
                yield Rejection(f"{uri}#{name}", str(error))
            continue
        if waiting and book.labels and name not in book.labels:
            body = f"{waiting.body}\n\n{chapter.body}"
            waiting = replace(waiting, body=bounded_text(body))
        elif name in book.labels or len(chapter.body) > _SHORT:
            if waiting:
                found = True
                yield waiting
            waiting = chapter
    if waiting:
        yield waiting
    elif not found:
        raise NotAnArticle("no article text in this file")


def _chapter(uri: str, name: str, package: Package, book: _Book) -> Article:
    tree = page_tree(package.read(name))
    if _is_other_part(tree):
        raise NotAnArticle("no article text: a title page, a table of contents or the like")
    label, place = book.labels.get(name, ("", ""))
    of_a_part = bool(place) and _letters_before(tree, place) > _SHORT
    if of_a_part or _NO_NAME.fullmatch(label):
        label = ""
    stem = posixpath.splitext(posixpath.basename(name))[0]
    chapter = read_written(f"{uri}#{name}", stem, tree, label)
    if label and label == book.title and len(chapter.body) <= _SHORT and len(book.chapters) > 1:
        raise NotAnArticle("no article text: a title page")
    return replace(
        chapter,
        source=chapter.source or (book.title if book.title != chapter.title else ""),
        published=chapter.published or book.published,
    )


def _is_other_part(tree: Any) -> bool:
    """Say whether a page says of itself that it is a cover, a title page or the like."""
    types = " ".join(tree.xpath("//body/@*[name()='epub:type']|//body/*/@*[name()='epub:type']"))
    return not _OTHER_PARTS.isdisjoint(types.casefold().split())


def _letters_before(tree: Any, place: str) -> int:
    """Return how many characters of text stand before the element with an id."""
    texts = tree.xpath("//*[@id=$place]/preceding::text()[ancestor::body]", place=place)
    return sum(len(text.strip()) for text in texts)


def _book(package: Package) -> _Book:
    container = package.tree_or_none("META-INF/container.xml")
    files = container.iter("{*}rootfile") if container is not None else ()
    path = next((attribute(file, "full-path") for file in files), "")
    if path not in package.names:
        raise NotAnArticle("not an EPUB file, or a damaged one")
    root = package.tree(path)
    items = {attribute(item, "id"): item for item in root.iter("{*}item")}
    names = {key: _resolved(path, attribute(item, "href")) for key, item in items.items()}
    left_out = _left_out(root, path, items, names)
    spine = [attribute(ref, "idref") for ref in islice(root.iter("{*}itemref"), _MOST_CHAPTERS)]
    chapters = [names[key] for key in spine if key in names and names[key] not in left_out]
    if _locked(package) & set(chapters):
        raise NotAnArticle("locked by its seller (DRM): it can be read in a reader of theirs alone")
    return _Book(
        title="" if is_file_name(title := _first(root, "title")) else title,
        published=parse_date(_first(root, "date")),
        chapters=[name for name in dict.fromkeys(chapters) if name in package.names],
        labels=_labels(package, items, names),
    )


def _first(root: Any, name: str) -> str:
    return next((clean_line(element.text or "") for element in root.iter(f"{{*}}{name}")), "")


def _left_out(root: Any, path: str, items: dict[str, Any], names: dict[str, str]) -> set[str]:
    """Return the parts that are no chapters: the contents, and what the guide says is a cover."""
    found = {names[key] for key, item in items.items() if "nav" in attribute(item, "properties")}
    for reference in root.iter("{*}reference"):
        if attribute(reference, "type").casefold() in _OTHER_PARTS:
            found.add(_resolved(path, attribute(reference, "href")))
    return found


def _labels(
    package: Package, items: dict[str, Any], names: dict[str, str]
) -> dict[str, tuple[str, str]]:
    """Return the names of chapters in the table of contents: EPUB 3's, else EPUB 2's."""
    found: dict[str, tuple[str, str]] = {}
    for key, item in items.items():
        is_nav = "nav" in attribute(item, "properties").split()
        if not is_nav and attribute(item, "media-type") != "application/x-dtbncx+xml":
            continue
        tree = package.tree_or_none(names[key])
        entries = _entries(tree) if tree is not None else ()
        for target, label in entries:
            place = unquote(target.partition("#")[2])
            found.setdefault(_resolved(names[key], target), (clean_line(label), place))
    return found


def _entries(tree: Any) -> Iterator[tuple[str, str]]:
    for link in tree.iter("{*}a"):
        yield attribute(link, "href"), "".join(link.itertext())
    for point in tree.iter("{*}navPoint"):
        targets = [attribute(part, "src") for part in point if local_name(part) == "content"]
        labels = ["".join(part.itertext()) for part in point if local_name(part) == "navLabel"]
        if targets and labels:
            yield targets[0], labels[0]


def _locked(package: Package) -> set[str]:
    """Return the parts that are encrypted; fonts often are in a book that can be read."""
    tree = package.tree_or_none("META-INF/encryption.xml")
    references = tree.iter("{*}CipherReference") if tree is not None else ()
    return {unquote(attribute(reference, "URI")) for reference in references}


def _resolved(base: str, reference: str) -> str:
    """Return the name of the part that a part refers to."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
