"""Lists the other outlets that carry a quoted sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from corpus.article import Article
from retrieval.answers import Answer, Carrier, Citation
from retrieval.archive.catalog import Address, Catalog
from retrieval.archive.copies import Copies
from retrieval.archive.likeness import words_of


def with_outlets(answer: Answer, catalog: Catalog, as_of: date | None = None) -> Answer:
    """Return an answer whose citations list the other outlets with the same text.

    Those are copies of the cited article that have the quoted words, whatever their typography,
    and places where its whole text was found again. With `as_of`, only what was published by then.
    """
    ids = {citation.article_id for citation in answer.citations}
    copies = {i: _others(i, catalog) for i in Copies(catalog).copied(ids)}
    places = catalog.addresses(ids)
    if not (copies or places):
        return answer

    def also(citation: Citation) -> tuple[Carrier, ...]:
        i = citation.article_id
        holders = [*places.get(i, ()), *_with_quote(citation.quote, copies.get(i, ()))]
        if as_of:
            holders = [h for h in holders if h.published and h.published <= as_of]
        return _carriers(citation, holders)

    cited = (replace(citation, also=also(citation)) for citation in answer.citations)
    return replace(answer, citations=tuple(cited))


def _others(article_id: str, catalog: Catalog) -> list[Article]:
    """Return the copies of an article that may be named now, the original first."""
    now = datetime.now(UTC)
    return [
        article
        for article in Copies(catalog).cluster(article_id)
        if article.id != article_id and not (article.embargo and article.embargo > now)
    ]


def _with_quote(quote: str, copies: Iterable[Article]) -> Iterator[Article]:
    """Yield the copies that have the words of a quotation side by side."""
    wanted = f" {' '.join(words_of(quote)).lower()} "
    for article in copies:
        if wanted in f" {' '.join(words_of(article.body)).lower()} ":
            yield article


def _carriers(citation: Citation, holders: Iterable[Article | Address]) -> tuple[Carrier, ...]:
    """Return the outlets that hold a quotation, each once and without the citation's own."""
    own = _outlet(citation)
    found: dict[str, Carrier] = {}
    for holder in holders:
        outlet = _outlet(holder) or (holder.title if holder.title != citation.title else "")
        if not outlet or outlet != own:
            carrier = Carrier(outlet, holder.published, holder.url, holder.uri)
            found.setdefault(outlet or holder.uri, carrier)
    return tuple(found.values())


def _outlet(holder: Article | Address | Citation) -> str:
    """Return an outlet's name, or that of its site, where known."""
    hosts = (urlsplit(address).hostname for address in (holder.url, holder.uri))
    return holder.source or next((host.removeprefix("www.") for host in hosts if host), "")
