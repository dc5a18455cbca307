"""Fetches followed addresses, and notes which articles they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from corpus.entries import Listing
from corpus.errors import NotAnArticle, NotFetched
from corpus.web.addresses import canonical, same_site, typed
from corpus.web.fetching import Fetcher
from retrieval.errors import CannotFollow
from retrieval.following.hosts import by_host
from retrieval.following.looking import Look, look
from retrieval.following.records import Followed, host_key
from retrieval.following.schedule import after_failures
from retrieval.following.sources import Sources


@dataclass(frozen=True, slots=True)
class Fault:
    """A followed address that could not be fetched, and why."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Watcher:
    """What fetches followed addresses.

    Args:
        sources: what is followed.
        fetcher: what fetches.
        clock: tells the time, in seconds since 1970.
        every: seconds from one fetch of a followed address to the next.
    """

    sources: Sources
    fetcher: Fetcher
    clock: Callable[[], float]
    every: float

    def follow(self, address: str) -> list[Followed]:
        """Begin to follow what lies at an address, or the feeds that a page there announces.

        What it names is noted, and not fetched yet.

        Raises:
            CannotFollow: nothing there names articles.
        """
        given = typed(address)
        known = self.sources.find(given)
        asked = known or Followed(canonical(given), "")
        try:
            found = look(self.fetcher, replace(asked, etag="", modified=""))
            page = found.listing if found.listing and found.listing.kind == "page" else None
            if page and (feeds := self._feeds(page, found.fetched.address)):
                return [self._note(followed, seen) for followed, seen in feeds]
            if page and not page.entries:
                raise NotAnArticle("it announces no feed and links to no articles")
        except (NotFetched, NotAnArticle) as error:
            raise CannotFollow(f"{given} cannot be followed: {error}.") from error
        return [self._note(asked, found)]

    def _feeds(self, page: Listing, at: str) -> list[tuple[Followed, Look]]:
        """Return the feeds that a page announces, and what they have; not those that fail.

        One that another site's address leads to is that of where it lies: a page could otherwise
        have its own feed speak for a site that has such an address.
        """
        feeds = []
        for address in page.others:
            followed = self.sources.find(address) or Followed(address, "feed")
            try:
                found = look(self.fetcher, replace(followed, etag="", modified=""))
            except (NotFetched, NotAnArticle):
                continue
            lies_at = found.fetched.address
            if not same_site(address, at) and not same_site(address, lies_at):
                followed = self.sources.find(lies_at) or Followed(canonical(lies_at), "feed")
            if found.listing and found.listing.kind == "feed":
                feeds.append((followed, found))
        return feeds

    def fetch(self, chosen: Collection[str], until: float) -> tuple[int, list[Fault]]:
        """Fetch the followed addresses that are due by a time, and note what they name.

        Only some, if any are chosen. Returns how many were fetched, and which could not be.
        """
        due = [
            followed
            for followed in self.sources.followed()
            if followed.due <= until and (not chosen or followed.address in chosen)
        ]
        faults = []
        found = by_host(due, lambda f: host_key(f.address), self._look_at_each, self.fetcher.close)
        for followed, seen in found:
            if isinstance(seen, Look):
                self._note(followed, seen)
            else:
                self._fail(followed, seen)
                faults.append(Fault(followed.address, str(seen)))
        return len(due), faults

    def _look_at_each(
        self, followed: Sequence[Followed]
    ) -> list[tuple[Followed, Look | NotFetched | NotAnArticle]]:
        found: list[tuple[Followed, Look | NotFetched | NotAnArticle]] = []
        for one in followed:
            try:
                found.append((one, look(self.fetcher, one)))
            except (NotFetched, NotAnArticle) as error:
                found.append((one, error.with_traceback(None)))
        return found

    def _note(self, followed: Followed, seen: Look) -> Followed:
        """Note what a followed address has, in one transaction; return it as it is now.

        One that moved for good is followed where it is now, but not on another site: what it said
        before would then be the word of that site.
        """
        now, fetched, listing = self.clock(), seen.fetched, seen.listing
        has_moved = fetched.permanent and same_site(fetched.permanent, followed.address)
        address = canonical(fetched.permanent) if has_moved else followed.address
        noted = replace(
            followed,
            address=address,
            kind=listing.kind if listing else followed.kind,
            title=(listing and listing.title) or followed.title,
            etag=fetched.etag,
            modified=fetched.modified,
            last=now,
            due=now + self.every,
            failures=0,
            error="",
            new=0,
        )
        entries = listing.entries if listing else ()
        self.sources.note(noted, entries, now, followed.address)
        return noted

    def _fail(self, followed: Followed, fault: NotFetched | NotAnArticle) -> None:
        failures = followed.failures + 1
        asked = fault if isinstance(fault, NotFetched) else None
        due = self.clock() + after_failures(failures, asked, self.every)
        self.sources.follow(replace(followed, failures=failures, error=str(fault), due=due))
