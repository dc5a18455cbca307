"""Who holds an office: "Who is the foreign minister of Azerbaijan?"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.checking.names import ROLES, keys

_ASKS = re.compile(
    r"^\W*(?:(?:and|so|please|tell me),? )*who(?:['’]?s| is| was)(?: the)?"
    r"(?: (?:new|current|present|acting))? (?:(?P<role>[a-z][\w -]*?) of (?:the )?(?P<place>\S.*?)"
    r"|(?P<owner>\w[\w -]*?)['’]s? (?P<held>[a-z][\w -]*?)"
    r"|(?P<people>(?-i:[A-ZÀ-Þ])[\w-]+) (?P<post>(?-i:[a-z])[\w -]*?))[\s?.!]*$",
    re.I,
)
_FORMER = re.compile(r"\b(?:former|ex|vice|deputy)[ -]$", re.I)
_WORD = r"[A-ZÀ-Þ][\w’'-]*"
_NAME = rf"{_WORD}(?: (?:(?:al|bin|da|de|van|von) )?{_WORD}){{0,3}}"
_AFTER = re.compile(
    rf"^(?: (?:of|in) (?:the )?(?P<place>{_NAME}))?,? (?P<name>{_NAME})"
    rf"(?:,? (?:of|from) (?:the )?(?P<home>{_NAME}))?"
)
"""What follows an office that somebody is named with: "of Ganja, X", "X of Armenia"."""

_BEHIND = re.compile(rf"^ (?:of|in) (?:the )?(?P<place>{_NAME})")
_BEFORE = re.compile(
    rf"(?P<name>{_NAME}), (?:aged )?(?:\d+, )?(?:the )?(?:(?P<owner>{_NAME}) )?(?:new )?$|"
    rf"(?P<place>[A-ZÀ-Þ][\w’'-]*) (?:new )?$"
)
"""What precedes one: "X, the ", "X, Turkey's ", "Armenian "."""


@dataclass(frozen=True, slots=True)
class Office:
    """Wants who holds an office, in small letters, of a place or body."""

    role: str
    place: str

    def is_held(self, text: str) -> bool:
        """Return whether a sentence names somebody with it: "Armenian Prime Minister X"."""
        wanted = keys(self.place)
        return any(wanted & keys(where) for where in self._holdings(text))

    def is_another(self, text: str) -> bool:
        """Return whether a sentence is not of such an office, or names who holds it elsewhere."""
        holdings = list(self._holdings(text))
        return all(holdings) if holdings else self.role not in text.lower()

    def _holdings(self, text: str) -> Iterator[str]:
        """Yield for each mention of the office beside a name what it is said to be of."""
        for match in re.finditer(rf"\b{re.escape(self.role)}\b", text, re.I):
            before, after = text[: match.start()], text[match.end() :]
            if _FORMER.search(before):
                continue
            ahead, behind = _BEFORE.search(before), _AFTER.match(after)
            place = _place(ahead and ahead["place"]) or _place(ahead and ahead["owner"])
            if behind:
                yield " ".join(filter(None, (place, behind["place"], behind["home"])))
            elif ahead and ahead["name"]:
                of = _BEHIND.match(after)
                yield " ".join(filter(None, (place, of and of["place"])))


def _place(word: str | None) -> str:
    """Return a word before an office that may be a place's, and is no title."""
    return word if word and word.strip().lower() not in ROLES else ""


def office_asked(question: str) -> Office | None:
    """Return the office whose holder a question asks for, or None."""
    match = _ASKS.match(question)
    if not match:
        return None
    role = match["role"] or match["held"] or match["post"]
    place = match["place"] or match["owner"] or match["people"]
    last = role.lower().split()[-1]
    titled = last in ROLES or bool(re.search(r"(?:or|er|ent|man|woman|ier|chief|head)$", last))
    return Office(" ".join(role.lower().split()), place) if titled else None
