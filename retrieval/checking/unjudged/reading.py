"""Sentences and passages as the support gate reads them, and the windows of a passage."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from corpus.article import Article
from retrieval.archive.passages import Match, titled
from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact, find_facts, years_of
from retrieval.checking.implied import implied
from retrieval.checking.names import Name, common, find_names, has_name, keys
from retrieval.checking.unjudged.alignment import Words, read_words
from retrieval.checking.unjudged.negation import Polarity, negated
from retrieval.embeddings.encoder import TokenVectors
from retrieval.onnx_model import Floats
from retrieval.text.sentences import Kind, sentences_within
from retrieval.text.words import always_capitalized

LONGEST = 3
"""Sentences of a window at most."""

TITLE = 0.9
"""What an echo in the title counts, beside 1 in the window itself."""

_LEAD = 600
"""Code points of an article in which its first sentence is looked for."""

_HELD = 0.3
_EXTRA = 0.04
_GAIN = 0.25
_SMALL = re.compile(r"\b[a-z][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its words, its figures, its names and what it negates."""

    text: str
    words: Words
    facts: list[Fact]
    names: list[Name]
    polarity: Polarity


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence of a passage: its place, its words, what it can be said to name, its figures."""

    start: int
    end: int
    words: range
    keys: frozenset[str]
    facts: list[Fact]
    names: list[Name]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A passage: its title, then itself; all places are in `read.text`.

    `shift` turns a place into one in the article's body. `heading` is the title's words, `keys`
    what title and passage name, `years` those that its dates may be in. `always` and `small` are
    words seen with a capital within a sentence and never without, and without one.
    """

    match: Match
    read: Text
    sentences: list[Stretch]
    shift: int
    heading: range
    heading_keys: frozenset[str]
    keys: frozenset[str]
    outlet_keys: frozenset[str]
    years: frozenset[int]
    days: tuple[Fact, ...]
    always: frozenset[str]
    small: frozenset[str]


@dataclass(frozen=True, slots=True)
class Window:
    """One to three sentences of a passage in a row; `promise` tells which to look at first."""

    source: SourceText
    sentences: list[Stretch]
    promise: float

    @property
    def start(self) -> int:
        """Where it begins in the text as read."""
        return self.sentences[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.sentences[-1].end

    @property
    def text(self) -> str:
        """What it says, verbatim."""
        return self.source.read.text[self.start : self.end]

    def holds(self, other: Window) -> bool:
        """Return whether another window is a part of this one."""
        same = self.source.match.passage.id == other.source.match.passage.id
        return same and self.start <= other.start and other.end <= self.end

    @property
    def before(self) -> list[Stretch]:
        """The two sentences before it, the nearest first."""
        return [s for s in self.source.sentences if s.end <= self.start][:-3:-1]

    @property
    def words(self) -> range:
        """The words from its first to its last."""
        return range(self.sentences[0].words.start, self.sentences[-1].words.stop)

    @property
    def keys(self) -> frozenset[str]:
        """What it can be said to name."""
        return frozenset().union(*(s.keys for s in self.sentences))

    @property
    def facts(self) -> list[Fact]:
        """Its figures, and the dates that its weekdays stand for."""
        return [fact for s in self.sentences for fact in s.facts]

    @property
    def names(self) -> list[Name]:
        """Its names."""
        return [name for s in self.sentences for name in s.names]


def read_text(text: str, tokens: TokenVectors, is_common: Callable[[str], bool]) -> Text:
    """Read a text; `is_common` tells of a first word whether it is no name."""
    words = read_words(text, tokens)
    facts = find_facts(text)
    taken = [(f.start, f.end) for f in facts]
    names = [
        name
        for name in find_names(text, is_common)
        if not any(s <= name.start < e for s, e in taken)
    ]
    return Text(text, words, facts, names, negated(text, words.spans))


def read_source(match: Match, tokens: TokenVectors) -> SourceText:
    """Read a passage with its title; `tokens` are those of `titled(title, passage)`."""
    article, passage = match.article, match.passage
    text = titled(article.title, passage.text)
    title_end = len(text) - len(passage.text)
    shift = passage.start - title_end
    always = frozenset(always_capitalized([passage.text]))
    small = frozenset(_SMALL.findall(text))
    read = read_text(text, tokens, common(always, small))
    facts = read.facts + implied(text, article.published)
    spans = [
        (s.start - shift, s.end - shift)
        for s in sentences_within(article.body, passage.start, passage.end)
        if s.kind is not Kind.HEADING
    ]
    return SourceText(
        match,
        read,
        [
            Stretch(
                start,
                end,
                read.words.within(start, end),
                keys(text[start:end]),
                [f for f in facts if start <= f.start < end],
                [n for n in read.names if start <= n.start < end],
            )
            for start, end in spans
        ],
        shift,
        read.words.within(0, title_end),
        keys(text[:title_end]),
        keys(text),
        keys(article.source),
        years_of(read.facts, article.published),
        _days_of(article),
        always,
        small,
    )


def _days_of(article: Article) -> tuple[Fact, ...]:
    """Return the days that an article is about: of its publication, and in its first sentence."""
    day = article.published
    published = [Fact("date", 0, 0, day=(day.year, day.month, day.day))] if day else []
    told = (s for s in sentences_within(article.body, 0, _LEAD) if s.kind is not Kind.HEADING)
    text = next((article.body[s.start : s.end] for s in told), "")
    stated = [*find_facts(text), *implied(text, day)]
    return (*published, *(fact for fact in stated if fact.kind == "date"))


def claimed(claim: Text) -> list[Fact]:
    """Return the figures of a sentence that its source must have ("one" is left out: often a
    pronoun).
    """
    return [f for f in claim.facts if claim.text[f.start : f.end].lower() != "one"]


def windows(claim: Text, source: SourceText, cosines: Floats) -> list[Window]:
    """Return the windows of a passage, the most promising first, by echo and by figures and names.

    `cosines` compares every word of the claim with every word of the passage. Each sentence of a
    window must add something to the others besides names and figures: one that only lends those
    is how a wrong one would slip in.
    """
    content = np.flatnonzero(claim.words.content)
    if not len(content):
        content = np.arange(len(claim.words.forms))
    if not len(content) or not source.sentences:
        return []
    cosines = cosines[content]
    best = np.stack([_best(cosines, s.words) for s in source.sentences], axis=1)
    heading = TITLE * _best(cosines, source.heading)
    held = np.asarray(
        [
            [any(supports(g, f, source.years) for g in s.facts) for s in source.sentences]
            for f in claimed(claim)
        ]
        + [
            [has_name(n, s.keys) for s in source.sentences]
            for n in claim.names
            if not has_name(n, source.heading_keys)
        ],
        dtype=bool,
    ).reshape(-1, len(source.sentences))
    places = [(f.start, f.end) for f in claim.facts] + [(n.start, n.end) for n in claim.names]
    named = {i for place in places for i in claim.words.within(*place)}
    plain = best[[int(i) not in named for i in content]]
    found = []
    for first in range(len(source.sentences)):
        for last in range(first, min(first + LONGEST, len(source.sentences))):
            run = slice(first, last + 1)
            if last > first and _least_gain(plain[:, run]) < _GAIN:
                continue
            echoed = float(np.maximum(best[:, run].max(axis=1), heading).mean())
            share = float(held[:, run].any(axis=1).mean()) if len(held) else 1.0
            promise = echoed + _HELD * share - _EXTRA * (last - first)
            found.append(Window(source, source.sentences[run], promise))
    return sorted(found, key=lambda window: -window.promise)


def _least_gain(best: Floats) -> float:
    """Return how many words the least useful sentence adds; `best` is (words, sentences)."""
    if not len(best):
        return 0.0
    columns = list(best.T)
    gains = []
    for at, own in enumerate(columns):
        others = [other for number, other in enumerate(columns) if number != at]
        gains.append(float(np.maximum(own - reduce(np.maximum, others), 0).sum()))
    return min(gains)


def _best(cosines: Floats, words: range) -> Floats:
    if not len(words):
        return np.zeros(len(cosines), dtype=np.float32)
    found: Floats = cosines[:, words.start : words.stop].max(axis=1)
    return found
