"""Invented articles of which somebody said which tell of one event, and how many pairs of those
are put together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from corpus.article import Article
from retrieval.archive.passages import titled
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.news.stories import Beginning, Stories

FOLDER = Path(__file__).resolve().parents[1] / "quality" / "news"


class Pairs(NamedTuple):
    """Precision and recall of pairs."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


def labelled(split: str, encoder: OnnxEncoder) -> list[tuple[Beginning, str]]:
    """The articles of a split ("dev" or "test"), each with its story."""
    text = (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    articles = [
        Article(r["id"], r["title"], r["text"], r["source"], date.fromisoformat(r["published"]))
        for r in rows
    ]
    vectors = encoder.encode([titled(a.title, a.body) for a in articles])
    begun = [Beginning.of(a, v) for a, v in zip(articles, vectors, strict=True)]
    return [(one, row["story"]) for one, row in zip(begun, rows, strict=True)]


def found(stories: Stories, articles: list[tuple[Beginning, str]]) -> Pairs:
    """How many of the pairs that were put together belong together, and the other way round."""
    groups = stories.group([one for one, _ in articles])
    story = {one.article.id: name for one, name in articles}
    together = {p for group in groups for p in _pairs(one.article.id for one in group)}
    wanted = {p for p in _pairs(story) if len({story[i] for i in p}) == 1}
    hits = len(together & wanted)
    return Pairs(hits / (len(together) or 1), hits / len(wanted))


def _pairs(ids: Iterable[str]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in combinations(ids, 2)}
