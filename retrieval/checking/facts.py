"""Numbers, amounts and dates in a text, normalised so that they can be compared and derived."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from math import isclose

from corpus.dates import MONTH_PATTERN, MONTHS

_UNITS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=False,
    )
)
_UNITS["twice"] = 2
_TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10),
        strict=True)
)  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "tn": 1e12}
_ORDINALS = dict(
    zip(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
        "twentieth".split(),
        range(1, 21),
        strict=True,
    )
)
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
          "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10}  # fmt: skip
_CURRENCIES = {
    "$": "usd", "us$": "usd", "dollar": "usd", "usd": "usd", "€": "eur", "euro": "eur",
    "eur": "eur", "£": "gbp", "pound": "gbp", "gbp": "gbp", "¥": "jpy", "yen": "jpy",
    "yuan": "cny", "lira": "try", "rouble": "rub", "ruble": "rub", "manat": "azn", "dram": "amd",
}  # fmt: skip
_MEASURES = {
    "percent": "percent", "per cent": "percent", "%": "percent", "percentage": "percent",
    "km": "km", "kilometre": "km", "kilometer": "km", "metre": "metre", "meter": "metre",
    "kg": "kg", "kilogram": "kg", "kilo": "kg", "gram": "gram", "tonne": "tonne", "ton": "tonne",
    "mile": "mile", "degree": "degree", "second": "second", "minute": "minute", "hour": "hour",
    "day": "day", "week": "week", "month": "month", "year": "year", "decade": "decade",
    "century": "century", "centurie": "century",
}  # fmt: skip
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
_SPANS = {"minute": ("hour", 60), "hour": ("day", 24), "day": ("week", 7), "month": ("year", 12)}
"""How many of a unit another has."""

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
_ONE = re.compile(r"\ban? (?=(?:day|week|month|year|hour|minute)\b)", re.I)
_NOON = re.compile(r"\b(?:noon|midday|midnight)\b", re.I)
_RELATIVE = re.compile(r"\b(this|last|next) (month|year)\b|\b(today|yesterday|tomorrow)\b", re.I)
_APART = re.compile(
    r"\bthe (?P<which>next|following|previous) day\b"
    rf"|\b(?P<amount>\d{{1,3}}|an?|{'|'.join(_UNITS)}) (?P<unit>day|week|month|year)s? "
    r"(?P<way>later|after|afterwards|earlier|before|ago)\b",
    re.I,
)
_DAYS_OF = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}
_HEDGE = re.compile(
    r"\b(?:about|around|some|nearly|almost|roughly|approximately|over|under|more than|fewer than"
    r"|less than|close to|up to|at least)\s+(?:[$€£]\s?)?\Z",
    re.I,
)
_ROUNDED = 0.05
"""How far, of the exact figure, a round one may be from it."""

_CLOCK = re.compile(
    r"\b(?P<h>[012]?\d)[:.](?P<m>[0-5]\d)(?:\s?(?P<ap>[ap])\.?m\b\.?)?(?!\s?(?:%|percent|per cent))"
    r"|\b(?P<h2>[01]?\d)\s?(?P<ap2>[ap])\.?m\b\.?",
    re.I,
)
_WORD_NUMBER = "|".join([*_UNITS, *_TENS, *_SCALES, "dozen"])
_WORDS = re.compile(
    rf"\b(?:(?:an?|half a)[ -](?=hundred\b|thousand\b|million\b|billion\b|trillion\b|dozen\b))?"
    rf"(?:{_WORD_NUMBER})(?:(?:\s+and\s+|[\s-]+)(?:{_WORD_NUMBER})\b)*\b(?:\s+and\s+a\s+half\b)?",
    re.I,
)
_DIGITS = re.compile(
    r"(?<![\w.,])(?<!\w[-’'])(?<![A-Z]-)(?P<cur>us\$|[$€£¥])?\s?"
    r"(?P<num>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?)"
    r"(?P<tail>st\b|nd\b|rd\b|th\b|s\b)?"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|mln|tn|m|k)\b)?",
    re.I,
)
_YEAR_ALONE = re.compile(rf"{_YEAR}s?")
_COUNTED = re.compile(r"\s(?!was\b|is\b|has\b|its\b|this\b|his\b|as\b)[a-z]+s\b")
"""What follows a number that counts: "1960 soldiers", where "1960" alone is a year."""

_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b", re.I)
_FRACTION = re.compile(
    r"\b(?:(?P<top>a|one|two|three|four|half)[ -])?\b"
    r"(?P<part>half|thirds?|quarters?|fifths?|tenths?)(?= (?:of|the|a|its|their|his|all)\b)"
    r"(?! an? (?:hundred|thousand|million|billion|trillion|dozen)\b)"
    r"|\b(?P<top2>two|three|four)[ -](?P<part2>thirds|quarters|fifths|tenths)\b"
    rf"|\b(?P<some>{'|'.join(list(_UNITS)[1:10])}) (?:in|out of)(?: every)? "
    r"(?P<all>two|three|four|five|ten)\b",
    re.I,
)
_UNIT = re.compile(
    r"\s?(%)|[\s-]+(?:percentage|per\s?cent|(?:US |American |Turkish |square |cubic )?[A-Za-z]+)"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number or a date at a place of a text.

    `kind` is "number", "ordinal", "date", "year", "weekday" or "time". A number has its `value`
    and, where it follows, its `unit` ("percent", "usd", "year"); a date has what it says of year,
    month and day, 0 for what it leaves out; a weekday its number from 0 (Monday) as value, a time
    its minute of the day.
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


def implied(text: str, published: date | None) -> list[Fact]:
    """Return the facts behind phrases such as "a week"; with a date also weekdays, "today", "last
    month".
    """
    facts = [
        _figure("number", *match.span(), 1.0, _unit(text, match.end() - 1))
        for match in _ONE.finditer(text)
    ]
    if published is None:
        return facts
    for fact in find_facts(text):
        if fact.kind == "weekday":
            back = (published.weekday() - int(fact.value)) % 7
            days = (published + timedelta(days=shift) for shift in (-back, 7 - back))
            facts += [_on(fact.start, fact.end, day) for day in days]
    for match in _RELATIVE.finditer(text):
        start, end = match.span()
        shift = {"last": -1, "next": 1}.get((match.group(1) or "").lower(), 0)
        if match.group(3):
            shift = {"yesterday": -1, "tomorrow": 1}.get(match.group(3).lower(), 0)
            facts.append(_on(start, end, published + timedelta(days=shift)))
        elif match.group(2).lower() == "year":
            facts.append(Fact("year", start, end, published.year + shift))
        else:
            month = published.month - 1 + shift
            day = (published.year + month // 12, month % 12 + 1, 0)
            facts.append(Fact("date", start, end, day=day))
    return facts + list(_from_another_day(text, published))


def _from_another_day(text: str, published: date) -> Iterator[Fact]:
    """Yield the days that "two weeks later", "the next day" or "three days ago" stand for.

    They are counted from the date last named before them, "ago" from the day of publication.
    """
    dates = [(f.start, day) for f in find_facts(text) if (day := _as_date(f, published.year))]
    for match in _APART.finditer(text):
        before = [day for start, day in dates if start < match.start()]
        anchor = before[-1] if before and match["way"] != "ago" else published
        said = match["amount"] or "one"
        amount = float(said) if said.isdigit() else (_value(said.lower()) or 1.0)
        days = round(amount * _DAYS_OF[(match["unit"] or "day").lower()])
        back = (match["way"] or match["which"]).lower() in ("earlier", "before", "ago", "previous")
        if days <= 3_660:
            yield _on(*match.span(), anchor + timedelta(days=-days if back else days))


def _as_date(fact: Fact, year: int) -> date | None:
    """Return the day that a fact names, in some year where it names none."""
    try:
        return date(fact.day[0] or year, fact.day[1], fact.day[2]) if fact.kind == "date" else None
    except ValueError:
        return None


def derivation(claimed: Fact, known: Sequence[Fact], text: str, years: Collection[int]) -> str:
    """Return how a figure follows from others, such as "29 - 23 = 6"; empty if it does not.

    Tried are a sum and a difference of two amounts of the same unit, a share of one in another,
    the time between two dates (in the last of `years`, where they name none) or from a year until
    one of `years`, and rounding ("about 7,000" of 6,950, by `text` before the figure).
    """
    if claimed.kind != "number":
        return ""
    want = claimed.value
    amounts = [f for f in known if f.kind in ("number", "year") and f.value]
    amounts += [Fact("year", 0, 0, float(year)) for year in years]
    hedged = bool(_HEDGE.search(text, 0, claimed.start))
    for one in amounts:
        alike = one.kind == "number" and (one.unit == claimed.unit or not claimed.unit)
        if hedged and alike and abs(one.value - want) <= _ROUNDED * one.value:
            return f"about {_shown(one.value)}"
    for one, other in combinations(amounts, 2):
        big, small = max(one.value, other.value), min(one.value, other.value)
        if one.kind != other.kind or one.unit != other.unit:
            continue
        if claimed.unit in (one.unit, "") or (one.kind == "year" and claimed.unit == "year"):
            if isclose(want, big - small):
                shown = _shown if one.kind == "number" else "{:.0f}".format
                return f"{shown(big)} - {shown(small)} = {_shown(want)}"
            if one.kind == "number" and isclose(want, big + small):
                return f"{_shown(big)} + {_shown(small)} = {_shown(want)}"
        if claimed.unit == "percent" and abs(want - 100 * small / big) <= 1:
            return f"{_shown(small)} of {_shown(big)}"
    return _between(claimed, known, max(years, default=2000))


def _between(claimed: Fact, known: Sequence[Fact], year: int) -> str:
    """Return the two dates that are as far apart as a figure says, or nothing."""
    if claimed.unit not in _DAYS_OF:
        return ""
    days = [day for fact in known if (day := _as_date(fact, year))]
    for one, other in combinations(dict.fromkeys(days), 2):
        apart = abs((one - other).days) / _DAYS_OF[claimed.unit]
        if abs(apart - claimed.value) <= (0 if claimed.unit == "day" else 0.15 * max(apart, 1)):
            return f"from {min(one, other):%-d %B} to {max(one, other):%-d %B}"
    return ""


def _shown(value: float) -> str:
    return f"{value:,.10g}"


def supports(known: Fact, claimed: Fact, years: frozenset[int] = frozenset()) -> bool:
    """Return whether the source's fact implies the claimed one (the claim may be less precise).

    `years` may be added to a known date without one: those that its article is about.
    """
    if claimed.kind == "date":
        return known.kind == "date" and _same_day(known.day, claimed.day, years)
    if claimed.kind == "weekday":
        return (known.kind == "weekday" and known.value == claimed.value) or (
            known.kind == "date" and _weekday(known.day, years) == claimed.value
        )
    if claimed.kind == "time" or known.kind == "time":
        return _same_time(known, claimed)
    if claimed.kind == "year":
        there = known.day[0] if known.kind == "date" else known.value if known.kind == "year" else 0
        return claimed.value == there or claimed.value in years
    return known.kind not in ("date", "year", "weekday") and _same_amount(known, claimed)


def _same_amount(known: Fact, claimed: Fact) -> bool:
    """Return whether two numbers are equal, in the same unit or with one unit left out."""
    units = known.unit == claimed.unit or not known.unit or not claimed.unit
    if not units:
        return _same_span(known, claimed) or _same_span(claimed, known)
    return abs(known.value - claimed.value) <= 1e-9 * max(1.0, abs(known.value))


def years_of(facts: Iterable[Fact], published: date | None) -> frozenset[int]:
    """Return the years among some facts, and the year of publication."""
    facts = list(facts)
    years = {fact.day[0] for fact in facts if fact.kind == "date"}
    years |= {int(fact.value) for fact in facts if fact.kind == "year"}
    return frozenset(years - {0} | ({published.year} if published else set()))


def _same_day(
    known: tuple[int, int, int], claimed: tuple[int, int, int], years: frozenset[int]
) -> bool:
    year = not claimed[0] or known[0] == claimed[0] or (not known[0] and claimed[0] in years)
    return year and all(
        not said or said == there for said, there in zip(claimed[1:], known[1:], strict=True)
    )


def _weekday(day: tuple[int, int, int], years: frozenset[int]) -> float:
    year = day[0] or max(years, default=0)
    try:
        return float(date(year, day[1], day[2]).weekday())
    except ValueError:
        return -1.0


def _same_span(one: Fact, other: Fact) -> bool:
    """Return whether two durations in neighbouring units are equal: seven days and a week."""
    larger, size = _SPANS.get(one.unit, ("", 0))
    return other.unit == larger and one.value == other.value * size


def _same_time(known: Fact, claimed: Fact) -> bool:
    """Compare two times of day, or a time with a bare hour ("six in the evening", "6 p.m.")."""
    if known.kind == claimed.kind:
        return (known.value - claimed.value) % 720 == 0
    time, other = (known, claimed) if known.kind == "time" else (claimed, known)
    return other.kind == "number" and time.value % 60 == 0 and other.value == time.value // 60 % 12


def _on(start: int, end: int, day: date) -> Fact:
    return Fact("date", start, end, day=(day.year, day.month, day.day))


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
        yield Fact("time", *match.span(), float((hour % 12 if part else hour) * 60 + minute))
    for match in _NOON.finditer(text):
        yield Fact("time", *match.span(), 0.0 if match.group().lower() == "midnight" else 720.0)


def _digits(text: str) -> Iterator[Fact]:
    for match in _DIGITS.finditer(text):
        value = float(re.sub(r"[,\s]", "", match["num"]))
        scale = (match["scale"] or "").lower()
        value *= _SCALES.get(scale, _SHORT_SCALES.get(scale, 1.0))
        start = match.start("cur") if match["cur"] else match.start("num")
        kind = "ordinal" if (match["tail"] or "s").lower() != "s" else "number"
        if _YEAR_ALONE.fullmatch(match.group().strip()) and not _COUNTED.match(text, match.end()):
            yield Fact("year", match.start("num"), match.end(), value)
            continue
        unit = _CURRENCIES.get((match["cur"] or "").lower(), "") or _unit(text, match.end())
        yield _figure(kind, start, match.end(), value, unit)


def _spelled(text: str) -> Iterator[Fact]:
    for match in _WORDS.finditer(text):
        value = _value(match.group().lower())
        if value is not None:
            yield _figure("number", *match.span(), value, _unit(text, match.end()))


def _figure(kind: str, start: int, end: int, value: float, unit: str) -> Fact:
    """Three decades are thirty years."""
    years = _YEARS.get(unit) if kind == "number" else None
    return Fact(kind, start, end, value * (years or 1), "year" if years else unit)


def _value(words: str) -> float | None:
    total = current = 0.0
    half = words.endswith(" half")
    factor = 0.5 if words.startswith("half a") else 1.0
    for word in re.findall(r"[a-z]+", words.replace(" and a half", "")):
        if word in _UNITS:
            current += _UNITS[word]
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
            share = _UNITS[match["some"].lower()] / _UNITS[match["all"].lower()]
            yield Fact("number", *match.span(), 100 * share, "percent")
            continue
        top = (match["top"] or match["top2"] or "one").lower()
        part = (match["part"] or match["part2"]).lower()
        value = _UNITS.get(top, 1) / _PARTS[part]
        yield Fact("number", *match.span(), 100 * value, "percent")


def _unit(text: str, end: int) -> str:
    """Return the measure or currency that follows a number, if one does."""
    match = _UNIT.match(text, end)
    if not match:
        return ""
    word = " ".join(match.group().strip(" -").lower().split())
    last = word.split()[-1] if word else ""
    for name in (word, last, last.removesuffix("s"), last.removesuffix("es")):
        unit = _MEASURES.get(name) or _CURRENCIES.get(name)
        if unit:
            return unit
    return ""
