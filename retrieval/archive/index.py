"""The write path: add, remove and re-index articles. Safe to kill at any point.

The order of the four steps makes it safe:

1. The catalog records the ids of the new vectors as strays (vectors without a passage).
2. The vectors are written to Chroma.
3. One transaction of the catalog stores the articles, their passages and what they are copies
   of, so that their vectors are no strays any more, and records the vectors of the passages that
   they replace as strays.
4. The strays are deleted from Chroma.

A process killed between two steps leaves strays. No search sees them, and the next run deletes
them. When a whole index is replaced, its vectors are recorded as strays in the same way.

Where copies of an article are stored (`retrieval.archive.copies`), it has passages only for what
the copies before it do not say: each sentence is searched in the article that had it first. An
archive that was made before copies were looked for has its articles placed, a batch at a time,
by the next ingests, each as many as take half a minute, or at once by a rebuild.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.article import Article, Item, article_id
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking, Count, chunk
from retrieval.archive.copies import Copies
from retrieval.archive.passages import Passage, titled
from retrieval.archive.sorting import Changes, Copy, IngestReport, Sorter
from retrieval.archive.texts import file_is_gone
from retrieval.archive.twins import elsewhere
from retrieval.archive.unsaid import unsaid
from retrieval.archive.vectors import VectorStore
from retrieval.errors import ArticleNotFound, IndexMismatch, VectorsUnavailable
from retrieval.text.tokens import count_tokens

INDEX_FACT = "index"
"""Name of the catalog's fact that says which index its passages are in."""

_LOG_FACT = "vector log"
"""Name of the catalog's fact that counts vectors written or deleted since the last compaction."""

_LONGEST_LOG = 3000
"""Vectors in Chroma's log before compaction: each process reads it, about a second for 5,000."""

_BATCH = 64
"""Articles per commit: the most that a killed process loses."""

_PLACED_AT_ONCE = 10_000
"""Articles stored before copies were looked for that one ingest places: they take half a minute."""

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
        self._copies = Copies(catalog)

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
        self._place_stored(_PLACED_AT_ONCE)
        sorter = Sorter(self._catalog)
        for batch in batched(items, _BATCH):
            for item in batch:
                sorter.sort(item)
            changes = sorter.take()
            sorter.report.copies_left.extend(self._left(changes))
            self._store(changes)
            for item in batch:
                progress(item)
        for late in batched([*sorter.waiting, *sorter.left(is_gone)], _BATCH):
            for article in late:
                sorter.settle(article, is_gone)
            self._store(sorter.take())
        sorter.report.copies.extend(self._copied([*sorter.report.added, *sorter.report.updated]))
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
        for batch in batched(article_ids, _BATCH):
            self._store(Changes(dropped=batch))
        return [uris[article_id] for article_id in article_ids]

    def prune(self, lost: Callable[[dict[str, str]], list[str]]) -> tuple[list[str], list[str]]:
        """Remove the articles whose file is gone.

        A text that has another place stays there. Returns the URIs of those that were removed, and
        the new ones of those that stay. `lost` returns which of some ids are lost, given the URI
        of each.
        """
        known = {uri: uri for uri in self._catalog.address_uris()}
        with self._catalog.transaction():
            self._catalog.forget_addresses(lost(known))
        uris = self._catalog.uris()
        removed: list[str] = []
        moved: list[str] = []
        for batch in batched(lost(uris), _BATCH):
            others = {
                article.id: places[0]
                for article in self._catalog.articles(batch).values()
                if (places := elsewhere(self._catalog, article))
            }
            heirs = {old: other.id for old, other in others.items()}
            self._store(Changes(fresh=[*others.values()], dropped=batch, heirs=heirs))
            removed += [uris[article_id] for article_id in batch if article_id not in others]
            moved += [other.uri for other in others.values()]
        return removed, moved

    def rebuild(self, progress: Callable[[Article], None] = _ignore, *, keep: bool = True) -> int:
        """Chunk and embed every stored article again with the present settings. Return how many.

        Searches use the old index until the new one is complete: one transaction replaces the
        passages of the whole archive. Vectors that an interrupted rebuild wrote are reused;
        with `keep=False` every vector is computed again.
        """
        self._place_stored()
        for batch in batched(self._catalog.every_article(), _BATCH):
            pairs = [(article, p) for article in batch for p in self._wanted(article)]
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
                made = self._wanted(article)
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
        interrupted one left. While the server of the vectors is away, they wait for the next run.
        """
        if self.is_stale():
            return
        with suppress(VectorsUnavailable):
            self._sweep()

    def _sweep(self) -> None:
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

    def _place_stored(self, limit: int | None = None) -> None:
        """Find the copies of stored articles that came before copies were looked for."""
        for batch in batched(self._copies.unplaced(limit), _BATCH):
            self._store(Changes(), [*self._catalog.articles(batch).values()])

    def _store(self, changes: Changes, stored: Sequence[Article] = ()) -> None:
        """Store and remove articles, and place those `stored` already, in one transaction.

        While the index is stale no passages are made: the rebuild to come makes all.
        """
        if not any((changes.fresh, changes.gone, changes.again, stored)):
            return
        placement = self._copies.place([*changes.fresh, *stored], changes.gone)
        moved = () if self.is_stale() else placement.moved(stored)
        there = {*self._catalog.passage_ids_of(article.id for article in moved)}
        made = {
            article.id: unsaid(article, self._chunk(article), placement.earlier[article.id])
            for article in (*changes.fresh, *moved)
        }
        self._embed(
            [
                (article, passage)
                for article in (*changes.fresh, *moved)
                for passage in made[article.id]
                if passage.id not in there
            ]
        )
        with self._catalog.transaction():
            for order in changes.withdrawn:
                self._catalog.withdraw(order)
            for article in changes.fresh:
                self._catalog.leave_addresses(article)
            self._catalog.move_addresses(changes.heirs)
            for article_id in changes.gone:
                self._retire(self._catalog.remove_article(article_id))
            for article in changes.fresh:
                self._retire(self._catalog.replace_article(article, made[article.id]))
                self._forget(made[article.id])
            for article in moved:
                self._retire(self._catalog.replace_passages(article, made[article.id]))
                self._forget(made[article.id])
            for article, holder in changes.again:
                self._catalog.add_address(article, holder)
            self._copies.write(placement)
            if changes.fresh:
                self._catalog.set_fact(INDEX_FACT, self._vectors.collection)
        self.sweep()
        self._compact()

    def _retire(self, passage_ids: Iterable[str]) -> None:
        """Record the vectors of passages that were removed as strays."""
        self._catalog.add_strays(self._stored_in(), passage_ids)

    def _wanted(self, article: Article) -> list[Passage]:
        """Return the passages of a stored article that it is to have."""
        return unsaid(article, self._chunk(article), self._copies.earlier(article))

    def _copied(self, uris: Sequence[str]) -> Iterator[Copy]:
        """Yield those of the stored articles with some URIs that are not the first of copies."""
        ids = {article_id(uri): uri for uri in uris}
        for i in self._copies.copied(ids):
            original = self._copies.cluster(i)[0].uri
            if original != ids[i]:
                yield Copy(ids[i], original)

    def _left(self, changes: Changes) -> Iterator[Copy]:
        """Yield the copies that stay of stored articles that are about to be withdrawn."""
        for order in changes.withdrawn:
            for copy in self._copies.cluster(order.id):
                if copy.id not in changes.gone:
                    yield Copy(copy.uri, order.uri)

    def _stored_in(self) -> str:
        """Return the name of the index that the catalog's passages belong to."""
        return self._catalog.fact(INDEX_FACT) or self._vectors.collection

    def _log(self, vectors: int) -> None:
        logged = int(self._catalog.fact(_LOG_FACT) or 0)
        self._catalog.set_fact(_LOG_FACT, str(logged + vectors))

    def _compact(self) -> None:
        """Compact the vectors if their log is long."""
        if int(self._catalog.fact(_LOG_FACT) or 0) > _LONGEST_LOG:
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
