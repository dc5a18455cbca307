"""All that a model was given, as one: which figures, dates and names of a sentence are nowhere.

A writer joins passages, takes the year from an article's date and a name from its title. So a
figure or name may come from any of them; that it stands with what it belongs to is for others
to see. Words in quotation marks must stand there as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from retrieval.archive.passages import Match, titled
from retrieval.checking.agreement import supports
from retrieval.checking.derivation import derivation
from retrieval.checking.facts import Fact, find_facts, years_of
from retrieval.checking.implied import implied
from retrieval.checking.initials import Initial, initials_of, strange_initials
from retrieval.checking.names import (
    PARTICLES,
    Name,
    common,
    find_names,
    has_name,
    in_runs,
    is_whole,
    key,
    keys,
)
from retrieval.checking.verdicts import Source
from retrieval.text.sentences import split_sentences
from retrieval.text.words import always_capitalized, words

_COUNTED = 20
"""Whole numbers up to it may count what is listed, and need not be stated."""

_MEASURED = 10
"""So may ordinals, and numbers of days, up to it."""

_BESIDE = re.compile(rf"\s(?:[A-Z]\.\s)*{PARTICLES}")
"""What stands between a first name and a surname: "W.", "van der"."""

_RUN = re.compile(rf"(?:\s{PARTICLES}[A-Z](?:\.|[\w'’-]*))*\s{PARTICLES}")
"""What stands between two words of one name: other words with a capital at most, and those."""

_SMALL = re.compile(r"\b[a-z][\w'’-]*")
QUOTED = re.compile(
    r"(?<!\w)[\"“„«»‘'‹›](?=\S)([^\"“”„«»‘‹›]+?)(?:[\"”“»«]|(?<=[\w.,!?])[’'›‹](?!\w))"
)
"""Words in quotation marks; the group is what stands between these."""

_LEFT_OUT = re.compile(r"…|\.\.\.|\[[^\]]*\]")
"""What tells in a quotation that something was left out or put in."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure, date, name or quotation of a sentence that stands nowhere.

    `reason` is "number", "date", "name" or "quotation". `derived` says how it may follow from
    what does stand there; without it and unless `open`, nothing can bear the sentence out.
    """

    reason: str
    word: str
    derived: str = ""
    open: bool = False

    @property
    def origin(self) -> str:
        """Return how a figure may come about: "15 = 12 + 3", "half: 23 of 46", "six: counted".

        Empty for a name, and for a figure that follows from nothing. A small one that others come
        to may be a count all the same.
        """
        terms, equals, _ = self.derived.rpartition(" = ")
        how = f" = {terms}" if equals else f": {self.derived}" if self.derived else ""
        if self.open and self.reason != "name":
            how = f"{how}, or counted" if how else ": counted"
        return f"{self.word}{how}" if how else ""


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage as it is kept: its facts, and the words by which it names something."""

    facts: tuple[Fact, ...]
    rows: tuple[Sequence[Fact], ...]
    keys: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    initials: frozenset[Initial]
    always: frozenset[str]
    small: frozenset[str]
    said: str


@dataclass(frozen=True, slots=True)
class Given:
    """The figures, dates and names of some sources and of the question.

    `rows` are the facts of a sentence each, in order; `said` are the words of the sources.
    """

    facts: tuple[Fact, ...]
    rows: tuple[Sequence[Fact], ...]
    years: frozenset[int]
    keys: frozenset[str]
    asked: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    initials: frozenset[Initial]
    is_common: Callable[[str], bool]
    said: tuple[str, ...]

    def missing(self, text: str) -> list[Missing]:
        """Return what a sentence states or names that is nowhere, in its order."""
        facts = find_facts(text)
        found = [m for fact in facts if (m := self._missing_fact(fact, text))]
        taken = [(f.start, f.end) for f in facts]
        names = [
            name
            for name in find_names(text, self.is_common)
            if not any(start <= name.start < end for start, end in taken)
        ]
        return found + self._missing_names(names, text) + self._misquoted(text)

    def _missing_fact(self, fact: Fact, text: str) -> Missing | None:
        word = text[fact.start : fact.end]
        if word.lower() == "one" or any(supports(k, fact, self.years) for k in self.facts):
            return None
        rows = (*self.rows, [own for own in find_facts(text) if own != fact])
        derived = derivation(fact, self.facts, text, self.years, rows)
        most = _COUNTED if fact.kind == "number" and not fact.unit else _MEASURED
        counts = fact.kind in ("number", "ordinal") and fact.value <= most
        whole = fact.value == int(fact.value) and fact.unit not in ("percent", "usd", "eur", "gbp")
        return Missing(fact.reason, word, derived, open=counts and whole)

    def _missing_names(self, names: Sequence[Name], text: str) -> list[Missing]:
        found = [
            Missing("name", name.word, open=self._is_open(name))
            for name in names
            if not has_name(name, self.keys)
        ]
        for one, other in pairwise(names):
            beside = _BESIDE.fullmatch(text, one.end, other.start)
            if beside and self._is_mixed(one.word, other.word):
                found.append(Missing("name", text[one.start : other.end]))
        return found + [Missing("name", one) for one in strange_initials(text, self.initials)]

    def _misquoted(self, text: str) -> list[Missing]:
        """Return the quotations that are not word for word in one of the sources."""
        return [
            Missing("quotation", quoted)
            for quoted in QUOTED.findall(text)
            for part in map(_bare, _LEFT_OUT.split(quoted))
            if not any(part in said for said in self.said)
        ]

    def _is_open(self, name: Name) -> bool:
        """Return whether the question has a name, or it may be a word that begins a sentence."""
        begins = name.start == 0 and not is_whole(name.word)
        return begins or key(name.word) in self.asked

    def _is_mixed(self, first: str, last: str) -> bool:
        """Return whether a name joins the first name of one person to the surname of another."""
        one, other = key(first), key(last)
        if (one, other) in self.pairs:
            return False
        return any(a == one for a, _ in self.pairs) and any(b == other for _, b in self.pairs)


def given(sources: Iterable[Source], question: str) -> Given:
    """Return what a model knows of a question: its passages, titles, outlets, dates, and itself."""
    sources = list(sources)
    reads = [_read(source.match) for source in sources]
    published = [s.match.article.published for s in sources]
    facts = [fact for read in reads for fact in read.facts]
    facts += [Fact("date", 0, 0, day=(day.year, day.month, day.day)) for day in published if day]
    years = frozenset[int]().union(*(years_of([], day) for day in published))
    always = frozenset[str]().union(*(read.always for read in reads))
    small = frozenset[str]().union(*(read.small for read in reads))
    return Given(
        tuple(dict.fromkeys(facts)),
        tuple(row for read in reads for row in read.rows),
        years,
        frozenset[str]().union(*(read.keys for read in reads)),
        keys(question),
        frozenset[tuple[str, str]]().union(*(read.pairs for read in reads)),
        initials_of(question).union(*(read.initials for read in reads)),
        common(always, small),
        (_bare(question), *(read.said for read in reads)),
    )


@lru_cache(maxsize=1_000)
def _read(match: Match) -> _Read:
    article = match.article
    text = titled(article.title, match.passage.text)
    facts = (*find_facts(text), *implied(text, article.published))
    always = frozenset(always_capitalized([match.passage.text]))
    small = frozenset(_SMALL.findall(text))
    runs = in_runs(text, find_names(text, common(always, small)), _RUN)
    pairs = frozenset(
        (key(one.word), key(other.word)) for run in runs for one, other in combinations(run, 2)
    )
    there = keys(text) | keys(article.source)
    said = match.passage.text
    rows = tuple(find_facts(said[s.start : s.end]) for s in split_sentences(said))
    return _Read(facts, rows, there, pairs, initials_of(text), always, small, _bare(text))


def _bare(text: str) -> str:
    """Return the words of a text alone, a space before and after each."""
    return f" {' '.join(words(text, possessive=True))} "
