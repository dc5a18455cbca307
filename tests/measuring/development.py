"""Question sets as archives, for fitting, benchmarks and tests.

XQuAD (google-deepmind/xquad, CC BY-SA 4.0) and MTRAG-UN (IBM/mt-rag-benchmark) are read from a
folder beside the repository; they are no part of it. The golden questions are the project's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import catalog_in
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.storing import Storer
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation import external
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.golden import Case, read_golden
from retrieval.evaluation.results import Run
from retrieval.evaluation.runner import Answerer, evaluate, settings_of, setup_of
from retrieval.reading.reader import Reader
from retrieval.search.searcher import Searcher, SearchOptions
from tests.in_process import shared_reader

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SAMPLE_ARCHIVE = ROOT / "corpus" / "articles"
GOLDEN = ROOT / "tests" / "quality" / "golden"


def available() -> bool:
    """Whether the external development sets are there."""
    return (DATA / "xquad.jsonl").exists() and (DATA / "mtragun-tasks.jsonl").exists()


def xquad(keep: Callable[[int], bool] = lambda _: True) -> ExternalSet:
    """XQuAD's development articles for which `keep(number)`, and the questions on all of them."""
    return external.xquad(DATA / "xquad.jsonl", keep)


def mtrag() -> ExternalSet:
    """MTRAG-UN's development passages, and its conversations' last questions."""
    return external.mtrag(DATA)


def golden(*splits: str) -> ExternalSet:
    """The sample archive, and the golden questions of some splits ("dev", "test")."""
    files, _ = find_files([SAMPLE_ARCHIVE])
    articles = [a for file in files for a in read_file(file) if isinstance(a, Article)]
    uris = {article.id: article.uri for article in articles}
    return ExternalSet(articles, read_golden([GOLDEN / f"{s}.jsonl" for s in splits], uris))


def build(
    articles: list[Article],
    home: Path,
    encoder: OnnxEncoder,
    options: SearchOptions | None = None,
    reader: Reader | None = None,
) -> Searcher:
    """An archive of some articles in a folder, ready to search."""
    chunking = Chunking()
    catalog = catalog_in(home / "catalog.db")
    vectors = ChromaFolder(home / "chroma", index_name(encoder.name, chunking))
    storer = Storer(catalog, vectors, encoder, encoder.count_pieces, chunking)
    Indexer(storer).ingest(articles)
    return Searcher(catalog, vectors, encoder, encoder, reader or shared_reader(), options)


def copy(catalog: Catalog, there: Catalog) -> None:
    """Store the articles of a catalog in another, with the passages that the vectors are of."""
    for article in catalog.every_article():
        passages = catalog.passages(catalog.passage_ids_of([article.id])).values()
        with there.transaction():
            there.replace_article(article, sorted(passages, key=lambda p: (p.ordinal, p.start)))


def run(searcher: Searcher, cases: Iterable[Case], answerer: Answerer | None = None) -> Run:
    """Questions asked of an archive that `build` made: of the assistant as it is, or of another."""
    usual = Assistant(searcher)
    encoder = searcher.encoder.name
    settings = {"encoder": encoder, "index": index_name(encoder, Chunking())}
    settings |= settings_of(asdict(searcher.options), asdict(usual.options))
    setup = setup_of(searcher.catalog, "extractive", settings, usual.options.answerable)
    return asyncio.run(evaluate(answerer or usual, cases, setup))
