"""Finds numbers, amounts and dates in a text, normalised so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from corpus.dates import MONTH_PATTERN, MONTHS
from retrieval.text.ordinals import ORDINALS

UNITS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=False,
    )
)
UNITS["twice"] = 2
_TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10),
        strict=True)
)  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "tn": 1e12}
_ORDINALS = {word: number for number, word in enumerate(ORDINALS, start=1)}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
          "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10}  # fmt: skip
_CURRENCIES = {
    "$": "usd", "us$": "usd", "dollar": "usd", "usd": "usd", "€": "eur", "euro": "eur",
    "eur": "eur", "£": "gbp", "pound": "gbp", "gbp": "gbp", "¥": "jpy", "yen": "jpy",
    "yuan": "cny", "lira": "try", "rouble": "rub", "ruble": "rub", "manat": "azn", "dram": "amd",
}  # fmt: skip
_MEASURES = {
    "percent": "percent", "per cent": "percent", "%": "percent", "percentage": "percent",
    "km": "km", "kilometre": "km", "kilometer": "km", "m": "metre", "metre": "metre",
    "meter": "metre",
    "kg": "kg", "kilogram": "kg", "kilo": "kg", "gram": "gram", "tonne": "tonne", "ton": "tonne",
    "mile": "mile", "degree": "degree", "second": "second", "minute": "minute", "hour": "hour",
    "day": "day", "week": "week", "month": "month", "year": "year", "decade": "decade",
    "century": "century", "centurie": "century",
}  # fmt: skip
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
_YEARS = {"decade": 10, "century": 100, "centurie": 100}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY}(?:(?:\s*,\s*|\s*[-–]\s*|\s+(?:and|or|to|until)\s+){_DAY})*"
_YEAR = r"(?:1\d|20)\d\d"
_DATE = re.compile(
    rf"\b(?P<iso>{_YEAR}-[01]\d-[0-3]\d)\b"
    rf"|\b(?P<days>{_DAYS})(?:\s+of)?\s+(?P<month>{MONTH_PATTERN})(?![a-z])(?:\s?,?\s+(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<month2>{MONTH_PATTERN})\s+(?P<days2>{_DAYS})(?!\d|[.,]\d|%)"
    rf"(?:\s?,?\s+(?P<year2>{_YEAR})\b)?"
    rf"|\b(?P<month3>{MONTH_PATTERN})(?![a-z])\s?,?\s+(?:of\s+)?(?P<year3>{_YEAR})\b"
    rf"|(?P<month4>\b(?!May\b|March\b){MONTH_PATTERN}(?![a-z])"
    r"|(?<=in )(?:May|March)\b|(?<=since )(?:May|March)\b|(?<=until )(?:May|March)\b"
    r"|(?<=of )(?:May|March)\b|(?<=early )(?:May|March)\b|(?<=late )(?:May|March)\b"
    r"|(?<=by )(?:May|March)\b)"
)
_WEEKDAY = re.compile(rf"\b({'|'.join(day.title() for day in _WEEKDAYS)})s?\b")
_NOON = re.compile(r"\b(?:noon|midday|midnight)\b", re.I)
DAYS_OF = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}
"""How many days a unit has, on average."""

_CLOCK = re.compile(
    r"\b(?P<h>[012]?\d)[:.](?P<m>[0-5]\d)(?:\s?(?P<ap>[ap])\.?m\b\.?)?(?!\s?(?:%|percent|per cent))"
    r"|\b(?P<h2>[01]?\d)\s?(?P<ap2>[ap])\.?m\b\.?",
    re.I,
)
_SPOKEN_TIME = re.compile(
    rf"\b(?P<past>half past )?(?P<hour>1?\d|{'|'.join(list(UNITS)[1:13])})(?: o['’]clock)?"
    r" (?:in the (?:early |late )?|at )(?P<part>morning|afternoon|evening|night)\b",
    re.I,
)
_OF_24 = "24h"
"""The unit of a time of which is known whether it is before noon or after."""

_WORD_NUMBER = "|".join([*UNITS, *_TENS, *_SCALES, "dozen"])
_WORDS = re.compile(
    r"\b(?!one (?:of|another)\b)"
    rf"(?:(?:an?|half a)[ -](?=hundred\b|thousand\b|million\b|billion\b|trillion\b|dozen\b))?"
    rf"(?:{_WORD_NUMBER})(?:(?:\s+and\s+|[\s-]+)(?:{_WORD_NUMBER})\b)*\b(?:\s+and\s+a\s+half\b)?",
    re.I,
)
_DIGITS = re.compile(
    r"(?<![\w.,])(?<!\w[-’'])(?<![A-Z]-)(?P<cur>us\$|[$€£¥])?\s?"
    r"(?P<num>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?)"
    r"(?P<tail>st\b|nd\b|rd\b|th\b|s\b)?"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|mln|tn|k"
    r"|(?(cur)m|(?<=\d)m(?! (?:long|wide|high|tall|deep|away)\b)))\b)?",
    re.I,
)
"""An amount in digits: "$40 m" and "40m" are millions, "40 m" and "40m long" are metres."""

_TO = re.compile(r"(?:\s(?:and|or|to)\s|\s?–\s?)")
_YEAR_ALONE = re.compile(rf"{_YEAR}s?")
_COUNTED = re.compile(
    r"\s(?:(?!was\b|is\b|has\b|its\b|this\b|his\b|as\b)[a-z]+s|people|men|women|children)\b"
)
"""What follows a number that counts: "1960 soldiers", where "1960" alone is a year."""

_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b", re.I)
_FRACTION = re.compile(
    r"\b(?:(?P<top>a|one|two|three|four|half)[ -])?\b"
    r"(?P<part>half|thirds?|quarters?|fifths?|tenths?)(?= (?:of|the|a|its|their|his|all)\b)"
    r"(?! an? (?:hundred|thousand|million|billion|trillion|dozen)\b)"
    r"|\b(?P<top2>two|three|four)[ -](?P<part2>thirds|quarters|fifths|tenths)\b"
    rf"|\b(?P<some>{'|'.join(list(UNITS)[1:10])}) (?:in|out of)(?: every)? "
    r"(?P<all>two|three|four|five|ten)\b",
    re.I,
)
_UNIT = re.compile(
    r"\s?(%)|(?:km|kg|m)\b"
    r"|[\s-]+(?:percentage|per\s?cent|(?:US |American |Turkish |square |cubic )?[A-Za-z]+)"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number or a date at a place of a text.

    `kind` is "number", "ordinal", "date", "year", "weekday" or "time". A number has its `value`
    and, where it follows, its `unit` ("percent", "usd", "year"); a date has what it says of year,
    month and day, 0 for what it leaves out; a weekday its number from 0 (Monday) as value, a time
    its minute of the day, with the unit "24h" where it is known to be before noon or after.
    """

    kind: str
    start: int
    end: int
    value: float = 0.0
    unit: str = ""
    day: tuple[int, int, int] = (0, 0, 0)

    @property
    def reason(self) -> str:
        """What kind of thing is wrong where this is."""
        return "date" if self.kind in ("date", "weekday", "year") else "number"

    def as_date(self, year: int) -> date | None:
        """Return the day that this names, in some year where it names none."""
        try:
            return date(self.day[0] or year, *self.day[1:]) if self.kind == "date" else None
        except ValueError:
            return None


def find_facts(text: str) -> list[Fact]:
    """Return the dates, times and numbers of a text, in order; a date's numbers are not counted
    twice."""
    found: list[Fact] = []
    taken: list[tuple[int, int]] = []
    for finder in (_dates, _times, _fractions, _digits, _spelled, _ordinals):
        found += [
            fact for fact in finder(text) if all(fact.end <= s or fact.start >= e for s, e in taken)
        ]
        taken = [(f.start, f.end) for f in found]
    return sorted(found, key=lambda f: (f.start, f.end))


def years_of(facts: Iterable[Fact], published: date | None) -> frozenset[int]:
    """Return the years among some facts, and the year of publication."""
    facts = list(facts)
    years = {fact.day[0] for fact in facts if fact.kind == "date"}
    years |= {int(fact.value) for fact in facts if fact.kind == "year"}
    return frozenset(years - {0} | ({published.year} if published else set()))


def _dates(text: str) -> Iterator[Fact]:
    for match in _DATE.finditer(text):
        start, end = match.span()
        if match["iso"]:
            year, month, day = map(int, match["iso"].split("-"))
            yield Fact("date", start, end, day=(year, month, day))
            continue
        name = match["month"] or match["month2"] or match["month3"] or match["month4"]
        month = _MONTHS[name[:3].lower()]
        year = int(match["year"] or match["year2"] or match["year3"] or 0)
        days = [int(n) for n in re.findall(r"\d+", match["days"] or match["days2"] or "")]
        for day in days or [0]:
            yield Fact("date", start, end, day=(year, month, day))
    for match in _WEEKDAY.finditer(text):
        value = _WEEKDAYS.index(match.group(1).lower())
        yield Fact("weekday", match.start(), match.end(), float(value))


def _times(text: str) -> Iterator[Fact]:
    for match in _CLOCK.finditer(text):
        part = (match["ap"] or match["ap2"] or "").lower()
        if "." in match.group() and not part and ":" not in match.group():
            continue  # 10.25 is a number
        hour, minute = int(match["h"] or match["h2"]), int(match["m"] or 0)
        known = _OF_24 if part or hour > 12 else ""
        hour = hour % 12 + 12 * (part == "p") if part else hour
        yield Fact("time", *match.span(), float(hour * 60 + minute), known)
    for match in _SPOKEN_TIME.finditer(text):
        said, part = match["hour"].lower(), match["part"].lower()
        hour = int(said) if said.isdigit() else UNITS[said]
        late = part in ("afternoon", "evening") or (part == "night" and 5 < hour < 12)
        minutes = (hour % 12 + 12 * late) * 60 + 30 * bool(match["past"])
        yield Fact("time", *match.span(), float(minutes), _OF_24)
    for match in _NOON.finditer(text):
        midnight = match.group().lower() == "midnight"
        yield Fact("time", *match.span(), 0.0 if midnight else 720.0, _OF_24)


def _digits(text: str) -> Iterator[Fact]:
    for match in _DIGITS.finditer(text):
        value = float(re.sub(r"[,\s]", "", match["num"]))
        scaled = _with_scale(match, text)
        scale = (scaled["scale"] or "").lower()
        value *= _SCALES.get(scale, _SHORT_SCALES.get(scale, 1.0))
        start = match.start("cur") if match["cur"] else match.start("num")
        kind = "ordinal" if (match["tail"] or "s").lower() != "s" else "number"
        if _YEAR_ALONE.fullmatch(match.group().strip()) and not _COUNTED.match(text, match.end()):
            yield Fact("year", match.start("num"), match.end(), value)
            continue
        unit = _CURRENCIES.get((match["cur"] or "").lower(), "") or unit_after(text, scaled.end())
        yield figure(kind, start, match.end(), value, unit)


def _with_scale(match: re.Match[str], text: str) -> re.Match[str]:
    """Return what tells the scale of a number: the end of its range in "12 and 15 million"."""
    between = None if match["scale"] else _TO.match(text, match.end())
    other = _DIGITS.match(text, between.end()) if between else None
    if not other or not other["scale"]:
        return match
    ends = (float(re.sub(r"[,\s]", "", one["num"])) for one in (match, other))
    return other if next(ends) < next(ends) else match


def _spelled(text: str) -> Iterator[Fact]:
    for match in _WORDS.finditer(text):
        value = value_of(match.group().lower())
        yield figure("number", *match.span(), value, unit_after(text, match.end()))


def figure(kind: str, start: int, end: int, value: float, unit: str) -> Fact:
    """Return the fact of a number; three decades are thirty years."""
    years = _YEARS.get(unit) if kind == "number" else None
    return Fact(kind, start, end, value * (years or 1), "year" if years else unit)


def value_of(words: str) -> float:
    """Return the number that words in lower case spell."""
    total = current = 0.0
    half = words.endswith(" half")
    factor = 0.5 if words.startswith("half a") else 1.0
    for word in re.findall(r"[a-z]+", words.replace(" and a half", "")):
        if word in UNITS:
            current += UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word == "dozen":
            current = (current or 1) * 12
        elif word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current = 0.0
    return factor * (total + current) + 0.5 * half


def _ordinals(text: str) -> Iterator[Fact]:
    for match in _ORDINAL.finditer(text):
        value = _ORDINALS[match.group().lower()]
        if value > 1:
            yield Fact("ordinal", *match.span(), float(value))


def _fractions(text: str) -> Iterator[Fact]:
    for match in _FRACTION.finditer(text):
        if match["some"]:
            share = UNITS[match["some"].lower()] / UNITS[match["all"].lower()]
            yield Fact("number", *match.span(), 100 * share, "percent")
            continue
        top = (match["top"] or match["top2"] or "one").lower()
        part = (match["part"] or match["part2"]).lower()
        value = UNITS.get(top, 1) / _PARTS[part]
        yield Fact("number", *match.span(), 100 * value, "percent")


def measure(word: str) -> str:
    """Return the measure or currency that a word in lower case names, or nothing."""
    for name in (word, word.removesuffix("s"), word.removesuffix("es")):
        if unit := _MEASURES.get(name) or _CURRENCIES.get(name):
            return unit
    return ""


def unit_after(text: str, end: int) -> str:
    """Return the measure or currency that follows a number, if one does."""
    match = _UNIT.match(text, end)
    if not match:
        return ""
    word = " ".join(match.group().strip(" -").lower().split())
    return measure(word) or measure(word.split()[-1]) if word else ""
