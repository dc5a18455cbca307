"""Reads HTML that is a document and nothing else: a chapter of a book, or what a word processor
saved. Nothing stands around its text, so that none of it is weighed: all of it is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from corpus.article import Article
from corpus.cleaning import clean_line
from corpus.formats.markup import text_lines
from corpus.formats.office import Paragraph, office_article
from corpus.page_dates import publication_date
from corpus.page_names import headline_elements, window_title
from corpus.page_parts import OtherParts, drop_hidden, drop_note_marks

_GENERATOR = re.compile(
    rb"<meta\b(?=[^>]*\bname\s*=\s*[\"']?generator\b)"
    rb"[^>]*\bcontent\s*=\s*[\"']?(?:libreoffice|openoffice|microsoft word|pandoc)\b",
    re.IGNORECASE,
)
_HEAD = 10_000  # bytes in which a file says what wrote it

_OUTSIDE = "//nav|//div[@title='header' or @title='footer']|//*[@role='doc-pagebreak']"
"""Contents, LibreOffice's running heads, and the numbers of the pages of a printed edition."""

_LONGEST_CELL = 200  # characters; a longer one may be that of a layout, with paragraphs
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def is_written(data: bytes) -> bool:
    """Say whether an HTML file says of itself that a word processor or pandoc wrote it."""
    return _GENERATOR.search(data, 0, _HEAD) is not None


def read_written(uri: str, stem: str, tree: Any, label: str = "") -> Article:
    """Return the article in the tree of a page that is a document and nothing else.

    Headings, lists, tables and captions are kept, marks of notes and page numbers left out. Its
    title is `label`, where given, else found as in other documents. Raises NotAnArticle.
    """
    headlines = headline_elements(tree, label or window_title(tree))
    others = OtherParts(tree, headlines)
    published, ambiguous = publication_date(tree, headlines, others, "")
    drop_hidden(tree, headlines)
    _drop_marks(tree)
    levels = {
        clean_line(heading.text_content()): int(heading.tag[1]) for heading in tree.iter(*_HEADINGS)
    }
    found = [Paragraph(line, levels.get(line)) for line in text_lines(tree)]
    if label:
        found.insert(0, Paragraph(label, level=0))
    article = office_article(uri, stem, window_title(tree), found)
    if article.published or article.ambiguous_date:
        return article
    return replace(article, published=published, ambiguous_date=ambiguous)


def _drop_marks(tree: Any) -> None:
    """Take out what is no text of a document, and have captions and headings read as lines."""
    for part in tree.xpath(_OUTSIDE):
        part.drop_tree()
    drop_note_marks(tree)
    for part in [*tree.iter("figure", "figcaption", "caption")]:
        part.tag = "div"
    for cell in tree.iter("td", "th"):
        if len(cell.text_content()) <= _LONGEST_CELL:
            for part in [*cell.iter("p", "div")]:
                part.tag = "span"
                part.tail = f" {part.tail or ''}"
    for line_break in [line for heading in tree.iter(*_HEADINGS) for line in heading.iter("br")]:
        line_break.tail = f" {line_break.tail or ''}"
        line_break.drop_tag()
