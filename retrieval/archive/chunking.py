"""Article -> passages: whole sentences, packed to a bounded size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpus.article import Article
from retrieval.archive.passages import Passage, titled
from retrieval.text.sentences import split_sentences

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a text in tiktoken tokens and in the encoder's word pieces."""

    tokens: int
    pieces: int

    def __add__(self, other: Size) -> Size:
        return Size(self.tokens + other.tokens, self.pieces + other.pieces)

    def within(self, limits: Size) -> bool:
        """Return whether a text is within both limits."""
        return self.tokens <= limits.tokens and self.pieces <= limits.pieces


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or part of one that is too long for a passage. Units are never cut further."""

    start: int
    end: int
    size: Size


Measure = Callable[[int, int], Size]


@dataclass(frozen=True, slots=True)
class Chunking:
    """How an article is cut into passages. A change of any field needs a new index.

    A passage has at most `tokens` tokens (o200k_base) and, with its title before it, at most
    `pieces` word pieces of the encoder, two of them special. The last `overlap` sentences of a
    passage also begin the next one, so that an answer of two sentences is whole in one of them.
    """

    tokens: int = 200
    pieces: int = 256
    overlap: int = 1

    @property
    def name(self) -> str:
        """Return these numbers as they stand in an index's name, such as "s200-256-1"."""
        return f"s{self.tokens}-{self.pieces}-{self.overlap}"


def chunk(
    article: Article, chunking: Chunking, count_tokens: Count, count_pieces: Count
) -> list[Passage]:
    """Cut an article into passages of whole sentences, in reading order.

    Every passage satisfies `body[start:end] == text` and the limits of `chunking`. Every
    sentence is in at least one passage. A sentence too long for a passage is cut at a space,
    or anywhere if it has none.
    """
    limits = Size(chunking.tokens, chunking.pieces - count_pieces(titled(article.title, "")))

    def size(start: int, end: int) -> Size:
        text = article.body[start:end]
        return Size(count_tokens(text), count_pieces(text))

    units = [
        unit
        for sentence in split_sentences(article.body)
        for unit in _split_to_fit(article.body, sentence.start, sentence.end, size, limits)
    ]
    spans = _pack(units, size, limits, chunking.overlap)
    article_id = article.id
    # It depends on the article's version: an edited article shares no passage with an earlier one.
    version = f"{article_id}:{article.fingerprint}:{chunking.name}"
    return [
        Passage(
            id=hashlib.sha256(f"{version}:{ordinal}".encode()).hexdigest()[:24],
            article_id=article_id,
            ordinal=ordinal,
            start=start,
            end=end,
            text=article.body[start:end],
        )
        for ordinal, (start, end) in enumerate(spans)
    ]


def _split_to_fit(
    body: str, start: int, end: int, measure: Measure, limits: Size
) -> Iterator[Unit]:
    """Yield a sentence whole if it fits, else its halves, until each fits or is one character."""
    if start >= end:
        return
    size = measure(start, end)
    if size.within(limits) or end - start == 1:
        yield Unit(start, end, size)
        return
    middle = (start + end) // 2
    space = body.rfind(" ", start + (end - start) // 4, middle)
    cut = space if space > start else middle
    yield from _split_to_fit(body, start, cut, measure, limits)
    yield from _split_to_fit(body, cut, end, measure, limits)


def _pack(
    units: list[Unit], measure: Measure, limits: Size, overlap: int
) -> Iterator[tuple[int, int]]:
    """Yield passages as (start, end): greedily as many units as fit, each run `overlap` units
    into the one before.

    The sizes of units add up to about the size of their run, so only the run that is kept has
    to be measured.
    """

    def fits(first: int, last: int) -> bool:
        return measure(units[first].start, units[last].end).within(limits)

    first = 0
    while first < len(units):
        last, total = first, units[first].size
        while last + 1 < len(units):
            total = total + units[last + 1].size
            if not total.within(limits):
                break
            last += 1
        while last > first and not fits(first, last):
            last -= 1
        yield units[first].start, units[last].end
        if last + 1 == len(units):
            return
        # Step back for the overlap, but not so far that the next passage would end here too.
        following = max(first + 1, last + 1 - overlap)
        while following <= last and not fits(following, last + 1):
            following += 1
        first = following
