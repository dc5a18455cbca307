"""The write path: add, remove and re-index articles. Safe to kill at any point.

The order of the four steps makes it safe:

1. The catalog records the ids of the new vectors as strays (vectors without a passage).
2. The vectors are written to Chroma.
3. One transaction of the catalog stores the articles and their passages, so that their vectors
   are no strays any more, and records the vectors of the versions they replace as strays.
4. The strays are deleted from Chroma.

A process killed between two steps leaves strays. No search sees them, and the next run deletes
them. When a whole index is replaced, its vectors are recorded as strays in the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.article import Article, Item, Rejection, Withdrawal
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking, Count, chunk
from retrieval.archive.passages import Passage, titled
from retrieval.archive.texts import Text, Texts, file_is_gone
from retrieval.archive.vectors import VectorStore
from retrieval.errors import ArticleNotFound, IndexMismatch
from retrieval.text.tokens import count_tokens

INDEX_FACT = "index"
"""Name of the catalog's fact that says which index its passages are in."""

_LOG_FACT = "vector log"
"""Name of the catalog's fact that counts vectors written or deleted since the last compaction."""

_LONGEST_LOG = 3000
"""Vectors in Chroma's log before compaction: each process reads it, about a second for 5,000."""

_BATCH = 64
"""Articles per commit: the most that a killed process loses."""

_AT_ONCE = 500
"""Passages that are embedded before their vectors are written."""


class PassageEncoder(Protocol):
    """The methods of an encoder that indexing uses."""

    @property
    def name(self) -> str:
        """Return the encoder's name, which becomes part of the index's."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed some texts and return one vector for each."""
        ...


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An article that is not stored, and the URI of the one that is kept with its text."""

    uri: str
    kept: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The result of an ingest: the URIs of articles added, updated and so on.

    Those of `ambiguous_date` are among them: they are stored without a date. So are those of
    `duplicates`: they are unchanged, or removed where they were stored. A renamed file's article
    is updated. `withdrawn` are those that their agency took back.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    ambiguous_date: list[str] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    @property
    def anything_read(self) -> bool:
        """Return whether at least one article could be read."""
        return bool(self.added or self.updated or self.unchanged or self.removed or self.withdrawn)


def index_name(encoder: str, chunking: Chunking) -> str:
    """Return the name of the Chroma collection for an encoder and a chunking.

    It begins with the encoder's name, to be readable, and ends in a hash of both, to be unique:
    "all-MiniLM-L6-v2-1a2b3c4d-5e6f7a8b". Chroma allows 3 to 512 characters of [a-zA-Z0-9._-],
    with a letter or digit at both ends.
    """
    digest = hashlib.sha256(f"{encoder}|{chunking.name}".encode()).hexdigest()[:8]
    readable = "".join(c if c.isascii() and c.isalnum() else "-" for c in encoder)[:48].strip("-")
    return f"{readable or 'encoder'}-{digest}"


def _ignore(_: object) -> None:
    """Do nothing: the default where no progress is shown."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Articles to store, ids of articles to remove, and agencies' withdrawals to obey."""

    fresh: list[Article] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    withdrawn: list[Withdrawal] = field(default_factory=list)

    def without(self, article_id: str) -> Changes:
        """Return them without an article that was to be stored."""
        return replace(self, fresh=[article for article in self.fresh if article.id != article_id])


class _Sorter:
    """Sorts what an ingest reads: what to store, what to drop, and what to report of it.

    A text that another article holds is not stored again. Where that one's file is gone, it was
    renamed: its article is dropped. Where that one was not read yet, it may still turn out to
    say something else, so the text waits for the end.
    """

    def __init__(
        self,
        known: Mapping[str, str],
        texts: Texts,
        versions: Mapping[str, int],
        withdrawn: Mapping[str, int],
    ) -> None:
        self.report = IngestReport()
        self.waiting: list[Article] = []
        self._known = known
        self._texts = texts
        self._versions = dict(versions)
        self._withdrawn = dict(withdrawn)
        self._seen: set[str] = set()
        self._told: set[str] = set()
        self._found = Changes()

    def take(self) -> Changes:
        """Return what is to be done, found since the last call."""
        taken, self._found = self._found, Changes()
        return taken

    def sort(self, item: Item) -> None:
        """Sort an item that was read."""
        if isinstance(item, Rejection):
            self.report.rejected.append(item)
        elif isinstance(item, Withdrawal):
            self._withdraw(item)
        elif item.version <= self._withdrawn.get(item.id, -1):
            self.report.rejected.append(Rejection(item.uri, "withdrawn by its agency"))
        elif item.version < self._versions.get(item.id, 0):
            self.report.rejected.append(Rejection(item.uri, "older than the version stored"))
        elif item.id in self._seen and item.version <= self._versions.get(item.id, 0):
            self.report.rejected.append(Rejection(item.uri, "given twice; the first was kept"))
        else:
            self._seen.add(item.id)
            self._texts.drop(item.id)  # it may say something else now
            holder = self._texts.holder(Text.of(item))
            if holder is None or holder in self._seen:
                self._place(item, holder)
            elif file_is_gone(self._texts.uri(holder)):
                self._rename(item, holder)
            else:
                self.waiting.append(item)

    def _withdraw(self, order: Withdrawal) -> None:
        """Drop an article and its older versions; later ones may still come."""
        known = self._versions.get(order.id, 0)
        if order.version and order.version < known:
            return
        order = replace(order, version=max(order.version, known))
        self._withdrawn[order.id] = order.version
        self._found = self._found.without(order.id)
        self._found.withdrawn.append(order)
        self._texts.drop(order.id)
        self.report.withdrawn.append(order.uri)

    def settle(self, article: Article, is_gone: Callable[[str], bool]) -> None:
        """Sort an article that waited, now that all items were read; some were withdrawn since."""
        if article.version <= self._withdrawn.get(article.id, -1):
            return
        holder = self._texts.holder(Text.of(article))
        if holder and holder not in self._seen and is_gone(self._texts.uri(holder)):
            self._rename(article, holder)
        else:
            self._place(article, holder)

    def _rename(self, article: Article, old: str) -> None:
        self._texts.drop(old)
        self._found.dropped.append(old)
        self._keep(article, self.report.updated)

    def _place(self, article: Article, holder: str | None) -> None:
        """Keep an article, unless there is a holder of its text."""
        is_known = article.id in self._known
        if holder:
            self.report.duplicates.append(Duplicate(article.uri, self._texts.uri(holder)))
            if is_known:
                self._found.dropped.append(article.id)
            (self.report.removed if is_known else self.report.unchanged).append(article.uri)
        else:
            self._keep(article, self.report.updated if is_known else self.report.added)

    def _keep(self, article: Article, outcome: list[str]) -> None:
        self._texts.put(article.id, Text.of(article))
        if self._known.get(article.id) == article.fingerprint:
            outcome = self.report.unchanged
        else:
            self._found = self._found.without(article.id)
            self._found.fresh.append(article)
        if article.version:
            self._versions[article.id] = article.version
        if article.id in self._told:  # a newer version of it came in the same run
            return
        self._told.add(article.id)
        outcome.append(article.uri)
        if article.ambiguous_date:
            self.report.ambiguous_date.append(article.uri)


class Indexer:
    """Writes to the archive. Only one may run at a time: hold the ingest lock (`bot.wiring`).

    Args:
        catalog: the source of truth.
        vectors: the collection named by `index_name`.
        encoder: embeds the passages.
        count_pieces: counts the embedded encoder's word pieces: passages are cut so that it and
            the reader see all of them, even if another encoder embeds them.
        chunking: how articles are cut into passages.
    """

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        encoder: PassageEncoder,
        count_pieces: Count,
        chunking: Chunking,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._encoder = encoder
        self._count_pieces = count_pieces
        self._chunking = chunking

    def is_stale(self) -> bool:
        """Return whether the index was built with other settings than the present ones."""
        stored = self._catalog.fact(INDEX_FACT)
        return stored is not None and stored != self._vectors.collection

    def ingest(
        self,
        items: Iterable[Item],
        progress: Callable[[Item], None] = _ignore,
        is_gone: Callable[[str], bool] = file_is_gone,
    ) -> IngestReport:
        """Store new and changed articles; each batch is visible as soon as it is committed.

        If the archive was indexed with other settings, it is rebuilt first. `progress` is called
        with each item after that was stored, skipped or rejected. `is_gone` tells, once all items
        were read, whether a stored article that was not among them has lost its place.
        """
        if self.is_stale():
            self.rebuild()
        self.sweep()
        self._mend()
        sorter = _Sorter(
            self._catalog.fingerprints(),
            Texts(self._catalog.texts()),
            self._catalog.agency_versions(),
            self._catalog.withdrawals(),
        )
        for batch in batched(items, _BATCH):
            for item in batch:
                sorter.sort(item)
            self._store(sorter.take())
            for item in batch:
                progress(item)
        for late in batched(sorter.waiting, _BATCH):
            for article in late:
                sorter.settle(article, is_gone)
            self._store(sorter.take())
        return sorter.report

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        """Remove articles from the archive and return their URIs.

        Raises:
            ArticleNotFound: an id is unknown. Nothing was removed.
        """
        uris = self._catalog.uris()
        unknown = [article_id for article_id in article_ids if article_id not in uris]
        if unknown:
            raise ArticleNotFound(
                f"No article has the id {unknown[0]}: `newsdesk sources` lists them."
            )
        with self._catalog.transaction():
            for article_id in article_ids:
                gone = self._catalog.remove_article(article_id)
                self._catalog.add_strays(self._stored_in(), gone)
        self.sweep()
        return [uris[article_id] for article_id in article_ids]

    def rebuild(self, progress: Callable[[Article], None] = _ignore, *, keep: bool = True) -> int:
        """Chunk and embed every stored article again with the present settings. Return how many.

        Searches use the old index until the new one is complete: one transaction replaces the
        passages of the whole archive. Vectors that an interrupted rebuild wrote are reused;
        with `keep=False` every vector is computed again.
        """
        for batch in batched(self._catalog.every_article(), _BATCH):
            pairs = [(article, p) for article in batch for p in self._chunk(article)]
            ids = [passage.id for _, passage in pairs]
            missing = set(self._vectors.missing(ids) if keep else ids)
            self._embed([pair for pair in pairs if pair[1].id in missing])
            for article in batch:
                progress(article)
        count = 0
        with self._catalog.transaction():
            old = self._stored_in()
            for article in self._catalog.every_article():
                # Cut anew: the passages of a whole archive may be more than memory holds.
                made = self._chunk(article)
                self._catalog.add_strays(old, self._catalog.replace_article(article, made))
                self._forget(made)
                count += 1
            self._catalog.set_fact(INDEX_FACT, self._vectors.collection)
        self.sweep()
        self._compact()
        return count

    def sweep(self) -> None:
        """Delete vectors that a killed process, an update or a removal left without a passage.

        Does nothing while the index is stale: the rebuild to come reuses the vectors that an
        interrupted one left.
        """
        if self.is_stale():
            return
        for collection, passage_ids in self._catalog.strays().items():
            if collection == self._vectors.collection:
                kept = self._catalog.passages(passage_ids, held=True)
                self._vectors.remove(i for i in passage_ids if i not in kept)
            else:
                self._vectors.drop_others()
            with self._catalog.transaction():
                self._catalog.forget_strays(collection, passage_ids)
                self._log(len(passage_ids))

    def _mend(self) -> None:
        """Embed the passages whose vectors are gone, as when Chroma's folder was deleted."""
        if self._vectors.count() >= self._catalog.count_passages():
            return
        for ids in batched(self._catalog.passage_ids(), _AT_ONCE):
            lost = self._catalog.passages(self._vectors.missing(ids), held=True)
            articles = self._catalog.articles(passage.article_id for passage in lost.values())
            self._embed([(articles[p.article_id], p) for p in lost.values()])
        self.sweep()
        self._compact()

    def _store(self, changes: Changes) -> None:
        """Store and remove articles in one transaction."""
        if not any((changes.fresh, changes.dropped, changes.withdrawn)):
            return
        made = {article.id: self._chunk(article) for article in changes.fresh}
        self._embed([(article, p) for article in changes.fresh for p in made[article.id]])
        with self._catalog.transaction():
            for order in changes.withdrawn:
                self._catalog.withdraw(order)
            for article_id in (*changes.dropped, *(order.id for order in changes.withdrawn)):
                gone = self._catalog.remove_article(article_id)
                self._catalog.add_strays(self._vectors.collection, gone)
            for article in changes.fresh:
                retired = self._catalog.replace_article(article, made[article.id])
                self._catalog.add_strays(self._vectors.collection, retired)
                self._forget(made[article.id])
            self._catalog.set_fact(INDEX_FACT, self._vectors.collection)
        self.sweep()
        self._compact()

    def _stored_in(self) -> str:
        """Return the name of the index that the catalog's passages belong to."""
        return self._catalog.fact(INDEX_FACT) or self._vectors.collection

    def _log(self, vectors: int) -> None:
        logged = int(self._catalog.fact(_LOG_FACT) or 0)
        self._catalog.set_fact(_LOG_FACT, str(logged + vectors))

    def _compact(self) -> None:
        """Compact the vectors if their log is long, and longer than an eighth of the archive."""
        logged = int(self._catalog.fact(_LOG_FACT) or 0)
        if logged > max(_LONGEST_LOG, self._catalog.count_passages() // 8):
            self._vectors.compact()
            with self._catalog.transaction():
                self._catalog.set_fact(_LOG_FACT, "0")

    def _chunk(self, article: Article) -> list[Passage]:
        return chunk(article, self._chunking, count_tokens, self._count_pieces)

    def _embed(self, pairs: Sequence[tuple[Article, Passage]]) -> None:
        """Embed passages and write their vectors, after recording them as strays."""
        for part in batched(pairs, _AT_ONCE):
            ids = [passage.id for _, passage in part]
            with self._catalog.transaction():
                self._catalog.add_strays(self._vectors.collection, ids)
                self._log(len(ids))
            texts = [titled(article.title, passage.text) for article, passage in part]
            self._vectors.put(ids, _as_array(self._encoder.embed_documents(texts)))

    def _forget(self, passages: Iterable[Passage]) -> None:
        ids = [passage.id for passage in passages]
        self._catalog.forget_strays(self._vectors.collection, ids)


def require_current(catalog: Catalog, collection: str) -> None:
    """Refuse to search an archive that was indexed with other settings.

    Raises:
        IndexMismatch: the settings in force name another collection.
    """
    stored = catalog.fact(INDEX_FACT)
    if stored is not None and stored != collection:
        raise IndexMismatch(
            f"The archive was indexed as {stored}, and the settings now call for {collection}. "
            "Run `newsdesk ingest` to index it anew, or put the settings back."
        )


def _as_array(vectors: Sequence[Sequence[float]]) -> npt.NDArray[np.float32]:
    return np.asarray(vectors, dtype=np.float32)
