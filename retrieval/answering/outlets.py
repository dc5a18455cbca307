"""Lists the other outlets that carry what is quoted, and shows copies of one text as one source."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from corpus.article import Article
from corpus.cleaning import host_of
from retrieval.answers import Answer, Carrier, Citation
from retrieval.archive.addresses import Address
from retrieval.archive.catalog import Catalog
from retrieval.archive.copies import Copies
from retrieval.archive.likeness import words_of
from retrieval.text.citation_markers import MARKER

_MARKS = re.compile(r"(?:\[\d+\])+")
"""The marks of one sentence."""

Clusters = Mapping[str, Sequence[Article]]
"""Copies of each other, the original first, by the ids of those that have any."""

Places = Mapping[str, Sequence[Address]]
"""The other places where whole texts were found, by the ids of their articles."""


def with_outlets(answer: Answer, catalog: Catalog, as_of: date | None = None) -> Answer:
    """Return an answer whose citations list the other outlets with the same text.

    Those are copies of the cited article that have the quoted words, whatever their typography,
    and places where its whole text was found again. With `as_of`, only what was published by then.
    A sentence that is cited from several copies of one text is cited from the one that is quoted.
    """
    clusters, places = _elsewhere(answer.citations, catalog)
    if not (clusters or places):
        return answer
    answer, twins = _as_one(answer, clusters)
    cited = _with_carriers(answer.citations, clusters, places, as_of, twins)
    return replace(answer, citations=cited)


def carried(
    citations: Sequence[Citation], catalog: Catalog, as_of: date | None = None
) -> tuple[Citation, ...]:
    """Return citations that list the other outlets with the same text, as `with_outlets` does."""
    return _with_carriers(citations, *_elsewhere(citations, catalog), as_of, {})


def _elsewhere(citations: Iterable[Citation], catalog: Catalog) -> tuple[Clusters, Places]:
    """Return the copies of cited articles, and where else their whole texts were found."""
    ids = {citation.article_id for citation in citations}
    clusters = {i: Copies(catalog).cluster(i) for i in Copies(catalog).copied(ids)}
    return clusters, catalog.addresses.of(ids)


def _with_carriers(
    citations: Iterable[Citation],
    clusters: Clusters,
    places: Places,
    as_of: date | None,
    twins: Mapping[int, Collection[str]],
) -> tuple[Citation, ...]:

    def may_be_named(holder: Article | Address) -> bool:
        if _is_held(holder):
            return False
        return not as_of or bool(holder.published and holder.published <= as_of)

    def also(citation: Citation) -> tuple[Carrier, ...]:
        i = citation.article_id
        copies = [copy for copy in clusters.get(i, ()) if copy.id != i]
        carrying = _carrying(citation.quote, copies, twins.get(citation.number, ()))
        return _carriers(citation, filter(may_be_named, [*places.get(i, ()), *carrying]))

    return tuple(replace(citation, also=also(citation)) for citation in citations)


def outlets_of(text: Sequence[Article], catalog: Catalog) -> tuple[str, ...]:
    """Return the names of all outlets that carry one text, whenever they published it.

    One without a name is called by its site or the text's title there, if that is another.

    Args:
        text: articles with the text, the original first.
        catalog: the archive, which may have more of them.
    """
    known = {article.id: article for article in text}
    for i in Copies(catalog).copied(known):
        known |= {copy.id: copy for copy in Copies(catalog).cluster(i)}
    places = [place for some in catalog.addresses.of(known).values() for place in some]
    holders: list[Article | Address] = [*known.values(), *places]
    free = [holder for holder in holders if not _is_held(holder)]
    first = text[0].title
    names = (outlet_of(one) or (one.title if one.title != first else "") for one in free)
    return tuple(dict.fromkeys(filter(None, names)))


def _is_held(holder: Article | Address) -> bool:
    """Return whether an article is under an embargo."""
    return isinstance(holder, Article) and holder.is_held(time.time())


def _as_one(answer: Answer, clusters: Clusters) -> tuple[Answer, dict[int, set[str]]]:
    """Return an answer in which no sentence is cited from two copies of one text.

    With it come the ids of the articles whose marks were taken out, by the number that stayed.
    """
    cited = {citation.number: citation.article_id for citation in answer.citations}
    stays = {
        run: _first_of_each(list(map(int, MARKER.findall(run))), cited, clusters)
        for run in dict.fromkeys(_MARKS.findall(answer.text))
    }
    kept = dict.fromkeys(number for marks in stays.values() for number in marks.values())
    if kept.keys() >= cited.keys():
        return answer, {}
    new = {number: place for place, number in enumerate(kept, 1)}
    twins: dict[int, set[str]] = {}
    for marks in stays.values():
        for number, instead in marks.items():
            if number != instead:
                twins.setdefault(new[instead], set()).add(cited[number])

    def renumbered(text: str) -> str:
        return _MARKS.sub(
            lambda run: "".join(f"[{new[n]}]" for n in dict.fromkeys(stays[run[0]].values())), text
        )

    by_number = {citation.number: citation for citation in answer.citations}
    citations = (replace(by_number[n], number=new[n]) for n in kept if n in by_number)
    shown = replace(answer, text=renumbered(answer.text), citations=tuple(citations))
    if answer.answer_span:
        start, end = (len(renumbered(answer.text[:at])) for at in answer.answer_span)
        shown = replace(shown, answer_span=(start, end))
    return shown, twins


def _first_of_each(
    numbers: Sequence[int], cited: Mapping[int, str], clusters: Clusters
) -> dict[int, int]:
    """Return the number that stands for each of a sentence's: the first of a copy of its article.

    That is the one whose words the sentence has.
    """
    first: dict[int, int] = {}
    for number in numbers:
        article = cited.get(number, "")
        copies = {copy.id for copy in clusters.get(article, ())}
        instead = next((n for n in numbers if cited.get(n) in copies), number)
        first[number] = number if cited.get(instead) == article else instead
    return first


def _carrying(quote: str, copies: Iterable[Article], twins: Collection[str]) -> Iterator[Article]:
    """Yield the copies that have the words of a quotation side by side, or are its twins."""
    wanted = f" {' '.join(words_of(quote)).lower()} "
    for article in copies:
        if article.id in twins or wanted in f" {' '.join(words_of(article.body)).lower()} ":
            yield article


def _carriers(citation: Citation, holders: Iterable[Article | Address]) -> tuple[Carrier, ...]:
    """Return the outlets that hold a quotation, each once and without the citation's own."""
    own = outlet_of(citation)
    found: dict[str, Carrier] = {}
    for holder in holders:
        outlet = outlet_of(holder) or (holder.title if holder.title != citation.title else "")
        if not outlet or outlet != own:
            carrier = Carrier(outlet, holder.published, holder.url, holder.uri)
            found.setdefault(outlet or holder.uri, carrier)
    return tuple(found.values())


def outlet_of(holder: Article | Address | Citation) -> str:
    """Return an outlet's name, or that of its site, or "" where neither is known."""
    return holder.source or host_of(holder.url) or host_of(holder.uri)
