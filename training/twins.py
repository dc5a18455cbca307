"""False twins by rule: a true sentence with one figure, date, name, denial or bound exchanged.

What is put in is from the evidence where that has something of the kind: the mistakes of writers
are mostly made of what stands there. (As Kryscinski et al., Evaluating the factual consistency of
abstractive text summarization, EMNLP 2020, make theirs.)
"""

from __future__ import annotations

import random
import re

from corpus.dates import MONTHS
from retrieval.text.words import paired

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty"
    " thirty forty fifty"
).split()
_NUMBER = re.compile(
    rf"(?<![\w.,])\d[\d,.]*\d(?!\w)|(?<![\w.,])\d(?![\w.,]\d)|\b(?:{'|'.join(_WORDS)})\b"
)
_DAY = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b")
_DATED = re.compile(rf"\b(?:{'|'.join([*MONTHS, *_DAYS])})\b")
_NAME = re.compile(
    r"(?:(?<=[a-z,] )|^)[A-ZÀ-Þ][\w’'-]*(?:(?: (?:of|de|al|the))? [A-ZÀ-Þ][\w’'-]*)*"
)
_NO_NAME = frozenset(
    """the a it he she they in on after when who before what with while at for from by as although
    though since during his her their its this that an both all one two three no not if but and some
    most many more""".split()
)
_YEAR = re.compile(r"(?:19|20)\d\d")

_EITHER_WAY = paired(
    "before after; first last; rose fell; up down; north south; east west; northern southern"
    "; eastern western; won lost; accepted rejected; higher lower; largest smallest; earlier later"
    "; increase decrease; increased decreased; confirmed denied; opened closed; began ended"
    "; agreed refused; inside outside; above below; gained lost; bought sold; supported opposed"
    "; approved rejected; allowed banned; arrived left; always never; with without; men women"
    "; man woman; son daughter; father mother; brother sister; twice once; doubled halved; day week"
    "; weeks months; hours minutes; million billion; both neither; over under; more fewer"
    "; all none",
    str,
)
_ONE_WAY = {
    "more than": "less than", "at least": "at most", "some": "all", "most": "all",
    "one of": "all of", "nearly": "over", "could": "did", "may": "will", "might": "will",
    "plans to": "has begun to", "wants to": "has agreed to", "is expected to": "was able to",
    "said": "denied", "suspects": "has proved", "half": "a quarter",
}  # fmt: skip
_FLIPS = {word: sorted(others) for word, others in _EITHER_WAY.items()}
_FLIPS |= {words: [other] for words, other in _ONE_WAY.items()}
_FLIPPED = re.compile(rf"\b(?:{'|'.join(sorted(_FLIPS, key=len, reverse=True))})\b")

_BE = "was|were|is|are|has|have|had|will|would|could|can"
_DENIED = re.compile(rf"\b({_BE}) not\b")
_STATED = re.compile(rf"\b(?:{_BE}|did|does|do)\b(?! not|n't)")


def made(text: str, evidence: str, rng: random.Random, most: int) -> list[tuple[str, str]]:
    """Return at most so many twins of a sentence, each of another kind, and their kinds."""
    found: list[tuple[str, str]] = []
    for kind, way in rng.sample(_WAYS, len(_WAYS)):
        other = way(text, evidence, rng) if len(found) < most else ""
        if other and other != text:
            found.append((other, kind))
    return found


def _figure(text: str, evidence: str, rng: random.Random) -> str:
    if not (places := [m for m in _NUMBER.finditer(text) if not _DAY.match(text, m.start())]):
        return ""
    match = rng.choice(places)
    old, year = match[0], bool(_YEAR.fullmatch(match[0]))
    there = [
        number
        for number in sorted(set(_NUMBER.findall(evidence)))
        if number not in text
        and number[0].isdigit() == old[0].isdigit()
        and bool(_YEAR.fullmatch(number)) == year
    ]
    if there and rng.random() < 0.6:
        return _put(text, match, rng.choice(there))
    if not old[0].isdigit():
        return _put(text, match, rng.choice([word for word in _WORDS if word != old]))
    if not (digits := old.replace(",", "")).isdigit():
        return ""
    value = int(digits)
    off = rng.choice((-3, -2, -1, 1, 2, 4) if year else (1, 2, 10, value, value // 2 + 1))
    return _put(text, match, f"{value + off:,}" if "," in old else str(value + off))


def _date(text: str, evidence: str, rng: random.Random) -> str:
    if (days := list(_DAY.finditer(text))) and rng.random() < 0.7:
        match = rng.choice(days)
        there = sorted({day for day in _DAY.findall(evidence) if day not in text})
        if there and rng.random() < 0.7:
            return _put(text, match, rng.choice(there))
        day, month = match[0].split()
        other = min(28, max(1, int(day) + rng.choice((-7, -2, -1, 1, 2, 5))))
        return _put(text, match, f"{other} {month}")
    if not (dates := list(_DATED.finditer(text))):
        return ""
    match = rng.choice(dates)
    others = [word for word in (_DAYS if match[0] in _DAYS else MONTHS) if word not in text]
    there = [word for word in others if word in evidence]
    return _put(text, match, rng.choice(there if there and rng.random() < 0.7 else others))


def _who(text: str, evidence: str, rng: random.Random) -> str:
    """Exchange two names of the sentence, or put another of the evidence in."""
    if not (places := _names(text)):
        return ""
    if len(places) > 1 and rng.random() < 0.5:
        one, other = sorted(rng.sample(places, 2), key=lambda match: match.start())
        if one[0] not in other[0] and other[0] not in one[0]:
            return _put(_put(text, other, one[0]), one, other[0])
    match = rng.choice(places)
    parts = set(match[0].split())
    there = [
        found[0]
        for found in _names(evidence.partition("):")[2])
        if not parts & set(found[0].split()) and found[0] not in text
    ]
    as_long = [name for name in there if len(name.split()) == len(parts)]
    return _put(text, match, rng.choice(as_long or there)) if there else ""


def _flip(text: str, _: str, rng: random.Random) -> str:
    if not (places := list(_FLIPPED.finditer(text))):
        return ""
    match = rng.choice(places)
    return _put(text, match, rng.choice(_FLIPS[match[0]]))


def _denial(text: str, _: str, rng: random.Random) -> str:
    if denied := list(_DENIED.finditer(text)):
        match = rng.choice(denied)
        return _put(text, match, match[1])
    if not (stated := list(_STATED.finditer(text))):
        return ""
    match = rng.choice(stated)
    return _put(text, match, f"{match[0]} not")


def _names(text: str) -> list[re.Match[str]]:
    return [
        match
        for match in _NAME.finditer(text)
        if match[0].split()[0].lower() not in _NO_NAME
        and not _DATED.search(match[0])
        and (match.start() or " " in match[0])
    ]


def _put(text: str, place: re.Match[str], new: str) -> str:
    return text[: place.start()] + new + text[place.end() :]


_WAYS = (
    ("figure", _figure),
    ("date", _date),
    ("who", _who),
    ("order", _flip),
    ("negated", _denial),
)
