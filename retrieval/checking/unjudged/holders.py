"""Who holds which office of what: "Armenian Foreign Minister Zohrab Mnatsakanyan"."""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections.abc import Iterator
from functools import lru_cache

from retrieval.checking.names import PARTICLES, ROLES, Name, has_name, key, keys

_ROLE = (
    r"(?P<role>(?i:(?:(?:prime|foreign|defen[cs]e|health|finance|education|interior|vice|deputy)"
    r"[ -])?(?:president|minister|king|queen|chancellor|secretary|chairman|chairwoman|director"
    r"|governor|mayor|spokesman|spokeswoman|ambassador|speaker|head|chief|commander)))"
)
_WORD = r"[A-ZÀ-Þ][\w’'-]*[\w]"
_NAME = rf"{_WORD}(?:\s{PARTICLES}{_WORD}){{0,2}}"
_OF = r" (?:of|for) (?:the )?"
_NO_PLACE = ROLES | {"the"} | {name.lower() for name in (*day_name, *month_name)}


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("ROLE", _ROLE).replace("NAME", _NAME))


_PATTERNS = (
    _named(r"(?P<place>NAME)(?:['’]s)?(?: new)? ROLE,? (?P<name>NAME)"),
    _named(rf"ROLE{_OF}(?P<place>NAME), (?P<name>NAME)"),
    # "The head of the Dutch company Boskalis" is of the company.
    _named(
        rf"(?P<name>NAME)(?:,| is| was) (?:the |a )?(?:new )?ROLE{_OF}(?P<place>NAME)\b"
        "(?! [a-z]+ [A-Z])"
    ),
    _named(r"(?P<name>NAME)(?:,| is| was) (?:the )?(?:new )?(?P<place>NAME)(?:['’]s)? ROLE"),
    _named(rf"ROLEs{_OF}(?P<place>NAME) and (?:the )?NAME,? (?P<name>NAME) and NAME"),
    _named(rf"ROLEs{_OF}NAME and (?:the )?(?P<place>NAME),? NAME and (?P<name>NAME)"),
    _named(rf"ROLEs{_OF}(?P<place>NAME), (?P<name>NAME),? and (?:the )?NAME, NAME"),
    _named(rf"ROLEs{_OF}NAME, NAME,? and (?:the )?(?P<place>NAME), (?P<name>NAME)"),
)


def held_elsewhere(text: str, quote: str) -> list[tuple[str, str]]:
    """Return what a sentence says somebody's office to be of, with what a quote says it is of."""
    theirs = _holders(quote)
    found = []
    for holder, place in _holders(text):
        there = [other for one, other in theirs if one == holder]
        name = Name(place, 0, len(place), place)
        if there and not any(has_name(name, keys(other)) for other in there):
            found.append((place, there[0]))
    return found


@lru_cache(maxsize=200)  # a sentence is held against many windows, which share theirs
def _holders(text: str) -> tuple[tuple[tuple[str, str], str], ...]:
    """Return the role and the surname of each who holds an office, and what it is of."""
    return tuple(_read(text))


def _read(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            words = match["place"].split()
            titles = [word.lower() for word in words if word.lower() in ROLES]
            place = " ".join(word for word in words if word.lower() not in _NO_PLACE)
            role = " ".join([*titles, match["role"].lower()])
            if place:
                yield (role, key(match["name"].split()[-1])), re.sub("['’]s$", "", place)
