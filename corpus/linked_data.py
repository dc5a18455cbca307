"""Reads what a web page says of its article in JSON-LD, schema.org's words inside a script."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from corpus.cleaning import clean_line

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|WebPage)$")


def described_articles(tree: Any) -> list[dict[str, Any]]:
    """Return the objects that describe the page's article, those called articles first."""
    found = [
        node
        for script in tree.xpath("//script[contains(@type, 'ld+json')]")
        for node in _top_nodes(_parse(script.text or ""))
        if not _kind(node) or _ARTICLE.search(_kind(node))
    ]
    return sorted(found, key=lambda node: _kind(node).endswith("WebPage"))


def text_of(node: Any, *names: str) -> str:
    """Return the text under a path of names in an object, or an empty string."""
    for name in names:
        if isinstance(node, list) and node:
            node = node[0]
        node = node.get(name) if isinstance(node, dict) else None
    return html.unescape(node).strip() if isinstance(node, str) else ""


def line_of(node: Any, *names: str) -> str:
    """Return the same, cleaned, on one line."""
    return clean_line(text_of(node, *names))


def _parse(text: str) -> Any:
    try:
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _top_nodes(content: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects that are not part of another: those deeper are of videos or comments."""
    for node in content if isinstance(content, list) else [content]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            items = graph if isinstance(graph, list) else []
            yield from (item for item in items if isinstance(item, dict))


def _kind(node: dict[str, Any]) -> str:
    kind = node.get("@type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    return kind if isinstance(kind, str) else ""
