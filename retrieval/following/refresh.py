"""Fetches what is due, and stores the articles that came of it. Safe to kill at any point.

1. Of a followed address that is due, one transaction stores what it names and when it is due again.
2. The articles that are due are fetched, a few at a time, and stored as an ingest stores them.
3. One transaction stores what came of them.

A process killed between two steps leaves articles due that were fetched already, and the next
refresh fetches them again, which changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from corpus.web.fetching import Fetcher
from retrieval.archive.catalog import Catalog
from retrieval.archive.index import Indexer
from retrieval.archive.sorting import IngestReport
from retrieval.archive.twins import at_address
from retrieval.following.hosts import by_host
from retrieval.following.outcomes import Outcome, obtain
from retrieval.following.records import Named
from retrieval.following.schedule import EVERY
from retrieval.following.sources import Sources
from retrieval.following.watching import Fault, Watcher

REMOVED = "it was removed from the archive by hand"
_AT_ONCE = 64
_OF_A_HOST = 16
_TRIED = 3
"""Articles of a host that fail in a row before the others are left for the next refresh."""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did: how many addresses it fetched, and the URIs of articles."""

    fetched: int = 0
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Refresher:
    """Follows addresses. Only one may work at a time: hold the refresh lock (`bot.wiring`).

    Args:
        sources: what is followed.
        catalog: the archive, for reading.
        fetcher: what fetches.
        indexer: opens the archive for writing.
        clock: tells the time, in seconds since 1970.
        every: seconds from one fetch of a followed address to the next.
    """

    sources: Sources
    catalog: Catalog
    fetcher: Fetcher
    indexer: Callable[[], AbstractContextManager[Indexer]]
    clock: Callable[[], float]
    every: float = EVERY

    @property
    def watcher(self) -> Watcher:
        """What fetches the followed addresses themselves."""
        return Watcher(self.sources, self.fetcher, self.clock, self.every)

    def run(
        self,
        followed: Collection[str] = (),
        *,
        soon: float = 0.0,
        progress: Callable[[], None] = lambda: None,
    ) -> RefreshReport:
        """Fetch what is due, and store the articles that came.

        Args:
            followed: only these addresses, and what they named, if any are given.
            soon: seconds; a followed address that is due in them counts as due.
            progress: is called once for each article.
        """
        self.sources.welcome_back(REMOVED, self.clock())
        fetched, faults = self.watcher.fetch(followed, self.clock() + soon)
        report = RefreshReport(fetched, faults=faults)
        silent: set[str] = set()
        until = self.clock()  # nothing that is fetched now is due again by then
        while due := self.sources.due(until, _OF_A_HOST, followed, silent)[:_AT_ONCE]:
            outcomes = self._obtain(due, silent)
            self._store(outcomes, report)
            for _ in outcomes:
                progress()
        return report

    def _obtain(self, due: Sequence[Named], silent: set[str]) -> list[Outcome]:
        """Fetch articles. A host that does not answer is added to those that are silent."""
        known = self.catalog.known(named.uri for named in due)
        away = self.sources.kept_away([named.entry.address for named in due])

        def obtain_each(group: Sequence[Named]) -> list[Outcome]:
            outcomes: list[Outcome] = []
            for named in group:
                if named.entry.address in away:
                    outcomes.append(_left_out(named))
                    continue
                is_lost = named.uri and named.uri not in known
                if is_lost and not named.excerpt:  # somebody took it out
                    outcomes.append(Outcome(replace(named, due=None)))
                    continue
                outcomes.append(obtain(self.fetcher, named, self.clock()))
                last = outcomes[-_TRIED:]
                if len(last) == _TRIED and all(o.is_silence for o in last):
                    silent.add(named.host)
                    break
            return outcomes

        found = by_host(due, lambda named: named.host, obtain_each, self.fetcher.close)
        # Its address may have led to that of an article that somebody took out.
        away = self.sources.kept_away([o.article.url for o in found if o.article])
        return [self._sifted(outcome, away) for outcome in found]

    def _sifted(self, outcome: Outcome, away: Collection[str]) -> Outcome:
        """Return an outcome without its article, where a person took that out, or its text."""
        if outcome.article and outcome.article.url in away:
            return _left_out(outcome.named)
        if outcome.article and self.sources.is_kept_away(outcome.article):
            # There may be something else at its address later.
            return _left_out(outcome.named, due=outcome.named.due)
        return outcome

    def _store(self, outcomes: Sequence[Outcome], report: RefreshReport) -> None:
        """Store the articles, then what came of them, and how many are new of each address."""
        articles = [outcome.article for outcome in outcomes if outcome.article]
        done = IngestReport()
        if articles:
            with self.indexer() as indexer:
                done = indexer.ingest(articles)
        report.added.extend(done.added)
        report.updated.extend(done.updated)
        added, refused = set(done.added), {rejected.uri for rejected in done.rejected}
        settled: list[Named] = []
        new: Counter[str] = Counter()
        seen: set[str] = set()
        for outcome in outcomes:
            named = outcome.named
            if outcome.article:
                uri = at_address(self.catalog, outcome.article) or named.uri
                # What a feed says may be refused, and its page be read later.
                is_out = outcome.article.uri in refused - added and not named.excerpt
                named = replace(named, uri=uri, due=None if is_out or uri in seen else named.due)
                if uri in added and uri not in seen:
                    new[named.followed] += 1
                    report.excerpts.extend([uri] if named.excerpt else [])
                seen.add(uri)
            report.gone.extend([named.uri] if named.gone else [])
            settled.append(named)
        self.sources.settle(settled, new)


def _left_out(named: Named, due: float | None = None) -> Outcome:
    """Return that nothing is to be stored, as a person took the article out."""
    return Outcome(replace(named, uri="", excerpt=False, due=due, error=REMOVED))
