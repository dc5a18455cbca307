"""What a sentence has otherwise than a quote that is about the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact, find_facts, years_of
from retrieval.checking.given import Given, Missing
from retrieval.checking.implied import implied
from retrieval.checking.names import Name, common, find_names, key, keys
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
    text: str, quote: str, known: Given, *, published: date | None = None
) -> tuple[Difference, ...]:
    """Return the figures, dates and names of a sentence that stand otherwise in a quote.

    They are those which are not in what is `known` of the matter, and of whose kind the quote has
    something else; or, where the two are the same but for a few words, what was exchanged.
    `published` is the date of the quote's article, which its weekdays go by.
    """
    missing = [m for m in known.missing(text) if not m.derived]
    found = [*_facts(text, quote, missing, published), *_names(text, quote, missing)]
    return tuple(found or _exchanged(text, quote))


def _facts(
    text: str, quote: str, missing: Sequence[Missing], published: date | None
) -> list[Difference]:
    there = find_facts(quote)
    years = years_of(there + implied(quote, published), published)
    said = find_facts(text)
    free = [g for g in there if not any(g.kind == f.kind and supports(g, f, years) for f in said)]
    words = {m.word for m in missing if m.reason != "name"}
    found = []
    for fact in said:
        rivals = [g for g in free if _comparable(fact, text, g, quote)]
        if rivals and text[fact.start : fact.end] in words:
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


def _names(text: str, quote: str, missing: Sequence[Missing]) -> list[Difference]:
    """Return the names, in runs such as "Sergei Shoigu", that the quote has others for."""
    small = frozenset(_SMALL.findall(text)) | frozenset(_SMALL.findall(quote))
    is_common = common(always_capitalized([text, quote]), small)
    words = {word for m in missing if m.reason == "name" for word in m.word.split()}
    lacking = [
        _place(text, run[0].start, run[-1].end)
        for run in _runs(text, find_names(text, is_common))
        if any(words.issuperset(name.word.split()) for name in run)
    ]
    mine = keys(text)
    rivals = [
        _place(quote, run[0].start, run[-1].end)
        for run in _runs(quote, find_names(quote, is_common))
        if not all(key(name.word) in mine for name in run)
    ]
    found = []
    for at in lacking:
        alike = [rival for rival in rivals if _alike(at, rival)]
        if alike or (rivals and len(lacking) == 1):
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
