"""Tells whether two articles are copies of one text, by the sentences that they have in common.

An agency's text runs in many papers: as it came, shortened, under another title, corrected, with a
word changed here and there, or with paragraphs of the paper's own. Such articles have most of the
shorter one's sentences in common. Reports of another match, quarter or earthquake that follow one
pattern have not: where their sentences are alike, the names and figures in them differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import STOP_WORDS

ALIKE = 80.0
"""The least `rapidfuzz.fuzz.ratio` (0 to 100) of two sentences with the same names and figures
that are one sentence, edited. Fitted, as the next two are, on `tests/quality/copies/dev.yaml`."""

MOST = 0.53
"""The least share of the shorter article, in words, that a copy has in common with the other: of
all its sentences, and of those with a name or a figure."""

LEAST_OF_THE_LONGER = 0.15
"""The least share of the longer article: of less the shorter is one item of a round-up."""

MOST_SENTENCES = 1_000
"""The most sentences that are compared of an article, the first; the others are nobody else's."""

_WORD = re.compile(r"[$€£¥]|(?<!\w)[-+](?=\d)|[^\W_]+(?:['.,][^\W_]+)*")
_AGENCY = r" ?\([^()]{2,30}\)"
_DATELINE = re.compile(
    rf"\A(?:[A-Z][A-Z.'/ -]+(?:, [\w. ]{{1,30}})?(?:{_AGENCY})?"
    rf"|[A-Z][\w.'/ -]{{1,40}}(?:, [\w. ]{{1,30}})?{_AGENCY}) ?[—–-]+ (?=\S)"
)
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "−": "-", "%": " percent ", "\u00ad": None, "\u200b": None}
)
_PER_CENT = re.compile(r"\bper cent\b", re.I)
_FIGURE = re.compile(r"[\d$€£¥+-]")
_UNITS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
_NEGATIONS = frozenset("no not never none nor neither without cannot deny denied denies".split())


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as it is compared, `body[start:end]` of its article.

    It has its words in lower case, their number, and its names, figures and "not"s.
    """

    words: str
    marks: frozenset[str]
    length: int
    start: int
    end: int

    @property
    def is_telling(self) -> bool:
        """Return whether it has a name or a figure: a pattern's sentences often have none."""
        return not self.marks <= _NEGATIONS


@dataclass(frozen=True)
class Statements:
    """The sentences of one article, as they are compared; its headings are left out."""

    body: str

    @cached_property
    def all(self) -> tuple[Statement, ...]:
        """Return them in order."""
        spans = [s for s in split_sentences(self.body) if s.kind is not Kind.HEADING]
        del spans[MOST_SENTENCES:]
        found = [words_of(self.body[span.start : span.end]) for span in spans]
        common = {word for words in found for word in words if word.islower()} | STOP_WORDS
        return tuple(
            Statement(
                " ".join(words).lower(), _marks(words, common), len(words), span.start, span.end
            )
            for span, words in zip(spans, found, strict=True)
            if words
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the words of each, to look one up."""
        return frozenset(statement.words for statement in self.all)

    @cached_property
    def length(self) -> int:
        """Return the number of words in all of them."""
        return _length(self.all)

    @cached_property
    def by_marks(self) -> dict[frozenset[str], list[str]]:
        """Return the words of the sentences with the same names and figures."""
        found: dict[frozenset[str], list[str]] = {}
        for statement in self.all:
            found.setdefault(statement.marks, []).append(statement.words)
        return found

    def has(self, statement: Statement) -> bool:
        """Return whether one of them is a statement, word for word or edited."""
        return statement.words in self.words or any(
            fuzz.ratio(statement.words, words, score_cutoff=ALIKE)
            for words in self.by_marks.get(statement.marks, ())
        )


statements = lru_cache(maxsize=256)(Statements)
"""Returns the sentences of a body; those read last are kept."""


def words_of(sentence: str) -> list[str]:
    """Return the words of a sentence without its typography and a dateline before it.

    A currency's sign is one, and so is the sign of a number.
    """
    return _WORD.findall(_DATELINE.sub("", plain(sentence)))


def plain(text: str) -> str:
    """Return a text with one form of quotes, ligatures, spaces and "percent"."""
    return _PER_CENT.sub("percent", unicodedata.normalize("NFKC", text).translate(_PLAIN))


def are_copies(one: Statements, other: Statements) -> bool:
    """Return whether two articles are copies of one text."""
    shorter, longer = sorted((one, other), key=lambda statements: statements.length)
    shared = [statement for statement in shorter.all if longer.has(statement)]
    telling = [statement for statement in shorter.all if statement.is_telling]
    told = [statement for statement in shared if statement.is_telling]
    enough = max(1.0, MOST * shorter.length, LEAST_OF_THE_LONGER * longer.length)
    return _length(shared) >= enough and _length(told) >= MOST * _length(telling)


def _length(statements: Iterable[Statement]) -> int:
    return sum(statement.length for statement in statements)


def _marks(words: list[str], common: set[str] | frozenset[str]) -> frozenset[str]:
    """Return the names, figures and negations among the words of a sentence."""
    return frozenset(
        _UNITS.get(lower, lower)
        for word in words
        if (lower := word.lower()) in _UNITS
        or lower in _NEGATIONS
        or lower.endswith("n't")
        or _FIGURE.search(word)
        or (word[0].isupper() and lower not in common)
    )
