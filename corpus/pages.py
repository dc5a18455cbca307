"""Reads articles from saved web pages."""

from __future__ import annotations

import logging

from lxml import html
from lxml.etree import ParserError

from corpus.article import Article
from corpus.decoding import declared_encoding, decode, marked_encoding
from corpus.errors import NotAnArticle
from corpus.limits import bounded_markup, bounded_tree
from corpus.page_dates import publication_date
from corpus.page_names import (
    headline_elements,
    page_address,
    page_source,
    page_title,
    source_in,
    window_title,
)
from corpus.page_parts import OtherParts, drop_hidden, drop_note_marks
from corpus.page_text import article_lines
from corpus.readers import join_body, readable


def read_page(uri: str, stem: str, data: bytes, *, as_draft: bool = False) -> Article:
    """Return the article in an HTML page: without navigation, comments, and what is not seen.

    Its title and source are those the page declares, the title else `stem` made readable; its
    date is None unless the page says when it was published. `as_draft` marks items and rows as
    in a text that is checked: see `corpus.markdown.draft_blocks`. Raises NotAnArticle.
    """
    _quiet_libraries()
    tree = page_tree(data)
    url = page_address(tree)
    source = page_source(tree, url)
    title = page_title(tree, source)
    headlines = headline_elements(tree, title)
    others = OtherParts(tree, headlines)
    published, ambiguous = publication_date(tree, headlines, others, url)
    drop_hidden(tree, headlines)
    drop_note_marks(tree)
    lines = article_lines(tree, others, marked=as_draft)
    if not lines:
        raise NotAnArticle("no article text found in this page")
    return Article(
        uri=uri,
        title=title or readable(stem),
        body=join_body(lines, title),
        source=source or source_in(window_title(tree), title),
        published=published,
        url=url,
        ambiguous_date=ambiguous,
    )


def page_tree(data: bytes) -> html.HtmlElement:
    """Return the tree of a page that is neither too large nor too deep. Raises NotAnArticle."""
    return bounded_tree(_tree(bounded_markup(_decoded(data))))


def _tree(text: str) -> html.HtmlElement:
    """Return the tree of a whole page, whichever of its outer tags are left out."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        if "<" in text:
            return html.document_fromstring(text.encode("utf-8", "replace"), parser)
    except ParserError:  # comments alone
        pass
    raise NotAnArticle("no article text found in this page")


def _decoded(data: bytes) -> str:
    """Return a page as text, without the NUL characters that browsers pass over too."""
    if not marked_encoding(data):
        data = data.replace(b"\x00", b"")
    return decode(data, declared_encoding(data)).replace("\x00", "")


def _quiet_libraries() -> None:
    """Keep the libraries' warnings off the terminal where the application logs nothing."""
    for name in ("trafilatura", "htmldate", "courlan", "readability"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
