"""Article -> passages: whole sentences, packed to a bounded size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from corpus.article import Article
from retrieval.archive.passages import Passage, titled
from retrieval.text.sentences import Sentence, split_sentences

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a text is: tiktoken tokens, and the encoder's word pieces."""

    tokens: int
    pieces: int

    def __add__(self, other: Size) -> Size:
        return Size(self.tokens + other.tokens, self.pieces + other.pieces)

    def within(self, limits: Size) -> bool:
        """Return whether a text is within both limits."""
        return self.tokens <= limits.tokens and self.pieces <= limits.pieces


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a piece of one too long to fit: what is never cut further."""

    start: int
    end: int
    size: Size


Measure = Callable[[int, int], Size]


@dataclass(frozen=True, slots=True)
class Chunking:
    """How an article is cut. Changing any of it calls for a new index (see `name`).

    `tokens` bounds a passage's own text (o200k_base tokens); `pieces` bounds what the encoder
    reads, title included (its word pieces, two of them special); `overlap` sentences at the
    end of a passage begin the next one, so that no answer falls between two.
    """

    tokens: int = 200
    pieces: int = 256
    overlap: int = 1

    @property
    def name(self) -> str:
        """What these numbers are called in the name of an index."""
        return f"s{self.tokens}-{self.pieces}-{self.overlap}"


def chunk(
    article: Article, chunking: Chunking, count_tokens: Count, count_pieces: Count
) -> list[Passage]:
    """Cut an article into passages of whole sentences, in reading order.

    Every passage satisfies `body[start:end] == text`, is at most `chunking.tokens` long and,
    with its title before it, at most `chunking.pieces` word pieces. Every sentence is in at
    least one passage. A sentence too long for a passage by itself is cut at white space or,
    where it has none, anywhere.
    """
    limits = Size(chunking.tokens, chunking.pieces - count_pieces(titled(article.title, "")))

    def size(start: int, end: int) -> Size:
        text = article.body[start:end]
        return Size(count_tokens(text), count_pieces(text))

    units = [
        unit
        for sentence in split_sentences(article.body)
        for unit in _halved(article.body, sentence.start, sentence.end, size, limits)
    ]
    spans = _pack(units, size, limits, chunking.overlap)
    return [
        Passage(
            id=_passage_id(article, chunking, ordinal),
            article_id=article.id,
            ordinal=ordinal,
            start=start,
            end=end,
            text=article.body[start:end],
        )
        for ordinal, (start, end) in enumerate(spans)
    ]


def sentences_within(sentences: Iterable[Sentence], passage: Passage) -> list[Sentence]:
    """Return the sentences of a body that lie whole within one of its passages."""
    return [s for s in sentences if passage.start <= s.start and s.end <= passage.end]


def _passage_id(article: Article, chunking: Chunking, ordinal: int) -> str:
    """Made from the article's version, so that an edited article shares no passage with itself."""
    key = f"{article.id}:{article.fingerprint}:{chunking.name}:{ordinal}"
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _halved(body: str, start: int, end: int, measure: Measure, limits: Size) -> Iterator[Unit]:
    """Yield a sentence as it is, or in halves until each fits (a single character always does)."""
    if start >= end:
        return
    size = measure(start, end)
    if size.within(limits) or end - start == 1:
        yield Unit(start, end, size)
        return
    middle = (start + end) // 2
    space = body.rfind(" ", start + (end - start) // 4, middle)
    cut = space if space > start else middle
    yield from _halved(body, start, cut, measure, limits)
    yield from _halved(body, cut, end, measure, limits)


def _pack(
    units: list[Unit], measure: Measure, limits: Size, overlap: int
) -> Iterator[tuple[int, int]]:
    """Greedy: as many units as fit, then again from `overlap` units before the end.

    Sizes of units add up to a little more than the size of their run, which saves counting
    every run; the run that is kept is counted.
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
