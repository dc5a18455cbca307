"""Measure what is read from PDFs of known contents: `python -m scripts.measure_pdfs [--misses]`.

Of each sample of `tests/corpus/formats/samples.py`, it prints the share of the sentences of its
text that come out whole and in their order, and whether title and date are right.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date

from corpus.article import Article
from corpus.formats.pdf import read_pdf
from retrieval.text.sentences import split_sentences
from tests.corpus.formats.samples import SAMPLES, Sample


@dataclass(frozen=True)
class Measured:
    """A sample as it was read; `missed` are the sentences that did not come out whole."""

    sentences: int
    in_order: int
    missed: tuple[str, ...]
    has_title: bool
    has_date: bool
    pages: int
    body: str

    @property
    def share(self) -> float:
        """The share of sentences that are whole and in order."""
        return self.in_order / self.sentences


def main(arguments: list[str]) -> int:
    """Print the figures of all samples, and of them together."""
    found = {sample.name: measure(sample) for sample in SAMPLES}
    for name, one in found.items():
        title, day = ("right" if right else "wrong" for right in (one.has_title, one.has_date))
        print(f"{name:42} {one.pages} pages, {one.sentences:3} sentences, {one.share:.3f} whole "
              f"and in order, title {title}, date {day}")  # fmt: skip
        if "--misses" in arguments:
            for sentence in one.missed:
                print(f"    {sentence}")
    total = sum(one.sentences for one in found.values())
    print(f"together {sum(one.in_order for one in found.values()) / total:.4f} of {total}")
    return 0


def measure(sample: Sample) -> Measured:
    """Read a sample and compare it with its text."""
    (article,) = read_pdf("/sample.pdf", "sample", sample.pdf())
    assert isinstance(article, Article)
    text = "\n\n".join(sample.paragraphs)
    sentences = [text[s.start : s.end] for s in split_sentences(text)]
    places = [article.body.find(sentence) for sentence in sentences]
    return Measured(
        len(sentences),
        _longest_rise([place for place in places if place >= 0]),
        tuple(s for s, place in zip(sentences, places, strict=True) if place < 0),
        article.title == sample.title,
        article.published == date(2020, 10, 27),
        len(article.pages),
        article.body,
    )


def _longest_rise(numbers: list[int]) -> int:
    """Return the length of the longest rising subsequence."""
    tails: list[int] = []
    for number in numbers:
        place = bisect_left(tails, number)
        tails[place : place + 1] = [number]
    return len(tails)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
