"""The development sets as archives and questions, for fitting, benchmarks and tests.

XQuAD (google-deepmind/xquad, CC BY-SA 4.0) and MTRAG-UN (IBM/mt-rag-benchmark) are read from a
folder beside the repository; they are no part of it. The golden questions are the project's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.answers import Question, Turn
from retrieval.catalog import Catalog
from retrieval.chunking import Chunking
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.index import Indexer, index_name
from retrieval.search import Searcher, SearchOptions
from retrieval.vectors import VectorStore

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
SAMPLE_ARCHIVE = ROOT / "corpus" / "articles"
GOLDEN = ROOT / "tests" / "quality" / "golden"

Judge = Callable[[Article, str], bool]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is known of its answer.

    `holds(article, text)` tells whether a text of an article holds a gold answer; `relevant`
    names the URIs of gold articles, where passages and not answers are judged; `paraphrase`
    marks a question in other words than the article's.
    """

    id: str
    kind: str
    question: Question
    answerable: bool
    holds: Judge
    relevant: frozenset[str] = frozenset()
    paraphrase: bool = False


def available() -> bool:
    """Whether the external development sets are there."""
    return (DATA / "xquad.jsonl").exists() and (DATA / "mtragun-tasks.jsonl").exists()


def xquad(keep: Callable[[int], bool] = lambda _: True) -> tuple[list[Article], list[Case]]:
    """XQuAD's development articles for which `keep(number)`, and the questions on all of them.

    Questions on articles left out cannot be answered.
    """
    rows = list(_lines(DATA / "xquad.jsonl"))
    articles = [
        Article(
            row["article"],
            row["title"],
            "\n\n".join(" ".join(p["text"].split()) for p in row["paragraphs"]),
        )
        for row in rows
    ]
    cases = [
        Case(
            q["id"], "xquad", Question(q["question"]), keep(number),
            _holds(frozenset([row["article"]]), [q["answers"]]),
        )
        for number, row in enumerate(rows)
        for paragraph in row["paragraphs"]
        for q in paragraph["questions"]
    ]  # fmt: skip
    return [a for number, a in enumerate(articles) if keep(number)], cases


def mtrag() -> tuple[list[Article], list[Case]]:
    """MTRAG-UN's development passages, each an article, and its conversations' last questions."""
    articles = []
    for row in _lines(DATA / "mtragun-passages.jsonl"):
        title, _, body = row["text"].partition("\n")
        articles.append(Article(row["id"], title, " ".join((body or title).split())))
    cases = []
    for row in _lines(DATA / "mtragun-tasks.jsonl"):
        relevant = frozenset(row["relevant"])
        history = tuple(Turn(h["question"], h["answer"]) for h in row["history"])
        cases.append(
            Case(
                row["id"], row["answerability"], Question(row["question"], history),
                row["answerability"] in ("ANSWERABLE", "PARTIAL"), _holds(relevant, []), relevant,
            )
        )  # fmt: skip
    return articles, cases


def golden(split: str) -> tuple[list[Article], list[Case]]:
    """The sample archive, and the golden questions of a split ("dev" or "test")."""
    files, _ = find_files([SAMPLE_ARCHIVE])
    articles = [a for file in files for a in read_file(file) if isinstance(a, Article)]
    uris = {Path(a.uri).name: a.uri for a in articles}
    cases = []
    for row in _lines(GOLDEN / f"{split}.jsonl"):
        relevant = frozenset(uris[name] for name in row["articles"])
        history = tuple(Turn(h["question"], h["answer"]) for h in row.get("history", []))
        as_of = date.fromisoformat(row["as_of"]) if row.get("as_of") else None
        cases.append(
            Case(
                row["id"], row["kind"], Question(row["question"], history, as_of),
                row["answerable"], _holds(relevant, row["answers"]), relevant,
                bool(row["paraphrase"] and row["answerable"]),
            )
        )  # fmt: skip
    return articles, cases


def build(
    articles: list[Article], home: Path, encoder: OnnxEncoder, options: SearchOptions | None = None
) -> Searcher:
    """An archive of some articles in a folder, ready to search."""
    chunking = Chunking()
    catalog = Catalog(home / "catalog.db")
    vectors = VectorStore(home / "chroma", index_name(encoder.name, chunking))
    Indexer(catalog, vectors, encoder, encoder.count_pieces, chunking).ingest(articles)
    return Searcher(catalog, vectors, encoder, encoder, options)


def _holds(uris: frozenset[str], parts: list[list[str]]) -> Judge:
    """Whether a text of a gold article holds any variant of any part; any text if no parts."""
    variants = [_plain(variant) for part in parts for variant in part]

    def judge(article: Article, text: str) -> bool:
        if article.uri not in uris:
            return False
        return not variants or any(variant in _plain(text) for variant in variants)

    return judge


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
