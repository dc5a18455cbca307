"""Marks in a text the words that were looked for, in the forms in which the search finds them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from retrieval.archive.filters import Filters

Marks = tuple[tuple[int, int], ...]
"""Where marked words stand in a text: (start, end) in code points, in order, without overlap."""

_BEGIN, _END = "\x01", "\x02"
_NEITHER = str.maketrans(dict.fromkeys((_BEGIN, _END), " "))


def looked_for(terms: Iterable[str], filters: Filters) -> tuple[str, ...]:
    """Return the words and phrases that a search for terms, narrowed by filters, looks for."""
    return tuple(dict.fromkeys((*filters.phrases, *filters.titles, *terms)))


def marks(text: str, words: Iterable[str]) -> Marks:
    """Return where some words and phrases stand in a text, in any of their forms.

    SQLite's full text, which the search asks too, says what is a form of a word.
    """
    terms = [re.sub('[\0"]', " ", word) for word in words if re.search(r"\w", word)]
    if not terms:
        return ()
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute("CREATE VIRTUAL TABLE one USING fts5 (text, tokenize = 'porter unicode61')")
        memory.execute("INSERT INTO one VALUES (?)", (text.translate(_NEITHER),))
        row = memory.execute(
            "SELECT highlight(one, 0, ?, ?) FROM one WHERE one MATCH ?",
            (_BEGIN, _END, " OR ".join(f'"{term}"' for term in terms)),
        ).fetchone()
    return tuple(_spans(row[0])) if row else ()


def _spans(highlighted: str) -> Iterable[tuple[int, int]]:
    at = 0
    for piece in re.findall(f"{_BEGIN}[^{_END}]*{_END}|[^{_BEGIN}]+", highlighted):
        length = len(piece)
        if piece[0] == _BEGIN:
            length -= 2
            yield at, at + length
        at += length
