"""A list, whole: what leads it in and its items, or the sentences that enumerate."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.answering.citing import cite, without_marks
from retrieval.answering.context import needs_context
from retrieval.answering.evidence import Evidence
from retrieval.answering.extractive import Composed
from retrieval.text.lines import ITEM
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence, sentences_within

_NEAR = 0.7
"""How much as probable as the best a sentence has to be for its list to be the one asked for."""

_LOOKED_AT = 3
"""So many of the best sentences may be of the list."""

_LONGEST_ITEM = 40
"""Words of an item of a list that a lead-in announces."""

_AROUND = 3_000
"""Code points of an article that are looked at before a sentence for the list that it is in, and
half of those after it."""

Block = tuple[list[Sentence], list[Sentence]]
"""What leads a list in, and its items, in reading order."""


def listed(evidence: Sequence[Evidence]) -> Composed | None:
    """Return the list that the best evidence is part of, or None if it is part of none.

    `evidence` comes best first and is not empty.
    """
    near = [e for e in evidence if e.probability >= _NEAR * evidence[0].probability]
    for candidate in near[:_LOOKED_AT]:
        body, start = candidate.article.body, candidate.sentence.start
        sentences = sentences_within(body, max(0, start - _AROUND), start + 2 * _AROUND)
        at = [s.start for s in sentences].index(start)
        if block := _itemised(body, sentences, at):
            return _as_items(candidate, *block)
    return None


def _itemised(body: str, sentences: Sequence[Sentence], at: int) -> Block | None:
    """Return the list that a sentence leads in, follows the lead-in of, or is an item of."""
    for lead in (at, at + 1, *range(at - 1, -1, -1)):
        if lead >= len(sentences):
            continue
        if _text(body, sentences[lead]).endswith(":"):
            items = _items_after(body, sentences, lead)
            if len(items) > 1 and at <= lead + len(items):
                return _led_in(body, sentences, lead), items
            return None
        if lead < at and not _own_line(body, sentences, lead + 1):
            return None
    return None


def _items_after(body: str, sentences: Sequence[Sentence], lead: int) -> list[Sentence]:
    """Return the items after a lead-in: short lines that end alike, in no full stop but the last.

    Where an item ends in one, where the list ends cannot be told, nor where an item is an order.
    """
    items: list[Sentence] = []
    goes_on = ""
    for at in range(lead + 1, len(sentences)):
        text = _text(body, sentences[at])
        if not _own_line(body, sentences, at) or len(text.split()) > _LONGEST_ITEM:
            break
        ends = text.removesuffix(" and").removesuffix(" or")[-1:]
        ends = ends if ends in ";,.!?:" else " "
        if gives_orders(text) or (not goes_on and ends in ".!?:"):
            return []
        items.append(sentences[at])
        if goes_on and ends != goes_on:
            last = goes_on in ";," or (ends == "." and text[:1].islower())
            return items if last else items[:-1]
        goes_on = ends
    return items


def _own_line(body: str, sentences: Sequence[Sentence], at: int) -> bool:
    """Return whether a sentence is a line of its own."""
    before = sentences[at - 1].end if at else 0
    after = sentences[at + 1].start if at + 1 < len(sentences) else len(body) + 1
    alone = "\n" in body[sentences[at].end : after] or after > len(body)
    return alone and (at == 0 or "\n" in body[before : sentences[at].start])


def _led_in(body: str, sentences: Sequence[Sentence], lead: int) -> list[Sentence]:
    """Return a lead-in, after the sentence that it leans on."""
    leans = lead and needs_context(_text(body, sentences[lead]).rstrip(":"))
    before = leans and sentences[lead - 1].kind is Kind.SENTENCE
    return list(sentences[lead - 1 if before else lead : lead + 1])


def _as_items(candidate: Evidence, lead: Sequence[Sentence], items: Sequence[Sentence]) -> Composed:
    """Return a list as lines; one citation has it all."""
    article = candidate.article
    lead_in, *told = (
        without_marks(text)
        for text in (
            " ".join(_text(article.body, s) for s in lead),
            *(_text(article.body, s) for s in items),
        )
    )
    lines = [lead_in] * bool(lead) + [ITEM + text for text in told]
    first, last = [*lead, *items][0], items[-1]
    citation = cite(1, article, candidate.passage, first.start, last.end)
    return Composed("\n".join(lines) + " [1]", (citation,))


def _text(body: str, sentence: Sentence) -> str:
    return body[sentence.start : sentence.end]
