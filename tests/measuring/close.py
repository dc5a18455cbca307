"""Sentences written nearly word for word from an article, true ones and false.

A false one has one thing wrong that a hurried editor overlooks: who said it, a unit, "by" for "to".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from corpus.article import Article
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.passages import Match
from retrieval.checking.check import SupportCheck
from retrieval.checking.verdicts import Outcome, Source
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.text.tokens import count_tokens
from tests.measuring import written


@dataclass(frozen=True, slots=True)
class Close:
    """A sentence, the article that it was written from, and its mistake, or "true"."""

    text: str
    article: Article
    kind: str


def read(half: str) -> Iterator[Close]:
    """Yield the sentences of a half: "dev", whose failures were looked at, or "test"."""
    for row in written.rows("close"):
        if row["half"] == half:
            article = _articles()[row["article"]]
            yield Close(row["true"], article, "true")
            yield from (Close(twin["text"], article, twin["kind"]) for twin in row["twins"])


def passed(check: SupportCheck, encoder: OnnxEncoder, half: str) -> tuple[Counter[str], ...]:
    """Count by kind the sentences of a half that pass without a judge, and all of them."""
    found, every = Counter[str](), Counter[str]()
    for one in read(half):
        verdict = check.unjudged(one.text, _sources(one.article, encoder), "")
        found[one.kind] += verdict.outcome is Outcome.SUPPORTED
        every[one.kind] += 1
    return found, every


def shares(found: Counter[str], every: Counter[str]) -> tuple[float, float]:
    """Return the share of the true sentences that pass, and of the false ones that do not."""
    false = found.total() - found["true"], every.total() - every["true"]
    return found["true"] / every["true"], 1 - false[0] / false[1]


def _sources(article: Article, encoder: OnnxEncoder) -> list[Source]:
    passages = chunk(article, Chunking(), count_tokens, encoder.count_pieces)
    return [Source(n, Match(passage, article, 1.0)) for n, passage in enumerate(passages, 1)]


@cache
def _articles() -> dict[str, Article]:
    return written.briefs("close-briefs") | {a.uri.split("/")[-1]: a for a in written.articles()}
