"""Parses agencies' XML, and takes the lines of text out of it and of HTML fragments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from corpus.cleaning import clean_line, clean_lines, has_words, row_line
from corpus.errors import NotAnArticle
from corpus.limits import bounded_markup

_BLOCKS = frozenset(
    "p br hr div section article header footer h1 h2 h3 h4 h5 h6 hl1 hl2 ul ol dl li dt dd pre "
    "table tr blockquote block bq credit note body.content body hedline datasource".split()
)
_CELLS = frozenset(("td", "th"))
_NOT_TEXT = frozenset("script style head media figure img picture video audio object svg".split())


def parse_xml(data: bytes) -> Any:
    """Return the root of an XML document. Raises NotAnArticle.

    No DTD is fetched, no entity of the document's own is expanded, nothing is read but `data`.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        kind = "a binary file, not " if b"\x00" in data[:1000] else "not well-formed "
        raise NotAnArticle(f"{kind}XML: {clean_line(str(error))[:200]}") from error


def parse_fragment(markup: str) -> Any:
    """Return the root of a piece of HTML. Raises NotAnArticle."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        return lxml_html.fragment_fromstring(
            bounded_markup(markup).encode("utf-8", "replace").decode(), create_parent="div"
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise NotAnArticle("its text is HTML that cannot be read") from error


def local_name(element: Any) -> str:
    """Return an element's name without its namespace, or nothing for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def descendants(element: Any, *names: str) -> Iterator[Any]:
    """Yield the elements with one of these names in any namespace, in order."""
    for found in element.iter():
        if local_name(found) in names:
            yield found


def first(element: Any, *path: str) -> Any:
    """Return the first element down a path of names, or None."""
    for name in path:
        element = next((child for child in element if local_name(child) == name), None)
        if element is None:
            return None
    return element


def line_at(element: Any, *path: str) -> str:
    """Return the text of the first element down a path of names, on one line, or nothing."""
    found = first(element, *path)
    return "" if found is None else " ".join(text_lines(found))


def text_lines(element: Any) -> list[str]:
    """Return the clean lines of text in an element: paragraphs, headings, items, table rows."""
    lines = (line.strip("| ") for line in clean_lines("".join(_pieces(element))))
    return [line for line in lines if has_words(line)]


def marked_lines(markup: str) -> list[str]:
    """Return the lines of a piece of HTML, with a mark before items of lists and rows of tables.

    See `corpus.markdown.draft_blocks`. Raises NotAnArticle.
    """
    root = parse_fragment(markup)
    for item in root.iter("li"):
        for part in item.iter("p", "div"):
            part.tag = "span"  # its text stands on the line of the mark
            part.tail = f" {part.tail or ''}"
        item.text = f"- {item.text or ''}"
    for row in root.iter("tr"):
        if len(row) > 1 and all(local_name(cell) == "th" for cell in row):
            row[0].text = f"# {row[0].text or ''}"
    return [_marked_row(line) if " | " in line else line for line in text_lines(root)]


def _marked_row(line: str) -> str:
    row = row_line(line.split(" | "))
    return row if row.startswith("# ") else f"- {row}"


def _pieces(element: Any) -> Iterator[str]:
    name = local_name(element)
    if not name:
        if hasattr(element, "name"):  # an entity; those of HTML are known without their DTD
            yield html.unescape(element.text)
        return
    if name in _NOT_TEXT:
        return
    around = "\n" if name in _BLOCKS else " | " if name in _CELLS else ""
    yield around if name in _BLOCKS else ""
    yield _spaced(element.text)
    for child in element:
        yield from _pieces(child)
        yield _spaced(child.tail)
    yield around


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
