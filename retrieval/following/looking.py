"""Fetches a followed address and tells which articles it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from corpus.article import Article, Item, Rejection
from corpus.entries import MOST_ENTRIES, Entry, Listing
from corpus.errors import NotAnArticle, NotFetched, no_other_errors
from corpus.listings import is_page, listing_of, read_links
from corpus.sitemaps import LARGEST, read_sitemap, unpacked
from corpus.web.addresses import without_password
from corpus.web.fetching import Fetched, Fetcher
from retrieval.following.articles import read_fetched
from retrieval.following.outcomes import obtain
from retrieval.following.records import Followed, Named

_MOST_SITEMAPS = 20
_DEEPEST = 2
"""Indexes of sitemaps within one another; the protocol allows one."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a followed address has now, without its bytes; no listing if it is as it was."""

    fetched: Fetched
    listing: Listing | None


@no_other_errors()
def look(fetcher: Fetcher, followed: Followed) -> Look:
    """Fetch a followed address, and the sitemaps of an index.

    Raises:
        NotFetched: it cannot be had.
        NotAnArticle: it is nothing that names articles.
    """
    fetched = fetcher.fetch(
        followed.address, etag=followed.etag, modified=followed.modified, limit=LARGEST
    )
    if fetched.unchanged:
        return Look(fetched, None)
    listing = listing_of(fetched)
    if listing is None and is_page(fetched):
        listing = read_links(fetched)
        if followed.kind not in ("", "page"):
            where = f"; it announces {listing.others[0]}" if listing.others else ""
            raise NotAnArticle(f"a page instead of the {followed.kind}{where}")
    if listing is None:
        raise NotAnArticle("no feed, no sitemap and no page")
    if listing.kind == "sitemap" and listing.others:
        # That the index is as it was would not say so of its sitemaps.
        fetched = replace(fetched, etag="", modified="")
        last = followed.last and datetime.fromtimestamp(followed.last, UTC) - timedelta(days=1)
        entries = _below(fetcher, listing, last.date() if last else None)
        once = {entry.address: entry for entry in islice(entries, MOST_ENTRIES)}
        listing = replace(listing, entries=tuple(once.values()))
    return Look(replace(fetched, data=b""), listing)


def read_address(fetcher: Fetcher, address: str, now: float) -> Iterator[Item]:
    """Yield the article of a page or document, or those that a feed or sitemap names.

    Never raises for what a site does: what cannot be had is a Rejection.
    """
    try:
        with no_other_errors():
            fetched = fetcher.fetch(address, limit=LARGEST)
            found = listing_of(fetched) or read_fetched(fetched, Entry(address))
    except (NotFetched, NotAnArticle) as error:
        yield Rejection(without_password(address), str(error))
        return
    if isinstance(found, Article):
        yield found
        return
    entries = [*found.entries, *_below(fetcher, found, None)][:MOST_ENTRIES]
    for entry in entries:
        named = Named(key="", followed=address, host="", entry=entry, digest="", found=now)
        outcome = obtain(fetcher, named, now)
        yield outcome.article or Rejection(without_password(entry.address), outcome.named.error)
    if not entries:
        yield Rejection(address, f"this {found.kind} names no articles")


def _below(fetcher: Fetcher, index: Listing, since: date | None) -> Iterator[Entry]:
    """Yield the articles of an index's sitemaps, those that changed last first."""
    waiting = [(1, address) for address in index.others]
    for _ in range(_MOST_SITEMAPS):
        if not waiting:
            return
        depth, address = waiting.pop(0)
        try:
            fetched = fetcher.fetch(address, limit=LARGEST)
            found = read_sitemap(unpacked(fetched.data), since)
        except (NotFetched, NotAnArticle):
            continue
        yield from found.entries
        if depth < _DEEPEST:
            waiting += [(depth + 1, other) for other in found.others]
