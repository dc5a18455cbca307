"""Finds the title of a web page's article, the site that it is on, and its address."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from corpus.cleaning import clean_line, clean_url, host_of
from corpus.linked_data import described_articles, line_of
from corpus.page_parts import letters

_MARKS = " -–—|»«·•:/[]()"
_SEPARATOR = re.compile(r"\s+[-–—|»«·•:/]+\s+|\s*[|»]\s*")


def page_address(tree: Any) -> str:
    """Return the address that a page gives as its own, or an empty string."""
    shared = clean_url(_meta(tree, "og:url"))
    links = tree.xpath("//link[@rel='canonical']/@href")
    try:
        return clean_url(urljoin(shared, links[0])) if links else shared
    except ValueError:  # a malformed address
        return shared


def page_source(tree: Any, address: str) -> str:
    """Return the name of the site: what the page declares, else its host, else nothing."""
    names = (
        _meta(tree, "og:site_name"),
        *(line_of(node, "publisher", "name") for node in described_articles(tree)),
        _meta(tree, "application-name"),
    )
    return next((name for name in names if name and not clean_url(name)), host_of(address))


def page_title(tree: Any, source: str) -> str:
    """Return the headline of a page's article without the name of the site, or nothing."""
    declared = (
        *(line_of(node, "headline") for node in described_articles(tree)),
        _meta(tree, "og:title"),
        window_title(tree),
    )
    title = next(filter(None, declared), "")
    return max(_shown(tree, title, source), key=len, default=_without_site(title, source))


def window_title(tree: Any) -> str:
    """Return what the page has a browser show as its title, on one line."""
    return next((clean_line(element.text or "") for element in tree.iter("title")), "")


def source_in(title: str, headline: str) -> str:
    """Return the name of the site in a window's title: "Storm hits coast | The Bell"."""
    rest = title.removeprefix(headline)
    return "" if rest == title else _SEPARATOR.split(rest)[-1].strip(_MARKS)


def headline_elements(tree: Any, title: str) -> list[Any]:
    """Return the elements that show the headline, the likeliest first; else the first heading."""
    wanted = letters(title)
    found = [
        element
        for element in _headings(tree)
        if len(shown := letters(_line(element))) > 3 and (shown in wanted or wanted in shown)
    ]
    found.sort(key=lambda element: element.tag)
    return found[:3] or list(islice(tree.iter("h1"), 1))


def _shown(tree: Any, title: str, source: str) -> list[str]:
    """Return the headings that are the beginning or the end of a declared title."""
    whole = letters(title)
    return [
        text
        for text in map(_line, _headings(tree))
        if len(letters(text)) * 2 > len(whole)
        and (whole.startswith(letters(text)) or whole.endswith(letters(text)))
        and not _same_name(text, source)
    ]


def _headings(tree: Any) -> Any:
    return tree.iter("h1", "h2", "h3")


def _without_site(title: str, source: str) -> str:
    """Return a title without a part of it that names the site: "Storm hits coast - The Bell"."""
    parts = _SEPARATOR.split(title)
    first, last = parts[0], parts[-1]
    if len(parts) > 1 and _same_name(last, source):
        return title[: title.rindex(last)].rstrip(_MARKS)
    if len(parts) > 1 and _same_name(first, source):
        return title[len(first) :].lstrip(_MARKS)
    return title


def _same_name(part: str, source: str) -> bool:
    """Say whether two names are of one site: CNN.com and CNN, The Bell and Bell."""
    one, other = letters(part), letters(source)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 2 and shorter in longer and len(longer) - len(shorter) <= 8


def _line(element: Any) -> str:
    return clean_line(element.text_content())


def _meta(tree: Any, name: str) -> str:
    values = tree.xpath("//meta[@property=$name or @name=$name]/@content", name=name)
    return next(filter(None, map(clean_line, values)), "")
