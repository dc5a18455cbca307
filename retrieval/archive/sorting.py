"""Sorts what an ingest reads: what to store, what to drop, and what to report of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from corpus.article import Article, Item, Rejection, Withdrawal
from retrieval.archive.catalog import Catalog
from retrieval.archive.texts import Text, Texts, file_is_gone, text_digest
from retrieval.archive.twins import Twins, left_by


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An article that is not stored, and the URI of the one that is kept with its text."""

    uri: str
    kept: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that is stored, and the URI of the original among its copies."""

    uri: str
    original: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The result of an ingest: the URIs of articles added, updated and so on.

    Those of `ambiguous_date` are among them: they are stored without a date. So are those of
    `duplicates`: they are unchanged, or removed where they were stored. A renamed file's article
    is updated. `withdrawn` are those that their agency took back, and `copies_left` the copies of
    them that stay. Those of `withdrawn_before` were taken back earlier and came again: they are
    unchanged. `copies` are those of the added and updated that are copies of others.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    ambiguous_date: list[str] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    withdrawn_before: list[str] = field(default_factory=list)
    copies_left: list[Copy] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)

    @property
    def anything_read(self) -> bool:
        """Return whether at least one article could be read."""
        return bool(self.added or self.updated or self.unchanged or self.removed or self.withdrawn)


@dataclass(frozen=True, slots=True)
class Changes:
    """Articles to store, ids of articles to remove, and agencies' withdrawals to obey.

    `again` are articles whose text another has, with the id of that. `heirs` are the ids of
    articles dropped because they were renamed, with the ids that they have now.
    """

    fresh: list[Article] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    withdrawn: list[Withdrawal] = field(default_factory=list)
    again: list[tuple[Article, str]] = field(default_factory=list)
    heirs: dict[str, str] = field(default_factory=dict)

    @property
    def gone(self) -> list[str]:
        """Return the ids of all that is removed."""
        return [*self.dropped, *(order.id for order in self.withdrawn)]

    def without(self, article_id: str) -> Changes:
        """Return them without an article that was to be stored."""
        return replace(self, fresh=[article for article in self.fresh if article.id != article_id])


def storable(item: Item) -> Item:
    """Return an item, or a rejection of an article with characters that no database keeps.

    What is read from files and the web is cleaned of them; a program may give any.
    """
    if not isinstance(item, Article):
        return item
    text = "\n".join((item.uri, item.title, item.body, item.source, item.url))
    try:
        is_text = b"\0" not in text.encode()
    except UnicodeEncodeError:
        is_text = False
    if is_text:
        return item
    uri = item.uri.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
    return Rejection(uri, "it has a NUL or half of a character, which no text has")


class Sorter:
    """Sorts what an ingest reads: what to store, what to drop, and what to report of it.

    A text that another article holds is not stored again. Where that one's file is gone, it was
    renamed: its article is dropped. Where that one was not read yet, it may still turn out to
    say something else, so the text waits for the end.

    An address of the web has one page, whatever form of it is given. A file of that address is
    kept beside it where they differ. What only a feed says of an article gives way to both.

    An agency's item is known by its own identity alone. It is stored beside others with its text,
    so that its embargo, its withdrawal or its next version is no other article's.

    Each batch begins with what is stored then: other writers may have stored more since the last.

    Args:
        catalog: the archive.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.report = IngestReport()
        self.waiting: list[Article] = []
        self._left: list[Article] = []
        self._catalog = catalog
        self._seen: set[str] = set()
        self._told: set[str] = set()
        self._settled: set[str] = set()
        self.begin(())

    def begin(self, items: Sequence[Item]) -> None:
        """Begin a batch: read what is stored of its items. What was taken last is stored now."""
        self._found = Changes()
        self._twins = Twins(self._catalog)
        self._known: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._withdrawn: dict[str, int] = {}
        self._looked_up: set[str] = set()
        self._noted: list[tuple[set[str], str]] = []
        self._lengths = [(some, len(some)) for some in self._lists]
        self._look_up([item.id for item in items if not isinstance(item, Rejection)])
        texts = [item for item in items if isinstance(item, Article) and not _is_item(item)]
        found = self._catalog.texts_like(text_digest(article.body) for article in texts)
        waiting = {article.id for article in self.waiting} - self._settled
        self._texts = Texts({i: text for i, text in found.items() if i not in waiting})

    def undo(self) -> None:
        """Forget the batch: it could not be stored, and is to be sorted again."""
        for ids, article_id in self._noted:
            ids.discard(article_id)
        for some, length in self._lengths:
            del some[length:]

    def take(self) -> Changes:
        """Return what is to be done for the batch."""
        return self._found

    @property
    def _lists(self) -> list[list[Any]]:
        """All that grows with each batch."""
        return [
            *(getattr(self.report, f.name) for f in fields(self.report)),
            self.waiting,
            self._left,
        ]

    def _look_up(self, ids: Iterable[str]) -> None:
        new = [i for i in ids if i not in self._looked_up]
        self._looked_up.update(new)
        self._known |= self._catalog.fingerprints_of(new)
        self._versions |= self._catalog.agency_versions(new)
        self._withdrawn |= self._catalog.withdrawals(new)

    def _note(self, ids: set[str], article_id: str) -> None:
        """Add an id to those of the whole ingest."""
        if article_id not in ids:
            ids.add(article_id)
            self._noted.append((ids, article_id))

    def sort(self, item: Item) -> None:
        """Sort an item that was read."""
        if isinstance(item, Rejection):
            self.report.rejected.append(item)
        elif isinstance(item, Withdrawal):
            self._withdraw(item)
        else:
            self._sort(item if _is_item(item) else self._twins.as_stored(item))

    def _holder(self, article: Article) -> str | None:
        """Return the id of another article that has this one's text."""
        if _is_item(article):
            return None
        return self._texts.holder(Text.of(article))

    def _sort(self, item: Article) -> None:
        self._look_up([item.id])
        if item.version <= self._withdrawn.get(item.id, -1):
            self.report.unchanged.append(item.uri)
            self.report.withdrawn_before.append(item.uri)
        elif item.version < self._versions.get(item.id, 0):
            self.report.unchanged.append(item.uri)
        elif self._is_again(item):
            self.report.rejected.append(Rejection(item.uri, "given twice; the first was kept"))
        elif item.excerpt and (uri := self._twins.better_than(item)):
            self._pass_over(item, uri)
        else:
            self._note(self._seen, item.id)
            if self._known.get(item.id, item.fingerprint) != item.fingerprint:
                self._left.extend(left_by(self._catalog, item, item.id))
            self._texts.drop(item.id)  # it may say something else now
            holder = self._holder(item)
            excerpt = self._twins.excerpt_of(item)
            if excerpt and holder in (None, excerpt):
                self._rename(item, excerpt)
            elif holder is None or holder in self._seen:
                self._place(item, holder)
            elif file_is_gone(self._texts.uri(holder)):
                self._rename(item, holder)
            else:
                self.waiting.append(item)

    def _is_again(self, item: Article) -> bool:
        """Return whether an item was given before in the same run, and as good."""
        is_newer = item.version > self._versions.get(item.id, 0)
        return item.id in self._seen and not (is_newer or self._twins.may_be_bettered(item))

    def _pass_over(self, excerpt: Article, uri: str) -> None:
        """Leave out what a feed says of an article of which something better is stored."""
        if uri == excerpt.uri:
            self.report.unchanged.append(uri)
        else:
            reason = f"a feed's word only, and the text in {uri} is of that address"
            self.report.rejected.append(Rejection(excerpt.uri, reason))

    def _withdraw(self, order: Withdrawal) -> None:
        """Drop an article and its older versions; later ones may still come."""
        known = self._versions.get(order.id, 0)
        is_past = order.version and order.version < known
        order = replace(order, version=max(order.version, known))
        if is_past or order.version <= self._withdrawn.get(order.id, -1):
            self.report.unchanged.append(order.uri)
            return
        self._withdrawn[order.id] = order.version
        self._found = self._found.without(order.id)
        self._found.withdrawn.append(order)
        self._texts.drop(order.id)
        self._twins.drop(order.id)
        self._known.pop(order.id, None)
        self.report.withdrawn.append(order.uri)

    def left(self, is_gone: Callable[[str], bool]) -> list[Article]:
        """Return texts that their article says no more, at other places that were not read."""
        left = {a.id: a for a in self._left if a.id not in self._seen and not is_gone(a.uri)}
        return [*left.values()]

    def settle(self, article: Article, is_gone: Callable[[str], bool]) -> None:
        """Sort an article that waited, now that all items were read; some were withdrawn since."""
        self._note(self._settled, article.id)
        if article.version <= self._withdrawn.get(article.id, -1):
            return
        holder = self._holder(article)
        if holder and holder not in self._seen and is_gone(self._texts.uri(holder)):
            self._rename(article, holder)
        else:
            self._place(article, holder)

    def _rename(self, article: Article, old: str) -> None:
        self._texts.drop(old)
        self._twins.drop(old)
        self._found = self._found.without(old)
        self._found.dropped.append(old)
        if left := left_by(self._catalog, article, old):
            self._left.extend(left)
        else:
            self._found.heirs[old] = article.id
        self._keep(article, self.report.updated)

    def _place(self, article: Article, holder: str | None) -> None:
        """Keep an article, unless there is a holder of its text."""
        is_known = article.id in self._known
        if holder:
            self.report.duplicates.append(Duplicate(article.uri, self._texts.uri(holder)))
            self._found.again.append((article, holder))
            if is_known:
                self._found.dropped.append(article.id)
                self._twins.drop(article.id)
            (self.report.removed if is_known else self.report.unchanged).append(article.uri)
        else:
            self._keep(article, self.report.updated if is_known else self.report.added)

    def _keep(self, article: Article, outcome: list[str]) -> None:
        if not _is_item(article):
            self._texts.put(article.id, Text.of(article))
        self._twins.put(article)
        is_same_version = article.version == self._versions.get(article.id, 0)
        if is_same_version and self._known.get(article.id) == article.fingerprint:
            outcome = self.report.unchanged
        else:
            self._found = self._found.without(article.id)
            self._found.fresh.append(article)
        if article.version:
            self._versions[article.id] = article.version
        if article.id in self._told:  # a newer version of it came in the same run
            return
        self._note(self._told, article.id)
        outcome.append(article.uri)
        if article.ambiguous_date:
            self.report.ambiguous_date.append(article.uri)


def _is_item(article: Article) -> bool:
    """Return whether an article is an item of an agency, which counts versions or has it wait."""
    return bool(article.version or article.embargo)
