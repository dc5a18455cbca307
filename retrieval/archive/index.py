"""The write path: add, remove and re-index articles. Safe to kill at any point.

`retrieval.archive.storing` has the steps, and `retrieval.archive.turns` how several writers go
about it. A process killed between two steps leaves strays, vectors without a passage. No search
sees them, and the next run deletes them. When a whole index is replaced, its vectors are recorded
as strays in the same way.

Where copies of an article are stored (`retrieval.archive.copies`), it has passages only for what
the copies before it do not say: each sentence is searched in the article that had it first. An
archive that was made before copies were looked for has its articles placed, a batch at a time,
by the next ingests, each as many as take half a minute, or at once by a rebuild.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from corpus.article import Article, Item, article_id
from retrieval.archive.batches import batched
from retrieval.archive.catalog import Catalog
from retrieval.archive.chunking import Chunking
from retrieval.archive.sorting import Changes, Copy, IngestReport, Sorter, storable
from retrieval.archive.storing import AT_ONCE, INDEX_FACT, Storer
from retrieval.archive.texts import file_is_gone
from retrieval.archive.twins import elsewhere
from retrieval.errors import ArticleNotFound, IndexMismatch

_BATCH = 64
"""Articles per commit: the most that a killed process loses."""

_PLACED_AT_ONCE = 10_000
"""Articles stored before copies were looked for that one ingest places: they take half a minute."""

_MOST_BUSY = 640
"""Items that other writers are at, and that are kept for later, before these are waited for."""

I = TypeVar("I", bound=Item)  # noqa: E741


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
    """Writes to the archive, beside others where database and vectors are on servers.

    Of one that keeps files in its home only one may run at a time (`bot.wiring`).

    Args:
        storer: stores what is to be written, in a collection named by `index_name`.
    """

    def __init__(self, storer: Storer) -> None:
        self._storer = storer
        self._catalog = storer.catalog
        self._vectors = storer.vectors
        self._copies = storer.copies
        self._turns = storer.turns

    def is_stale(self) -> bool:
        """Return whether the index was built with other settings than the present ones."""
        return self._storer.is_stale()

    def sweep(self) -> None:
        """Delete vectors without a passage; see `Storer.sweep`."""
        self._storer.sweep()

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
        with self._turns.beside():
            return self._ingest(items, progress, is_gone)

    def _ingest(
        self,
        items: Iterable[Item],
        progress: Callable[[Item], None],
        is_gone: Callable[[str], bool],
    ) -> IngestReport:
        if self._storer.is_stale():
            with self._turns.alone():
                if self._storer.is_stale():  # another may have come first
                    self._rebuild(_ignore, keep=True)
        self._storer.sweep()
        self._mend()
        self._place_stored(_PLACED_AT_ONCE)
        sorter = Sorter(self._catalog)
        busy: list[Item] = []
        for batch in batched(map(storable, items), _BATCH):
            busy += self._take_in(sorter, batch, sorter.sort, progress)
            if len(busy) > _MOST_BUSY:
                self._take_in(sorter, busy, sorter.sort, progress, wait=True)
                busy.clear()
        for batch in batched(busy, _BATCH):
            self._take_in(sorter, batch, sorter.sort, progress, wait=True)
        for late in batched([*sorter.waiting, *sorter.left(is_gone)], _BATCH):
            self._take_in(sorter, late, lambda a: sorter.settle(a, is_gone), wait=True)
        sorter.report.copies.extend(self._copied([*sorter.report.added, *sorter.report.updated]))
        return sorter.report

    def _take_in(
        self,
        sorter: Sorter,
        batch: Sequence[I],
        sort: Callable[[I], None],
        progress: Callable[[I], None] = _ignore,
        *,
        wait: bool = False,
    ) -> list[I]:
        """Sort and store the items of a batch, but return those that other writers are at.

        With `wait` their end is waited for. Where the database is lost meanwhile, all is done
        again once it is back.
        """

        def work() -> list[I]:
            with self._turns.at(batch, wait=wait) as ours:
                sorter.begin(ours)
                try:
                    for item in ours:
                        sort(item)
                    changes = sorter.take()
                    sorter.report.copies_left.extend(self._left(changes))
                    self._storer.store(changes)
                except BaseException:
                    sorter.undo()
                    raise
            return ours

        ours = self._turns.lasting(work)
        for item in ours:
            progress(item)
        done = set(map(id, ours))
        return [item for item in batch if id(item) not in done]

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        """Remove articles from the archive and return their URIs.

        Raises:
            ArticleNotFound: an id is unknown. Nothing was removed.
        """
        uris = {i: article.uri for i, article in self._catalog.articles(article_ids).items()}
        unknown = [article_id for article_id in article_ids if article_id not in uris]
        if unknown:
            raise ArticleNotFound(
                f"No article has the id {unknown[0]}: `newsdesk sources` lists them."
            )
        with self._turns.beside():
            for batch in batched(article_ids, _BATCH):
                with self._turns.at([*self._catalog.articles(batch).values()], wait=True):
                    self._storer.store(Changes(dropped=batch))
        return [uris[article_id] for article_id in article_ids]

    def prune(self, lost: Callable[[dict[str, str]], list[str]]) -> tuple[list[str], list[str]]:
        """Remove the articles whose file is gone.

        A text that has another place stays there. Returns the URIs of those that were removed, and
        the new ones of those that stay. `lost` returns which of some ids are lost, given the URI
        of each.
        """
        known = {uri: uri for uri in self._catalog.addresses.uris()}
        with self._catalog.transaction():
            self._catalog.addresses.forget(lost(known))
        uris = self._catalog.uris()
        removed: list[str] = []
        moved: list[str] = []
        for batch in batched(lost(uris), _BATCH):
            stored = self._catalog.articles(batch).values()
            others = {
                article.id: places[0]
                for article in stored
                if (places := elsewhere(self._catalog, article))
            }
            heirs = {old: other.id for old, other in others.items()}
            with (
                self._turns.beside(),
                self._turns.at([*stored, *others.values()], wait=True),
            ):
                self._storer.store(Changes(fresh=[*others.values()], dropped=batch, heirs=heirs))
            removed += [uris[article_id] for article_id in batch if article_id not in others]
            moved += [other.uri for other in others.values()]
        return removed, moved

    def rebuild(self, progress: Callable[[Article], None] = _ignore, *, keep: bool = True) -> int:
        """Chunk and embed every stored article again with the present settings. Return how many.

        Searches use the old index until the new one is complete: one transaction replaces the
        passages of the whole archive. Vectors that an interrupted rebuild wrote are reused;
        with `keep=False` every vector is computed again. Others that write are waited for.
        """
        with self._turns.alone():
            return self._rebuild(progress, keep=keep)

    def _rebuild(self, progress: Callable[[Article], None], *, keep: bool) -> int:
        self._place_stored()
        for batch in batched(self._catalog.every_article(), _BATCH):
            pairs = [(article, p) for article in batch for p in self._storer.wanted(article)]
            ids = [passage.id for _, passage in pairs]
            missing = set(self._vectors.missing(ids) if keep else ids)
            self._storer.embed([pair for pair in pairs if pair[1].id in missing])
            for article in batch:
                progress(article)
        count = 0
        with self._catalog.transaction():
            old = self._storer.stored_in()
            for article in self._catalog.every_article():
                # Cut anew: the passages of a whole archive may be more than memory holds.
                made = self._storer.wanted(article)
                self._storer.retire(self._catalog.replace_article(article, made), old)
                self._storer.forget(made)
                count += 1
            self._catalog.facts.set(INDEX_FACT, self._vectors.collection)
        self._storer.sweep()
        self._storer.compact()
        return count

    def _mend(self) -> None:
        """Embed the passages whose vectors are gone, as when Chroma's folder was deleted."""
        passages = self._catalog.count_passages()  # first: each has its vector before it is there
        if self._vectors.count() >= passages:
            return
        for ids in batched(self._catalog.passage_ids(), AT_ONCE):
            lost = self._catalog.passages(self._vectors.missing(ids), held=True)
            articles = self._catalog.articles(passage.article_id for passage in lost.values())
            self._storer.embed([(articles[p.article_id], p) for p in lost.values()])
        self._storer.sweep()
        self._storer.compact()

    def _place_stored(self, limit: int | None = None) -> None:
        """Find the copies of stored articles that came before copies were looked for."""
        for batch in batched(self._copies.unplaced(limit), _BATCH):
            self._storer.store(Changes(), batch)

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


def require_current(catalog: Catalog, collection: str) -> None:
    """Refuse to search an archive that was indexed with other settings.

    Raises:
        IndexMismatch: the settings in force name another collection.
    """
    stored = catalog.facts.get(INDEX_FACT)
    if stored is not None and stored != collection:
        raise IndexMismatch(
            f"The archive was indexed as {stored}, and the settings now call for {collection}. "
            "Run `newsdesk ingest` to index it anew, or put the settings back."
        )
