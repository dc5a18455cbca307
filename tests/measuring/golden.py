"""What the golden questions are made of, and how far keywords alone get with them.

A question counts as paraphrased where somebody marked it so and two measures agree: at most a
third of its content words (Porter stems) occur in any sentence that holds a gold answer, and BM25
over all sentences of the archive (SQLite's FTS5) does not put such a sentence first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.evaluation import metrics
from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import content_words

ROOT = Path(__file__).resolve().parents[2]

FOLDER = ROOT / "tests" / "quality" / "golden"
ARCHIVE = ROOT / "corpus" / "articles"
SPLITS = ("dev", "test")
MOST_SHARED = 1 / 3

Row = dict[str, Any]


def rows(split: str) -> list[Row]:
    """The questions of a split ("dev" or "test") as they stand in its file."""
    text = (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def bodies() -> dict[str, str]:
    """The cleaned bodies of the sample archive by file name."""
    files, _ = find_files([ARCHIVE])
    articles = [a for file in files for a in read_file(file) if isinstance(a, Article)]
    return {Path(article.uri).name: article.body for article in articles}


def holds(text: str, variants: Iterable[str]) -> bool:
    """Whether a text has one of some variants, as `newsdesk eval` looks for them."""
    return any(metrics.holds(text, variant) for variant in variants)


@dataclass(frozen=True, slots=True)
class Wording:
    """How near a question's words are to the sentences that answer it.

    `shared` is the largest share of its content words in one of them; `first` tells whether BM25
    puts one of them first.
    """

    shared: float
    first: bool

    @property
    def differs(self) -> bool:
        """Whether keywords alone do not find the answer."""
        return self.shared <= MOST_SHARED and not self.first


class Keywords:
    """The archive's sentences, searched by words alone."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._sentences = [
            (name, body[s.start : s.end])
            for name, body in texts.items()
            for s in split_sentences(body)
            if s.kind is Kind.SENTENCE
        ]
        self._db = sqlite3.connect(":memory:")
        for table in ("sentences", "question"):
            self._db.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5(text, tokenize = 'porter unicode61')"
            )
            self._db.execute(f"CREATE VIRTUAL TABLE {table}_words USING fts5vocab({table}, row)")
        self._db.executemany(
            "INSERT INTO sentences (rowid, text) VALUES (?, ?)",
            ((number, text) for number, (_, text) in enumerate(self._sentences)),
        )

    def wording(self, row: Row) -> Wording:
        """How an answerable question is worded."""
        asked = content_words(row["question"])
        variants = [variant for part in row["answers"] for variant in part]
        gold = {
            number
            for number, (name, text) in enumerate(self._sentences)
            if name in row["articles"] and holds(text, variants)
        }
        stems = self._stems(" ".join(asked))
        shared = (
            len(stems & self._stems(" ".join(content_words(self._sentences[number][1]))))
            for number in gold
        )
        return Wording(max(shared, default=0) / max(len(stems), 1), self._best(asked) in gold)

    def _stems(self, text: str) -> set[str]:
        self._db.execute("DELETE FROM question")
        self._db.execute("INSERT INTO question (text) VALUES (?)", (text,))
        return {stem for (stem,) in self._db.execute("SELECT term FROM question_words")}

    def _best(self, asked: list[str]) -> int | None:
        if not asked:
            return None
        query = " OR ".join(f'"{word}"' for word in asked)
        found = self._db.execute(
            "SELECT rowid FROM sentences WHERE sentences MATCH ? ORDER BY bm25(sentences) LIMIT 1",
            (query,),
        )
        return next((number for (number,) in found), None)


def needs_several(row: Row, texts: dict[str, str]) -> bool:
    """Whether no single gold article states every part of the answer."""
    return bool(row["articles"]) and not any(
        all(holds(texts[name], part) for part in row["answers"]) for name in row["articles"]
    )
