"""Refuses what no article has, before something below takes minutes over it."""

from __future__ import annotations

import re
from typing import Any

from corpus.article import Article
from corpus.errors import NotAnArticle

_LONGEST_TEXT = 1_000_000
_LONGEST_FIELD = 2_000
_MOST_ELEMENTS = 30_000
_MOST_ATTRIBUTES = 200

_DEEPEST = 250
"""Elements within one another; lxml gives up at 256, and leaves out the rest of the page."""

_TAG_OF_MANY_ATTRIBUTES = re.compile(
    r"<[a-zA-Z][^\s<>/]*+"
    r"(?:[\s/]++[^\s<>=/]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>]++))?+)"
    rf"{{{_MOST_ATTRIBUTES}}}"
)
_DEEP_ELEMENT = f"boolean({'/*' * _DEEPEST})"


def bounded_text(text: str) -> str:
    """Return a text that an article may have. Raises NotAnArticle for a longer one."""
    if len(text) > _LONGEST_TEXT:
        raise NotAnArticle(f"longer than {_LONGEST_TEXT // 1_000_000} MB of text")
    return text


def bounded(article: Article) -> Article:
    """Return an article whose fields are no longer than those of articles. Raises NotAnArticle."""
    bounded_text(article.body)
    fields = {"title": article.title, "source": article.source, "address": article.uri}
    for name, value in fields.items():
        if len(value) > _LONGEST_FIELD:
            raise NotAnArticle(f"its {name} is longer than {_LONGEST_FIELD:,} characters")
    return article


def bounded_markup(page: str) -> str:
    """Return HTML whose tags have no more attributes than tags have. Raises NotAnArticle."""
    if _TAG_OF_MANY_ATTRIBUTES.search(page):
        raise NotAnArticle(f"a tag of this page has {_MOST_ATTRIBUTES} attributes or more")
    return page


def bounded_tree(tree: Any) -> Any:
    """Return the tree of a page that is neither too large nor too deep. Raises NotAnArticle."""
    if tree.xpath("count(//*)") > _MOST_ELEMENTS:
        raise NotAnArticle(f"this page has more than {_MOST_ELEMENTS:,} elements")
    if tree.xpath(_DEEP_ELEMENT):
        raise NotAnArticle(f"this page is nested {_DEEPEST} elements deep")
    return tree
