"""Questions that a passage does not answer: those that it does, with one thing exchanged.

People ask for what is not there in words that nearly are: of another name, another year, another
verb. What is put in stands after the same word in another question of the same source, so that it
fits; or, for names and figures, it is from the passage, so that it stands there and does not
belong.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from retrieval.text.words import content_words

MADE = 3
"""How often an exchange is tried for a question."""

_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]*(?:(?: (?:of|the|de|al|and))? [A-ZÀ-Þ][\w’'-]*)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_WORD = re.compile(r"[A-Za-z’'-]+")
_SHORTEST = 4
"""Letters of a word that is exchanged."""

_LOOKED_AT, _THE_SAME = 15, 0.65
"""Of so many that fit the nearest in meaning is put in, but for what is nearer than that: it may
mean the same."""

_OFF = (-7, -3, -2, -1, 1, 2, 3, 5, 8)
_DAYS = 31
"""What is added to a year or a number, and the largest that may be a day of a month."""

Near = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question that may be exchanged, and the word before it."""

    start: int
    end: int
    before: str
    text: str


class Swaps:
    """Exchanges one thing in questions.

    Args:
        questions: all of the source, from which is taken what fits.
        rng: chooses.
        near: tells how near two words or names are in meaning, at most 1.
    """

    def __init__(self, questions: Iterable[str], rng: random.Random, near: Near) -> None:
        self._rng = rng
        self._near = near
        self._names: dict[str, list[str]] = defaultdict(list)
        self._words: dict[str, list[str]] = defaultdict(list)
        for question in questions:
            for part in _names(question):
                self._names[part.before].append(part.text)
            for part in _words(question):
                self._words[part.before].append(part.text)

    def of(self, question: str, passage: str, answer: str) -> list[str]:
        """Return up to `MADE` such questions for one that a passage answers."""
        made = (self._swapped(question, passage, answer) for _ in range(MADE))
        return sorted({other for other in made if other and other != question})

    def _swapped(self, question: str, passage: str, answer: str) -> str | None:
        ways = [self._number, self._word, self._name, self._name]
        self._rng.shuffle(ways)
        return next((made for way in ways if (made := way(question, passage, answer))), None)

    def _name(self, question: str, passage: str, answer: str) -> str | None:
        if not (parts := _names(question)):
            return None
        part = self._rng.choice(parts)
        length = len(part.text.split())

        def alike(pool: Sequence[str], absent_from: str) -> list[str]:
            apart = [name for name in pool if not _shares(name, absent_from)]
            return [name for name in apart if len(name.split()) == length] or apart

        there = alike([p.text for p in _names(passage)], f"{question} {answer}")
        elsewhere = alike(self._names[part.before], f"{question} {passage}")
        pool = there if there and self._rng.random() < 0.5 else elsewhere
        return _with(question, part, self._nearest(part.text, pool)) if pool else None

    def _number(self, question: str, passage: str, answer: str) -> str | None:
        if not (found := list(_NUMBER.finditer(question))):
            return None
        match = self._rng.choice(found)
        part = Part(match.start(), match.end(), "", match[0])
        there = [n for n in _NUMBER.findall(passage) if n not in question and n not in answer]
        alike = [n for n in there if len(n) == len(match[0])]
        if alike and self._rng.random() < 0.5:
            return _with(question, part, self._rng.choice(alike))
        digits = match[0].replace(",", "").replace(".", "")
        value, off = int(digits), self._rng.choice(_OFF)
        new = str(value + off if value > _DAYS else value % 28 + abs(off))
        return _with(question, part, new) if new not in passage and new != match[0] else None

    def _word(self, question: str, passage: str, _: str) -> str | None:
        if not (parts := _words(question)):
            return None
        part = self._rng.choice(parts)
        told = passage.lower()
        pool = [
            word
            for word in self._words[part.before]
            if word[:5] != part.text[:5] and word[-2:] == part.text[-2:] and word[:5] not in told
        ]
        return _with(question, part, self._nearest(part.text, pool)) if pool else None

    def _nearest(self, text: str, pool: Sequence[str]) -> str:
        some = list(dict.fromkeys(self._rng.choices(pool, k=_LOOKED_AT)))
        near = {other: self._near(text, other) for other in some}
        apart = [other for other in some if near[other] < _THE_SAME] or some
        return max(apart, key=near.__getitem__)


def _names(text: str) -> list[Part]:
    """Return the names of a text, but for what begins a sentence."""
    found = []
    for match in _NAME.finditer(text):
        before = text[: match.start()].split()
        if before and before[-1][-1] not in '.?!:“"':
            found.append(Part(match.start(), match.end(), before[-1].lower(), match[0]))
    return found


def _words(text: str) -> list[Part]:
    """Return the words of a text, no names, that mean something."""
    found = []
    before = ""
    for match in _WORD.finditer(text):
        word = match[0]
        if word.islower() and len(word) >= _SHORTEST and content_words(word):
            found.append(Part(match.start(), match.end(), before.lower(), word))
        before = word
    return found


def _shares(name: str, text: str) -> bool:
    return any(part in text for part in name.split() if part[0].isupper())


def _with(question: str, part: Part, new: str) -> str:
    return question[: part.start] + new + question[part.end :]
