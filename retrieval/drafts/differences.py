"""What a sentence has otherwise than a quote that is about the same."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact, find_facts, years_of
from retrieval.checking.implied import implied
from retrieval.checking.names import Name, common, find_names, has_name, key, keys
from retrieval.drafts.findings import Difference
from retrieval.text.words import always_capitalized

_MOST = 3
"""Of what a quote has instead, so many are named."""

_SAME_WORDS = 0.7
"""How alike, word by word, two sentences are of which one is the other with something exchanged."""

_MARKS = ".,;:!?\"'“”‘’()"
_ITEM = re.compile(r"[A-Z\d]")
_SMALL = re.compile(r"\b[a-z][\w'’-]*")
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Place:
    """A name or a figure in a text, with the words before and after it."""

    start: int
    end: int
    text: str
    beside: tuple[str, str]


def differences(
    text: str, quote: str, *, title: str = "", published: date | None = None
) -> tuple[Difference, ...]:
    """Return the figures, dates and names of a sentence that stand otherwise in a quote.

    What neither the quote nor the title of its article has counts only where the quote has
    something else of its kind. `published` is the article's date, which its weekdays go by.
    """
    names = _Names(text, quote)
    found = [*_facts(text, quote, published), *names.differences(keys(title))]
    return tuple(found or names.differences(frozenset()) or _exchanged(text, quote))


def _facts(text: str, quote: str, published: date | None) -> list[Difference]:
    there = find_facts(quote)
    known = there + implied(quote, published)
    years = years_of(known, published)
    said = [f for f in find_facts(text) if text[f.start : f.end].lower() != "one"]
    free = [g for g in there if not any(g.kind == f.kind and supports(g, f, years) for f in said)]
    found = []
    for fact in said:
        if any(supports(g, fact, years) for g in known):
            continue
        rivals = [g for g in free if _comparable(fact, text, g, quote)]
        if rivals:
            places = [_place(quote, g.start, g.end) for g in rivals]
            mine = _place(text, fact.start, fact.end)
            alike = [place for place in places if _alike(mine, place)]
            found.append(Difference(fact.reason, mine.text, _texts(alike or places)))
    return found


def _comparable(one: Fact, text: str, other: Fact, quote: str) -> bool:
    """Return whether two figures are of one kind: two years, two dates, two numbers of days."""
    same = one.kind == other.kind and one.unit == other.unit
    return same and _is_year(one, text) == _is_year(other, quote)


def _is_year(fact: Fact, text: str) -> bool:
    return fact.kind == "number" and bool(re.fullmatch("[12]\\d{3}", text[fact.start : fact.end]))


class _Names:
    """The names of a sentence and of a quote, in runs such as "Sergei Shoigu"."""

    def __init__(self, text: str, quote: str) -> None:
        small = frozenset(_SMALL.findall(text)) | frozenset(_SMALL.findall(quote))
        is_common = common(always_capitalized([text, quote]), small)
        self._said = _runs(text, find_names(text, is_common))
        self._there = _runs(quote, find_names(quote, is_common))
        self._text, self._quote = text, quote

    def differences(self, lent: Set[str]) -> list[Difference]:
        """Return the names that are neither in the quote nor `lent`, where it has others."""
        known = keys(self._quote) | lent
        mine = keys(self._text)
        rivals = [
            _place(self._quote, run[0].start, run[-1].end)
            for run in self._there
            if not all(key(name.word) in mine for name in run)
        ]
        missing = [
            _place(self._text, run[0].start, run[-1].end)
            for run in self._said
            if not all(has_name(name, known) for name in run)
        ]
        found = []
        for at in missing:
            alike = [rival for rival in rivals if _alike(at, rival)]
            if alike or (rivals and len(missing) == 1):
                found.append(Difference("name", at.text, _texts(alike or rivals)))
        return found


def _runs(text: str, names: Sequence[Name]) -> list[list[Name]]:
    """Return the names in runs of those that only a space parts; none within a date."""
    dates = [(f.start, f.end) for f in find_facts(text)]
    runs: list[list[Name]] = []
    for name in names:
        if any(start <= name.start < end for start, end in dates):
            continue
        if runs and not text[runs[-1][-1].end : name.start].strip():
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _exchanged(text: str, quote: str) -> list[Difference]:
    """Return the names and figures in whose place a quote in almost the same words has others."""
    mine, theirs = text.split(), quote.split()
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < _SAME_WORDS:
        return []
    pairs = [
        (" ".join(mine[a:b]).strip(_MARKS), " ".join(theirs[c:d]).strip(_MARKS))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace"
    ]
    return [
        Difference("number" if re.search(r"\d", said) else "name", said, (stands,))
        for said, stands in pairs
        if _ITEM.search(said) and _ITEM.search(stands)
    ]


def _place(text: str, start: int, end: int) -> _Place:
    before = _WORD.findall(text[max(0, start - 60) : start])
    after = _WORD.search(text, end)
    beside = (before[-1] if before else "", after.group() if after else "")
    return _Place(start, end, text[start:end], (beside[0].lower(), beside[1].lower()))


def _alike(mine: _Place, rival: _Place) -> bool:
    """Return whether two names or figures share a word, or stand beside the same one."""
    shared = set(rival.text.lower().split()) & set(mine.text.lower().split())
    pairs = zip(mine.beside, rival.beside, strict=True)
    return bool(shared) or any(a == b != "" for a, b in pairs)


def _texts(places: Sequence[_Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.text for place in places))[:_MOST]
