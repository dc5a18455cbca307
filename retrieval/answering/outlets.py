"""Lists the other outlets that carry a quoted sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

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
    places = {
        i: [_carrier(place) for place in found] for i, found in catalog.addresses(ids).items()
    }
    if not (copies or places):
        return answer

    def also(citation: Citation) -> tuple[Carrier, ...]:
        i = citation.article_id
        found = _carriers(citation, copies.get(i, []), places.get(i, []))
        return tuple(carrier for carrier in found if _is_by(carrier, as_of))

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


def _carriers(
    citation: Citation, copies: list[Article], places: list[Carrier]
) -> tuple[Carrier, ...]:
    """Return the outlets with a quotation, each once and without the citation's own."""
    found: dict[str, Carrier] = {}
    for carrier in (*places, *_with_quote(citation.quote, copies)):
        if carrier.outlet != (citation.source or citation.title):
            found.setdefault(carrier.outlet, carrier)
    return tuple(found.values())


def _with_quote(quote: str, copies: list[Article]) -> Iterator[Carrier]:
    """Yield the copies that have the words of a quotation side by side."""
    wanted = f" {' '.join(words_of(quote)).lower()} "
    for article in copies:
        if wanted in f" {' '.join(words_of(article.body)).lower()} ":
            yield _carrier(article)


def _carrier(article: Article | Address) -> Carrier:
    return Carrier(article.source or article.title, article.published, article.url, article.uri)


def _is_by(carrier: Carrier, day: date | None) -> bool:
    return day is None or (carrier.published is not None and carrier.published <= day)
