"""Tells the parts of a web page that are its article from what is hidden, comments, teasers and
the like."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lxml.etree import XPath

from corpus.cleaning import has_words

# What sites call the parts that others wrote or that are about other articles.
_OTHERS = XPath(
    "descendant-or-self::*[self::aside or self::footer or self::nav or"
    " re:test(concat(@class, ' ', @id), 'comment(?!ary)|kommentar|comentario|repl(?:y|ies)"
    "|related|recommend|teaser|popular|trending|sidebar|copyright', 'i')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_HIDDEN = XPath(
    "//body//*[@hidden"
    r" or re:test(@style, '(display|visibility)\s*:\s*(none|hidden)', 'i')"
    r" or (not(*) and re:test(@style, 'font-size\s*:\s*0(?![.]?\d*[1-9])', 'i'))]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_NOTE_MARK = re.compile(r"[\W_]*(?:\d{1,3}|[a-z]|[ivxlc]{1,6})?[\W_]*", re.IGNORECASE)
_BLOCKS = ("p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "div", "dd")


class OtherParts:
    """The parts of a page that are not its article, told by their names and links.

    What holds the headline is never one of them: the whole content may be in a box named after
    the sidebar that it has.
    """

    def __init__(self, tree: Any, headlines: list[Any]) -> None:
        around = {tree, *(part for head in headlines for part in (head, *head.iterancestors()))}
        body = tree.find("body")
        named = {part for part in _OTHERS(tree) if part is not body}
        self._parts = (named | _teasers(tree)) - around

    def __contains__(self, element: Any) -> bool:
        """Say whether an element is in one of these parts."""
        return element in self._parts or self._is_inside(element)

    def _is_inside(self, element: Any) -> bool:
        return any(ancestor in self._parts for ancestor in element.iterancestors())

    def texts(self) -> frozenset[str]:
        """Return the letters of each block of text in these parts."""
        return frozenset(
            letters(block.text_content())
            for part in self._parts
            if not self._is_inside(part)
            for block in part.iter(_BLOCKS)
            if next(block.iterdescendants(_BLOCKS), None) is None
        )


def drop_hidden(tree: Any, headlines: list[Any]) -> None:
    """Take out of a page what its readers do not see.

    What holds the headline stays, and so do most of the paragraphs: a page may have been saved
    before its script showed them.
    """
    around = {part for head in headlines for part in (head, *head.iterancestors())}
    paragraphs = tree.xpath("count(//p)")
    for part in _HIDDEN(tree):
        if part not in around and 2 * part.xpath("count(.//p)") < paragraphs:
            part.drop_tree()


def drop_note_marks(tree: Any) -> None:
    """Take out of a page the numbers of its notes, and the links that lead back from those."""
    for link in [*tree.iter("a")]:
        if "#" in link.get("href", "") and _NOTE_MARK.fullmatch(link.text_content()):
            link.drop_tree()
    for raised in [*tree.iter("sup")]:
        if not has_words(raised.text_content()):
            raised.drop_tree()


def _teasers(tree: Any) -> set[Any]:
    """Return the elements that hold three headings or more, most of which are links."""
    headings: Counter[Any] = Counter()
    links: Counter[Any] = Counter()
    for heading in tree.iter("h2", "h3", "h4", "h5", "h6"):
        around = list(heading.iterancestors())
        headings.update(around)
        if heading.find(".//a[@href]") is not None or any(part.tag == "a" for part in around):
            links.update(around)
    return {part for part, count in links.items() if 3 <= count >= 2 / 3 * headings[part]}


def letters(text: str) -> str:
    """Return the letters and digits of a text, to compare texts by them."""
    return re.sub(r"\W", "", text.casefold())
