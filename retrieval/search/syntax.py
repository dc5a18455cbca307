"""Reads and writes filters as people type them: `source:"Al Jazeera" before:2020-11-10 -oil`.

| typed | leaves only |
|---|---|
| "exact phrase" | passages with these words side by side |
| -word, -"some words" | articles that do not mention them |
| source:NAME | articles of an outlet; several are alternatives |
| after:DAY, since:DAY | articles of that day or later |
| before:DAY | articles of earlier days |
| until:DAY | articles of that day, month or year, or earlier |
| on:DAY | articles of that day, month or year |
| in:title WORD | articles with it in the title; at the end, with all words before it |

A day is 2020-11-10, 2020-11 for the month or 2020 for the year. NAME and WORD stand in quotation
marks where they have several words.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.errors import BadQuestion
from retrieval.text.days import shifted
from retrieval.text.words import content_words

_QUOTED = r'"(?P<{0}>[^"]*)"'
_TERM = re.compile(
    r"(?<!\S)(?:"
    rf"(?P<key>source|before|until|after|since|on):(?:{_QUOTED.format('quoted')}|(?P<plain>[^\s\"]+))"
    rf"|in:title(?:\s+(?:{_QUOTED.format('titled')}|(?P<title>[^\s\"?!]+)))?"
    rf"|-(?:{_QUOTED.format('unwanted')}|(?P<without>[^\W\d_][^\s\"]*))"
    r")(?!\w)",
    re.IGNORECASE,
)
_PHRASE = re.compile(r'"([^"]*)"')
_MOST = 30
"""The most outlets, phrases and words of a filter: each is a search of its own."""

KINDS = (
    "there are source:NAME, after:2020-10-01, before:2020-11-10, on:2020-10, in:title WORD, "
    '"exact words" and -word'
)
"""What a filter may be, in half a sentence for people."""
_CURLY = str.maketrans("“”„«»", '"""""')
_DAY = re.compile(r"[12]\d{3}(?:-\d\d?){0,2}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: the words to search for, and the filters."""

    text: str
    filters: Filters


def read(text: str) -> Typed:
    """Return the words and the filters of a text.

    Phrases and words of titles are searched for too: they stay in the text.

    Raises:
        BadQuestion: a day is none, or there are more filters than are looked for.
    """
    straight = _straight(text)
    filters, sources, kept, end = EVERYTHING, list[str](), list[str](), 0
    whole_title = False
    for term in _TERM.finditer(straight):
        kept.append(straight[end : term.start()])
        end = term.end()
        found = term.groupdict()
        value = found["quoted"] or found["plain"] or ""
        if (key := (found["key"] or "").lower()) == "source":
            sources.append(value)
        elif key:
            filters &= _of_days(key, value)
        elif title := found["titled"] or found["title"]:
            filters &= Filters(titles=(title,))
            kept.append(title)
        elif unwanted := found["unwanted"] or found["without"]:
            filters &= Filters(without=(unwanted,))
        else:
            whole_title = True
    rest = " ".join([*kept, straight[end:]])
    phrases = tuple(phrase for phrase in _PHRASE.findall(rest) if re.search(r"\w", phrase))
    if not (filters or sources or phrases or whole_title):
        return Typed(text, EVERYTHING)
    plain = " ".join(rest.replace('"', " ").split())
    titles = tuple(content_words(plain)) if whole_title else ()
    filters &= Filters(sources=tuple(sources), phrases=phrases, titles=titles)
    if sum(map(len, (filters.sources, filters.phrases, filters.titles, filters.without))) > _MOST:
        raise BadQuestion(f"At most {_MOST} outlets, phrases and words can be filtered by at once.")
    return Typed(plain, filters)


def filters_in(text: str) -> Filters:
    """Return the filters that a text is made of.

    Raises:
        BadQuestion: something in it is none; says what there is.
    """
    straight = _straight(text)
    if left := " ".join(_PHRASE.sub(" ", _TERM.sub(" ", straight)).split()):
        raise BadQuestion(f"“{left[:40]}” is no filter: {KINDS}.")
    return read(straight).filters


def written(filters: Filters) -> str:
    """Return filters as they are typed; `read` reads them back."""
    return " ".join(_terms(filters))


def _straight(text: str) -> str:
    """Return a text with straight quotation marks, in pairs."""
    straight = text.translate(_CURLY)
    # An odd one is an inch, or a slip: nothing is quoted.
    return straight.replace('"', " ") if straight.count('"') % 2 else straight


def _terms(filters: Filters) -> Iterator[str]:
    yield from (f"source:{_quoted(name)}" for name in filters.sources)
    if filters.since:
        yield f"after:{filters.since.isoformat()}"
    if filters.until:
        yield f"before:{shifted(filters.until, 1).isoformat()}"
    yield from (f'"{phrase}"' for phrase in filters.phrases)
    yield from (f"in:title {_quoted(phrase)}" for phrase in filters.titles)
    yield from (f"-{_quoted(phrase)}" for phrase in filters.without)


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def _of_days(key: str, value: str) -> Filters:
    first, last = days(f"{key}:", value)
    if key in ("after", "since"):
        return Filters(since=first)
    if key == "before":
        return Filters(until=shifted(first, -1))
    if key == "until":
        return Filters(until=last)
    return Filters(since=first, until=last)


def fields(since: str, until: str, source: str) -> Filters:
    """Return the filters that a program gives in fields of their own, each "" for none.

    Days are as after `after:` and `before:`; the last one counts too.

    Raises:
        BadQuestion: a day is none.
    """
    outlet = " ".join(source.replace('"', " ").split())
    return Filters(
        days("since ", since.strip())[0] if since.strip() else None,
        days("until ", until.strip())[1] if until.strip() else None,
        (outlet,) if outlet else (),
    )


def days(name: str, value: str) -> tuple[date, date]:
    """Return the first and the last day of what is named: a day, a month or a year.

    Raises:
        BadQuestion: it is none; says how `name`, such as "after:", is written.
    """
    try:
        year, month, day = map(int, f"{value}-0-0".split("-")[:3])
        if _DAY.fullmatch(value):
            last = month or 12
            return (
                date(year, month or 1, day or 1),
                date(year, last, day or monthrange(year, last)[1]),
            )
    except ValueError:  # letters, or no day of the calendar
        pass
    raise BadQuestion(
        f"{name}{value[:40]} names no day: write {name}2020-11-10, {name}2020-11 or {name}2020."
    )
