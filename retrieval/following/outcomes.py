"""What comes of an article that a feed named: read, kept as the feed has it, or tried again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from corpus.article import Article
from corpus.cleaning import host_of
from corpus.entries import Entry
from corpus.errors import NotAnArticle, NotFetched, no_other_errors
from corpus.web.addresses import same_site
from corpus.web.fetching import Fetcher
from retrieval.archive.places import is_of_the_web, place_of
from retrieval.following.articles import read_entry, read_fetched
from retrieval.following.records import Named
from retrieval.following.schedule import DAY, MISSES, after_failures, next_check

_FOR_NOW = ("busy", "failed")
_MOST_FAILURES = 12
"""In a row, over some days; then an article is looked at as often as its age has it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be stored: what is known of the article from now on, and the article if read."""

    named: Named
    article: Article | None = None
    is_silence: bool = False
    """Whether the host did not answer as hosts do."""


def obtain(fetcher: Fetcher, named: Named, now: float) -> Outcome:
    """Fetch and read an article, if it has changed; where it cannot be had, read its entry.

    Never raises for what a site does.
    """
    known = named.uri and not named.excerpt
    try:
        with no_other_errors():  # one page must not end every refresh to come
            fetched = fetcher.fetch(
                named.entry.address,
                etag=named.etag if known else "",
                modified=named.modified if known else "",
            )
            said = _filling(named, fetched.address)
            article = None if fetched.unchanged else read_fetched(fetched, said)
    except NotFetched as fault:
        return _missed(named, fault, now) if fault.kind == "gone" else _failed(named, fault, now)
    except NotAnArticle as error:
        return _failed(named, error, now)
    sound = replace(
        named,
        etag=fetched.etag,
        modified=fetched.modified,
        due=next_check(named, now),
        failures=0,
        error="",
        misses=0,
        missed=None,
        gone=None,
    )
    if article is None:
        return Outcome(sound)
    article = _as_known(named, article)
    entry = replace(named.entry, html="")  # its page says it better
    return Outcome(replace(sound, uri=article.uri, excerpt=False, entry=entry), article)


def _as_known(named: Named, article: Article) -> Article:
    """Return an article under the URI that it has already, if its address is another now.

    Not under that of a file, nor of another article: one that its page but gives for its own, or
    that a link of another site led to before.
    """
    is_its_own = place_of(named.uri) == named.key or (
        named.uri != article.url and same_site(named.uri, article.uri)
    )
    return replace(article, uri=named.uri) if is_its_own and is_of_the_web(named.uri) else article


def _filling(named: Named, found: str) -> Entry:
    """Return what a feed may fill in of the page found at an address: of another site's, the day.

    Anybody could otherwise give another paper's article a headline, or an outlet, of their own.
    """
    if same_site(found, named.followed):
        return named.entry
    return replace(named.entry, title="", source="")


def _said(named: Named) -> Entry:
    """Return what a feed says of an article, as its host's word if that is of another site.

    Anybody could otherwise put words into another paper's mouth.
    """
    if same_site(named.entry.address, named.followed):
        return named.entry
    return replace(named.entry, source=host_of(named.followed))


def _missed(named: Named, fault: NotFetched, now: float) -> Outcome:
    """Note that there is nothing at an address; after some days it is taken for removed.

    Of an article that never was there nothing is stored, unless its own site says that it is one.
    """
    if not named.uri and same_site(named.entry.address, named.followed):
        return _failed(named, fault, now)
    if not named.uri:
        return Outcome(replace(named, error=str(fault), due=next_check(named, now)))
    if not same_site(named.uri, named.entry.address):  # a link to it is gone, and no more
        return Outcome(replace(named, error=str(fault), due=next_check(named, now)))
    misses, missed = named.misses + 1, named.missed or now
    is_gone = misses >= MISSES and now - missed >= (MISSES - 1) * DAY
    return Outcome(
        replace(
            named,
            misses=misses,
            missed=missed,
            error=str(fault),
            gone=missed if is_gone else None,
            due=None if is_gone else now + DAY,
        )
    )


def _failed(named: Named, fault: NotFetched | NotAnArticle, now: float) -> Outcome:
    """Keep what the feed says of an article whose page cannot be had, unless that was read once."""
    kind = fault.kind if isinstance(fault, NotFetched) else "unread"
    failures = named.failures + 1
    due = next_check(named, now)
    if isinstance(fault, NotFetched) and kind in _FOR_NOW and failures < _MOST_FAILURES:
        due = now + after_failures(failures, fault)
    failed = replace(named, failures=failures, error=str(fault), due=due)
    is_silence = kind in _FOR_NOW and not (isinstance(fault, NotFetched) and fault.retry_after)
    if kind == "refused":
        return Outcome(replace(failed, due=None))
    if named.uri and not named.excerpt:
        return Outcome(failed, None, is_silence)
    try:
        article = read_entry(_said(named))
    except NotAnArticle:
        return Outcome(replace(failed, due=None) if kind == "unread" else failed, None, is_silence)
    hearsay = not same_site(named.entry.address, named.followed)
    article = replace(_as_known(named, article), hearsay=hearsay)
    return Outcome(replace(failed, uri=article.uri, excerpt=True), article, is_silence)
