"""Markdown of texts that articles, models and users wrote: it shows them and obeys nothing."""

from __future__ import annotations

import re

from bot.rendering.terminal import link, printable

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&@]|:(?=//)|(?<=www)\.", re.I)
"""Signs that mean something, also those by which some readers make links of bare addresses."""

_BEGINS_A_BLOCK = re.compile(r"^(\d{0,9})([-+=.)])")


def escaped(text: str) -> str:
    """Return a text of ours or of others on one line, as Markdown that shows it as it is."""
    line = " ".join(printable(text).split())
    return _BEGINS_A_BLOCK.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", line))


def linked(title: str, url: str, uri: str) -> str:
    """Return a title with a link to its article, where that is on the web."""
    address = link(url, uri)
    if not address.startswith("http"):
        return escaped(title)
    return f"[{escaped(title)}](<{address}>)"
