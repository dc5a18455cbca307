"""A small archive in a folder, put together as `bot.wiring` does it, and articles to fill it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article, Item
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.copies import Copies
from retrieval.archive.homes import catalog_at, catalog_in
from retrieval.archive.index import Indexer, index_name
from retrieval.archive.likeness import statements
from retrieval.archive.passages import Match, Passage
from retrieval.archive.sorting import IngestReport
from retrieval.archive.storing import Storer
from retrieval.archive.unsaid import unsaid
from retrieval.archive.vocabulary import written
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchOptions
from retrieval.text.tokens import count_tokens
from retrieval.text.words import content_words
from tests.in_process import shared_reader

DENSE = SearchOptions(lexical=False, rerank=False)
LEXICAL = SearchOptions(dense=False, rerank=False)

_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
_PLACES = "harbour valley museum railway market observatory orchard bridge".split()


def nonce(number: int) -> str:
    """A word that only article `number` has, unlike those of the others."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=5).digest()
    return "".join(_SYLLABLES[byte % 20] for byte in digest) + "x"


def made(number: int, *, edition: str = "", sentences: int = 2) -> Article:
    """An article whose passages hold its nonce word; another `edition` is another body."""
    word, place = nonce(number), _PLACES[number % len(_PLACES)]
    body = "\n\n".join(
        f"The {place} of {word} counted {number + at} visitors{edition}. "
        f"Officials in {word} called that a record for the {place}."
        for at in range(sentences // 2)
    )
    return Article(f"made/{number}.md", f"News of {word}", body, source="Made-up Times")


def as_markdown(article: Article) -> str:
    return f"---\ntitle: {article.title}\nsource: {article.source}\n---\n\n{article.body}\n"


class BagEncoder:
    """An encoder that knows nothing but words: fast, and no two articles are alike to it."""

    def __init__(self, name: str = "bag") -> None:
        self.name = name
        self.embedded = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += len(texts)
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(512, 1e-3)
        for word in content_words(text):
            # Four places a word, so that no two share all of theirs.
            digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
            vector[np.frombuffer(digest, dtype=np.uint16) % 512] += 1
        return (vector / np.linalg.norm(vector)).tolist()


class Archive:
    """One process's view of an archive, whose catalog is in a file or at a server's address."""

    def __init__(
        self,
        home: Path,
        embedded: OnnxEncoder,
        encoder: Any = None,
        chunking: Chunking | None = None,
        url: str | None = None,
    ) -> None:
        self.embedded, self.encoder = embedded, encoder or embedded
        self.chunking = chunking or Chunking()
        self.catalog = catalog_at(url) if url else catalog_in(home / "catalog.db")
        name = index_name(self.encoder.name, self.chunking)
        self.vectors = ChromaFolder(home / "chroma", name)
        storer = Storer(
            self.catalog, self.vectors, self.encoder, embedded.count_pieces, self.chunking
        )
        self.indexer = Indexer(storer)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.vectors.close()
        self.catalog.close()

    def ingest(self, *items: Item) -> IngestReport:
        return self.indexer.ingest(items)

    def searcher(self, options: SearchOptions | None = None) -> Searcher:
        return Searcher(
            self.catalog, self.vectors, self.encoder, self.embedded, shared_reader(), options
        )

    def search(
        self, question: str, options: SearchOptions | None = None, **limits: Any
    ) -> list[Match]:
        return self.searcher(options).search(Query(question), **limits).matches

    def uris(self, question: str, options: SearchOptions | None = None, **limits: Any) -> list[str]:
        return [match.article.uri for match in self.search(question, options, **limits)]

    def passages(self) -> list[Passage]:
        """All of them, each article's in reading order."""
        found = self.catalog.passages(self.catalog.passage_ids()).values()
        return sorted(found, key=lambda p: (p.article_id, p.ordinal, p.start))

    def chunks(self, article: Article) -> list[Passage]:
        return chunk(article, self.chunking, count_tokens, self.embedded.count_pieces)


def assert_whole(archive: Archive) -> None:
    """Nothing is half there: every article has all its passages, and each its vector."""
    assert archive.catalog.check() is None
    articles = list(archive.catalog.every_article())
    stored = archive.passages()
    by_article: dict[str, list[Passage]] = {article.id: [] for article in articles}
    for passage in stored:
        by_article[passage.article_id].append(passage)
    assert by_article == {article.id: archive.chunks(article) for article in articles}
    assert archive.catalog.passage_ids() == [] or len(stored) == archive.catalog.count_passages()
    assert archive.vectors.missing([passage.id for passage in stored]) == []
    texts = {article.id: article.title for article in articles}
    counted = archive.catalog.database.rows("SELECT form, count FROM words")
    assert dict(counted) == written(t for p in stored for t in (texts[p.article_id], p.text))


def assert_tidy(archive: Archive) -> None:
    """And there is nothing else: no vector without its passage, noted or not."""
    assert_whole(archive)
    assert archive.catalog.strays.by_collection() == {}
    assert archive.vectors.count() == archive.catalog.count_passages()


def as_version_1(catalog: Path) -> None:
    """Give a closed catalog the schema that the first version had."""
    with closing(sqlite3.connect(catalog)) as file:
        file.executescript(
            """
            CREATE TABLE old_articles (
                id TEXT PRIMARY KEY, uri TEXT NOT NULL, published TEXT, fingerprint TEXT NOT NULL,
                title TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL
            ) WITHOUT ROWID;
            INSERT INTO old_articles
                SELECT id, uri, published, fingerprint, title, source, url, body FROM articles;
            DROP TABLE articles;
            ALTER TABLE old_articles RENAME TO articles;
            PRAGMA user_version = 1;
            """
        )
        old = ("articles", "passages", "passage_text", "stray_vectors", "facts", "sqlite_")
        for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            if not name.startswith(old):
                file.execute(f"DROP TABLE {name}")
        file.commit()


def bytes_read() -> int:
    """What this thread has read from files until now."""
    return int(Path("/proc/thread-self/io").read_text().split()[1])


def moved(articles: Iterable[Article], uri: str) -> list[Article]:
    """The same articles as read from a folder."""
    return [replace(a, uri=f"{uri}/{Path(a.uri).name}") for a in articles]


def assert_covered(archive: Archive, *, tidy: bool = True) -> None:
    """Each sentence of each article is in a passage of it, or of a copy that comes before it."""
    assert archive.catalog.check() is None
    stored, copies = archive.passages(), Copies(archive.catalog)
    searched = {words for passage in stored for words in statements(passage.text).words}
    for article in archive.catalog.every_article():
        wanted = unsaid(article, archive.chunks(article), copies.earlier(article))
        assert [p for p in stored if p.article_id == article.id] == wanted
        assert statements(article.body).words <= searched
    assert archive.vectors.missing([passage.id for passage in stored]) == []
    if tidy:
        assert archive.catalog.strays.by_collection() == {}
        assert archive.vectors.count() == archive.catalog.count_passages()
