"""True sentences, with the passages that a model would have had before it.

Verbatim ones of the development sets and of the sample archive, and hand-written ones
(tests/quality/support): paraphrases, sentences reworded as freely as they can be, and paraphrases
held out, which are for reporting alone. Faults are made of them by `tests.measuring.planted`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from corpus.article import Article
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.passages import Match, titled
from retrieval.checking.verdicts import Outcome, Source, Verdict
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.onnx_model import Floats
from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.tokens import count_tokens
from retrieval.text.words import always_capitalized

HAND_WRITTEN = Path(__file__).resolve().parents[1] / "quality" / "support"
TRUE = ("verbatim", "paraphrased", "reworded")
_FAULTS = {
    "name": "name swapped",
    "number": "number swapped",
    "date": "date swapped",
    "negation": "negated",
    "added": "embroidered",
}
"""What a change is called that is also planted by rule; any other is "changed"."""

CONTEXT = 6
"""Sources beside each sentence: its passage, and the nearest others of the whole set."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence with its markers and sources, and what ought to become of it.

    `kind` is "verbatim", "paraphrased" or the fault's name; `base` what a fault was made from;
    `spot` the place in `article` where a true or misattributed sentence stands.
    """

    set: str
    split: str
    kind: str
    base: str
    text: str
    sources: tuple[Source, ...]
    markers: tuple[int, ...]
    article: Article
    spot: tuple[int, int]

    @property
    def marked(self) -> str:
        """The sentence as a model would write it."""
        return self.text + "".join(f"[{n}]" for n in self.markers)


class Shelf:
    """The passages of a set of articles, and which are near a text."""

    def __init__(self, name: str, articles: Sequence[Article], encoder: OnnxEncoder) -> None:
        self.name = name
        self.articles = list(articles)
        self._encoder = encoder
        self.matches = [
            Match(passage, article, 0.0)
            for article in articles
            for passage in chunk(article, Chunking(), count_tokens, encoder.count_pieces)
        ]
        texts = [titled(m.article.title, m.passage.text) for m in self.matches]
        self._vectors: Floats = encoder.encode(texts)
        self.always = always_capitalized(a.body for a in articles)

    def is_common(self, word: str) -> bool:
        """Whether a first word of a sentence is no name, to judge by all articles."""
        return word.lower() not in self.always

    def around(self, text: str, article: Article, spot: tuple[int, int]) -> tuple[Source, ...]:
        """The passage of a sentence among its nearest neighbours, numbered from 1 by nearness."""
        scores = self._vectors @ self._encoder.encode([text])[0]
        holding = [i for i, m in enumerate(self.matches) if holds(m, article, spot)]
        ranked = [int(i) for i in np.argsort(-scores) if int(i) not in holding[1:]]
        chosen = ranked[:CONTEXT]
        if holding and holding[0] not in chosen:
            chosen[-1] = holding[0]
        return tuple(Source(n, self.matches[i]) for n, i in enumerate(chosen, start=1))


def holds(match: Match, article: Article, spot: tuple[int, int]) -> bool:
    """Whether a passage has the whole of a place of an article."""
    passage = match.passage
    return match.article.uri == article.uri and passage.start <= spot[0] and spot[1] <= passage.end


def split_of(name: str) -> str:
    """The split of a sample article, by its file's name: two of five are for testing."""
    return "test" if sum(map(ord, name)) % 5 in (1, 3) else "dev"


def true_items(shelf: Shelf, most: int) -> list[Item]:
    """Sentences of a set, verbatim, chosen at random."""
    rng = random.Random(7)
    spots = [
        (article, (s.start, s.end))
        for article in shelf.articles
        for s in split_sentences(article.body)
        if s.kind is Kind.SENTENCE and 6 <= len(article.body[s.start : s.end].split()) <= 45
    ]
    chosen = rng.sample(spots, min(most, len(spots)))
    return [
        item
        for article, (start, end) in chosen
        for item in _true(shelf, "verbatim", article, (start, end), article.body[start:end])
    ]


def hand_written(shelf: Shelf) -> list[Item]:
    """The true and the negated sentences written by hand over the sample archive.

    The paraphrases of `held_out` are the only ones of the test split: the gate's rules were made
    with an eye on the others.
    """
    by_name = {Path(a.uri).name: a for a in shelf.articles}
    items = []
    for kind, file, field, split in (
        ("paraphrased", "paraphrases", "paraphrase", "dev"),
        ("paraphrased", "held_out", "paraphrase", "test"),
        ("reworded", "reworded", "paraphrase", "dev"),
        ("negated", "negations", "negated", ""),
    ):
        for line in (HAND_WRITTEN / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            article = by_name[row["article"]]
            start = article.body.index(row["sentence"])
            spot = (start, start + len(row["sentence"]))
            items += [
                replace(item, base="hand", split=split or item.split)
                for item in _true(shelf, kind, article, spot, row[field])
            ]
    return items


def invented(encoder: OnnxEncoder, step: int = 1) -> list[Item]:
    """True sentences and false ones written with passages that were made up for the purpose.

    Nothing is fitted on them. A false one is most often a true one with one thing changed. Of all
    sentences, each `step`th is taken.
    """
    lines = (HAND_WRITTEN / "invented.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    articles = [
        Article(r["id"], r["title"], r["passage"], r["outlet"], date.fromisoformat(r["date"]))
        for r in rows
    ]
    shelf = Shelf("invented", articles, encoder)
    written = [
        (article, kind, text)
        for row, article in zip(rows, articles, strict=True)
        for claim in row["claims"]
        for kind, text in (
            ("reworded", claim["true"]),
            (_FAULTS.get(claim["change"], "changed"), claim["false"]),
        )
    ]
    items = []
    for article, kind, text in written[::step]:
        first = split_sentences(article.body)[0]
        spot = (first.start, first.end)
        sources = shelf.around(text, article, spot)
        markers = tuple(s.number for s in sources if holds(s.match, article, spot))
        items.append(Item("invented", "test", kind, "hand", text, sources, markers, article, spot))
    return items


def _true(
    shelf: Shelf, kind: str, article: Article, spot: tuple[int, int], text: str
) -> Iterator[Item]:
    sources = shelf.around(text, article, spot)
    markers = [s.number for s in sources if holds(s.match, article, spot)]
    if markers:
        split = split_of(Path(article.uri).name) if shelf.name == "sample" else "dev"
        yield Item(shelf.name, split, kind, kind, text, sources, (markers[0],), article, spot)


def well(item: Item, verdict: Verdict) -> bool:
    """Whether a verdict is right: true sentences pass, faults do not.

    A misattributed sentence is also caught by citing it where it stands.
    """
    if item.kind in TRUE:
        return verdict.outcome is Outcome.SUPPORTED
    if item.kind == "misattributed" and verdict.outcome is Outcome.SUPPORTED:
        return any(
            q.match.article.uri == item.article.uri
            and q.start < item.spot[1]
            and item.spot[0] < q.end
            for q in verdict.quotes
        )
    return verdict.outcome is Outcome.REMOVED
