"""What a sentence has otherwise than a quote that is about the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise

from corpus.dates import in_words
from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact, find_facts, years_of
from retrieval.checking.given import QUOTED, Given, Missing
from retrieval.checking.implied import implied
from retrieval.checking.names import Name, common, find_names, has_name, in_runs, key, keys
from retrieval.checking.unjudged.negation import bound
from retrieval.drafts.findings import Difference
from retrieval.text.words import always_capitalized, content_words

_MOST = 3
"""Of what a quote has instead, so many are named."""

_SAME_WORDS = 0.7
"""How alike, word by word, two sentences are of which one is the other with something exchanged."""

_NEAR = 5
"""So many words on either side of a day are what it is the day of."""

_SOON = timedelta(days=60)
"""A day without a year is at most this long after its article, or else in the year before."""

_LONGER = 3
"""By so many words at most what stands in the place of a name or figure is longer than it."""

_MARKS = ".,;:!?\"'“”‘’()"
_ITEM = re.compile(r"[A-Z\d]")
_SMALL = re.compile(r"\b[a-z][\w'’-]*")
_CLAUSE = re.compile(r"[,;:]\s")
_UNTIL = re.compile(r"\s*(?:and|to|or|[-–])\s*")
_UNIT = re.compile(r"\s?%|[\s-]+(?:per\s)?[A-Za-z]+")
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_WEEKDAY_BEFORE = re.compile(rf"\b{_WEEKDAY.pattern},?\s+\Z")
_CLAUSE_BEFORE = re.compile(r"[^.,;:()–—]{0,60}\Z")
_CLAUSE_AFTER = re.compile(r"[^.,;:()–—]{0,60}")


@dataclass(frozen=True, slots=True)
class _Place:
    """A name or a figure in a text, with the forms of words that stand before and after it."""

    text: str
    before: frozenset[str]
    after: frozenset[str]


def differences(
    text: str, quote: str, known: Sequence[Given], *, published: date | None = None
) -> tuple[Difference, ...]:
    """Return the figures, dates and names of a sentence that stand otherwise in a quote.

    They are those which are in none of the articles that are `known`, and of whose kind the quote
    has something else in their place; or, where the two are the same but for a few words, what was
    exchanged. `published` is the date of the quote's article, which its days go by.
    """
    missing = _missing(text, known)
    facts = _facts(text, quote, missing, published)
    found = [*_weekdays(text, quote), *facts, *_names(text, quote, missing)]
    found += _quotations(quote, missing)
    return tuple(dict.fromkeys(found)) or tuple(_exchanged(text, quote))


def is_about(text: str, article: Given, known: Iterable[Given]) -> bool:
    """Return whether an article names somebody or something that a sentence names, if any."""
    named = _named(text, known)
    return not named or any(has_name(name, article.keys) for name in named)


def _named(text: str, known: Iterable[Given]) -> list[Name]:
    """Return the names of a sentence; its first word is one where some article has it as one."""
    names = find_names(text, lambda word: all(one.is_common(word) for one in known))
    return [name for run in _runs(text, names) for name in run]


def _missing(text: str, known: Sequence[Given]) -> list[Missing]:
    """Return what no article has that names somebody or something that the sentence names.

    Each goes by its own year. Where the sentence names nobody that they know, all of them count.
    """
    named = _named(text, known)
    about = [one for one in known if any(has_name(name, one.keys) for name in named)]
    lacking = [
        {(m.reason, m.word): m for m in one.missing(text) if not m.derived}
        for one in about or known
    ]
    return [m for at, m in lacking[0].items() if all(at in one for one in lacking)]


def _facts(
    text: str, quote: str, missing: Sequence[Missing], published: date | None
) -> list[Difference]:
    there = find_facts(quote)
    years = years_of(there + implied(quote, published), published)
    said = find_facts(text)
    free = [g for g in there if not any(g.kind == f.kind and supports(g, f, years) for f in said)]
    words = {m.word for m in missing if m.reason not in ("name", "quotation")}
    found = []
    for fact in said:
        if text[fact.start : fact.end] not in words:
            continue
        mine = _place_of(fact, text)
        rivals = [
            g
            for g in free
            if _comparable(fact, text, g, quote)
            and not _within(fact, said, text, g)
            and _stand_alike(mine, _place_of(g, quote))
        ]
        if rivals and fact.kind == "date":
            found.append(_other_day(fact, text, rivals, quote, published))
        elif rivals:
            places = [_place_of(g, quote) for g in rivals]
            found.append(Difference(fact.reason, mine.text, _texts(places)))
    return found


def _quotations(quote: str, missing: Sequence[Missing]) -> list[Difference]:
    """Return the quotations that the quote has in other words."""
    theirs = QUOTED.findall(quote)
    found = []
    for said in (m.word for m in missing if m.reason == "quotation"):
        like = get_close_matches(said, theirs, n=1, cutoff=_SAME_WORDS)
        found += [Difference("quotation", said, tuple(like))] if like else []
    return found


def _weekdays(text: str, quote: str) -> list[Difference]:
    """Return the weekdays of days that the quote has too, and calls otherwise."""
    theirs = _weekdays_of(quote)
    return [
        Difference("date", weekday, (theirs[day],))
        for day, weekday in _weekdays_of(text).items()
        if theirs.get(day, weekday) != weekday
    ]


def _weekdays_of(text: str) -> dict[tuple[int, ...], str]:
    """Return the weekday that stands before each day of a text, by its month and day."""
    dates = (fact for fact in find_facts(text) if fact.kind == "date")
    found = ((fact.day[1:], _WEEKDAY_BEFORE.search(text[: fact.start])) for fact in dates)
    return {day: weekday.group().strip(", ") for day, weekday in found if weekday}


def _other_day(
    fact: Fact, text: str, rivals: Sequence[Fact], quote: str, published: date | None
) -> Difference:
    """Return the difference of a day, with the weekdays where the sentence has another one.

    Where it names a weekday or a year and the quote none, the quote's day is told in full.
    """
    said, theirs = _with_weekday(fact, text), [_with_weekday(g, quote) for g in rivals]
    weekday = _WEEKDAY.match(said)
    if not weekday or weekday.group() in " ".join(theirs):
        weekday, said = None, text[fact.start : fact.end]
        theirs = [quote[g.start : g.end] for g in rivals]
    stands = tuple(dict.fromkeys(theirs))[:_MOST]
    day = _day_of(rivals[0], published)
    untold = fact.day[0] > 0 == rivals[0].day[0] or (weekday and not _WEEKDAY.match(theirs[0]))
    full = f"{day:%A}, {in_words(day)}" if day and untold and len(stands) == 1 else ""
    return Difference("date", said, stands, full)


def _with_weekday(fact: Fact, text: str) -> str:
    """Return a date as it stands, with the weekday before it."""
    weekday = _WEEKDAY_BEFORE.search(text[: fact.start])
    return text[weekday.start() if weekday else fact.start : fact.end]


def _day_of(fact: Fact, published: date | None) -> date | None:
    """Return the day that a date of an article stands for: without a year the last one, or soon."""
    if not published:
        return None
    years = range(published.year + 1, published.year - 2, -1)
    days = (day for year in years if (day := fact.as_date(year)))
    return next((day for day in days if day - published <= _SOON), None)


def _place_of(fact: Fact, text: str) -> _Place:
    """Return the place of a figure; what stands after it stands after its unit.

    A day may stand anywhere in a sentence, a number stands beside what it counts.
    """
    shown = text[fact.start : fact.end]
    if fact.kind in ("date", "year", "weekday"):
        near = frozenset(map(key, content_words(text[: fact.start])[-_NEAR:]))
        near |= frozenset(map(key, content_words(text[fact.end :])[:_NEAR]))
        return _Place(shown, near, near)
    unit = _UNIT.match(text, fact.end) if fact.unit else None
    return _place(text, fact.start, unit.end() if unit else fact.end, shown)


def _within(fact: Fact, said: Sequence[Fact], text: str, other: Fact) -> bool:
    """Return whether a figure is within what a sentence says of it: "at least", "between"."""
    limit = bound(text, fact)
    if limit:
        return (other.value - fact.value) * limit >= 0
    return fact.kind == "number" and any(
        fact in (low, high) and low.value <= other.value <= high.value
        for low, high in pairwise(said)
        if _UNTIL.fullmatch(text[low.end : high.start])
    )


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
        words_of = set(at.text.lower().split())
        alike = [
            rival
            for rival in rivals
            if words_of & set(rival.text.lower().split()) or _stand_alike(at, rival)
        ]
        if alike:
            found.append(Difference("name", at.text, _texts(alike)))
    return found


def _runs(text: str, names: Sequence[Name]) -> list[list[Name]]:
    """Return the names in runs of those that only a space parts; none within a date."""
    dates = [(f.start, f.end) for f in find_facts(text)]
    return in_runs(text, [n for n in names if not any(s <= n.start < e for s, e in dates)])


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
        Difference("number", said, (stands,))
        if re.search(r"\d", said)
        else Difference("name", _in_full(said, text), (_in_full(stands, quote),))
        for said, stands in pairs
        if _ITEM.search(said) and _ITEM.search(stands)
        # A clause in the place of a word says more, and nothing else.
        if not _CLAUSE.search(stands) and len(stands.split()) <= len(said.split()) + _LONGER
    ]


def _in_full(word: str, text: str) -> str:
    """Return the whole name that a word is part of: "Sergei Shoigu"."""
    runs = _runs(text, find_names(text, common((), ())))
    whole = (text[run[0].start : run[-1].end] for run in runs)
    return next((name for name in whole if word in name.split()), word)


def _place(text: str, start: int, end: int, shown: str = "") -> _Place:
    """Return a place with the words beside it that say something, in the same clause."""
    before = _CLAUSE_BEFORE.search(text[max(0, start - 60) : start])
    after = _CLAUSE_AFTER.match(text, end)
    words_before = content_words(before.group()) if before else []
    words_after = content_words(after.group()) if after else []
    return _Place(
        shown or text[start:end],
        frozenset(map(key, words_before[-1:])),
        frozenset(map(key, words_after[:1])),
    )


def _stand_alike(mine: _Place, rival: _Place) -> bool:
    """Return whether two names or figures stand before or after the same word."""
    return bool(mine.before & rival.before or mine.after & rival.after)


def _texts(places: Sequence[_Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.text for place in places))[:_MOST]
