"""Finds the articles that mention some words, wherever in them, and all copies that do."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date

from corpus.article import Article
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import Filters, Sql, has_phrase, plain, standing
from retrieval.archive.fulltext import HELD, FullText, exactly, terms_of
from retrieval.archive.rows import day

_AT_ONCE = 200
"""Articles whose whole texts are looked at together."""


def mentioning(catalog: Catalog, words: Iterable[str], only: Filters) -> dict[str, date | None]:
    """Return the articles with all of some words, in any form, that pass the filters: id -> date.

    The newest come first, those without a date last, those under an embargo not at all. The
    filters' phrases may each stand elsewhere in an article. What copies have in common is indexed
    with the first of them alone: the others are found by it, and looked at themselves.
    """
    terms = terms_of(words)
    wanted = [catalog.text.selecting(term) for term in terms]
    wanted += [(_with_phrase(catalog.text, phrase), []) for phrase in only.phrases]
    unwanted: list[Sql] = [(_with_phrase(catalog.text, phrase), []) for phrase in only.without]
    named = {f"wanted_{n}": passages for n, passages in enumerate(wanted)}
    unnamed = {f"unwanted_{n}": passages for n, passages in enumerate(unwanted)}
    tables = [t for name, (sql, _) in (named | unnamed).items() for t in _tables(name, sql)]
    standing_ones, values = standing(only, catalog.outlets.of(only))
    within = [f"a.id IN (SELECT id FROM all_{name})" for name in named]
    within += [f"a.id NOT IN (SELECT id FROM {name})" for name in unnamed]
    sure = [f"a.id IN (SELECT id FROM {name})" for name in named]
    sure += [f"a.id NOT IN (SELECT id FROM all_{name})" for name in unnamed]
    rows = catalog.database.rows(
        (f"WITH RECURSIVE {', '.join(tables)} " if tables else "")
        + f"SELECT a.id, a.published, {' AND '.join(sure) or '1 = 1'}, a.title FROM articles a "
        f"WHERE {' AND '.join([*within, standing_ones or '1 = 1'])} AND a.id NOT IN {HELD} "
        "ORDER BY a.published IS NULL, a.published DESC, a.id",
        *(value for _, given in (*wanted, *unwanted) for value in given),
        *values,
        time.time(),
    )
    titles = [plain(phrase) for phrase in only.titles]
    rows = [row for row in rows if all(has_phrase(row[3], phrase) for phrase in titles)]
    doubtful = [article_id for article_id, _, is_sure, _ in rows if not is_sure]
    passed = {
        article_id
        for some in batched(doubtful, _AT_ONCE)
        for article_id in _having(catalog.articles(some).values(), terms, only)
    }
    return {
        article_id: day(published)
        for article_id, published, is_sure, _ in rows
        if is_sure or article_id in passed
    }


def _with_phrase(text: FullText, phrase: str) -> str:
    """Return the query for the numbers of the passages that have a phrase as it is."""
    numbers = ",".join(map(str, exactly(text, phrase, text.with_phrase(phrase))))
    return f"SELECT number FROM passages WHERE number IN ({numbers or 'NULL'})"


def _tables(name: str, passages: str) -> tuple[str, str]:
    """Return two tables of article ids: of some passages, and with the copies of those articles."""
    return (
        f"{name} (id) AS (SELECT article_id FROM passages WHERE number IN ({passages}))",
        f"all_{name} (id) AS (SELECT id FROM {name} UNION "
        f"SELECT other FROM copies JOIN all_{name} ON one = id)",
    )


def _having(articles: Iterable[Article], terms: Sequence[str], only: Filters) -> set[str]:
    """Return the ids of the articles that have the words and phrases, and not the unwanted ones."""
    texts = {article.id: f"{article.title}\n{article.body}" for article in articles}
    left = set(texts)
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(
            "CREATE VIRTUAL TABLE whole USING fts5 (id UNINDEXED, text, "
            "tokenize = 'porter unicode61')"
        )
        memory.executemany("INSERT INTO whole VALUES (?, ?)", texts.items())

        def with_word(term: str) -> set[str]:
            sql = "SELECT id FROM whole WHERE whole MATCH ?"
            return left & {row[0] for row in memory.execute(sql, (f'"{term}"',))}

        def with_phrase(phrase: str) -> set[str]:
            wanted = plain(phrase)
            return {i for i in with_word(wanted) if has_phrase(texts[i], wanted)}

        for term in terms:
            left = with_word(term)
        for phrase in only.phrases:
            left = with_phrase(phrase)
        for phrase in only.without:
            left -= with_phrase(phrase)
    return left
