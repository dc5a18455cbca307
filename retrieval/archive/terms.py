"""Cuts texts into the terms that SQLite's FTS5 has of them, for a full text elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

_LONGEST = 500
"""Letters of a term; PostgreSQL takes no more than 2046 bytes."""


def terms_in(texts: Sequence[str]) -> list[list[str]]:
    """Return the terms of each text in their order: folded, without accents, and stemmed.

    Words are stemmed by Porter's algorithm and cut by Unicode's rules (`porter unicode61`).
    """
    found: list[list[str]] = [[] for _ in texts]
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'porter unicode61')")
        memory.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
        memory.executemany(
            "INSERT INTO t (rowid, x) VALUES (?, ?)",
            [(n, text.encode("utf-8", "replace").decode()) for n, text in enumerate(texts)],
        )
        for number, term in memory.execute('SELECT doc, term FROM v ORDER BY doc, "offset"'):
            found[number].append(term[:_LONGEST])
    return found
