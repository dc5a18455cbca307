"""What kind of thing a question asks for, and whether a sentence has such a thing."""

from __future__ import annotations

import re

from corpus.dates import MONTH_PATTERN

_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH_PATTERN}|{MONTH_PATTERN} \d{{1,2}}\b(?!,\d)"
    r"|\b(?:1[0-9]|20)\d\ds?\b"
)
_FIGURE = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|several|a few)"
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


_NUMBER = _pattern(rf"\b(?:{_FIGURE}|twice|once|third|quarter|couple|single|both|no|none)\b|\d")
_PEOPLE = _pattern(
    rf"\b{_FIGURE}\b.*\b(?:people|population|residents|inhabitants|citizens|live)\b"
    r"|\d{1,3}(?:,\d{3})+|\d(?:\.\d+)? million\b"
)
_MONEY = _pattern(
    r"[$€£¥]\s?\d|\b(?:dollars?|euros?|pounds?|lira|yuan|yen|roubles?|rubles?|cents?|pence|USD|EUR"
    rf"|price|cost)\b.*\b{_FIGURE}\b|\b{_FIGURE}\b.*\b(?:dollars?|euros?|pounds?|lira|yuan|yen"
    r"|roubles?|rubles?|cents?|pence|USD|EUR)\b"
)
_SHARE = _pattern(r"%|\b(?:per ?cent|percentage|half|third|quarter|majority|most|all)\b")
_EXTENT = _pattern(
    rf"\b{_FIGURE}[ -]?(?:\w+[ -])?(?:milli|centi|kilo)?(?:m|km|cm|mm|ft|metres?|meters?|miles?"
    r"|feet|foot|inch(?:es)?|yards?|acres?|hectares?|square|tonnes?|tons?|kg|kilograms?|grams?"
    r"|litres?|degrees?|storeys?|floors?|seconds?|minutes?|hours?|days?|nights?|weeks?|months?"
    r"|years?|decades?|centur(?:y|ies)|knots?|times?|dollars?|euros?|pounds?|members?|people)\b"
    r"|[$€£¥]\s?\d|\b(?:since|until|from|between)\b.*\d"
    r"|\b(?:overnight|annually|daily|weekly|monthly|yearly|hourly)\b|\d\s?(?:m|km|cm|mm|ft|kg|g)\b"
)
_DURATION = _pattern(
    rf"\b{_FIGURE}[ -]?(?:\w+[ -])?(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?"
    r"|decades?|centur(?:y|ies)|times?)\b|\b(?:an?|the|whole|all) (?:minute|hour|day|night|week"
    r"|month|year|decade|century)\b|\b(?:since|until|till|from|between)\b.*\d|\bovernight\b"
)
_AGE = _pattern(
    rf"\b(?:aged?|born|{_FIGURE}[- ]years?[- ]old|{_FIGURE} years ago|birthday)\b"
    r"|, \d{1,3},|\(\d{1,3}\)"
)
_TIME = _pattern(
    rf"\b\d{{3,4}}s?\b|{MONTH_PATTERN}\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\b(?:when|while|during|end of|start of|beginning of|period|epoch|era|age)\b"
    r"|\b(?:century|today|yesterday|tomorrow|years?|decades?|weeks?|months?|days?|morning|evening"
    r"|night|noon|midnight|hours?|minutes?|immediately|spring|summer|autumn|winter)\b"
    r"|\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.)"
)
_NAME = re.compile(r"(?<!^)(?<![.!?“\"] )\b[A-Z][\w’'-]+")
_CAUSE = _pattern(
    r"\b(?:because|due to|since|as a result|owing to|in order|so that|caus(?:e[ds]?|ing)|reasons?"
    r"|led to|therefore|thus|to avoid|for fear|after|over|so|meant?|means|fear(?:ed|s|ing)?"
    r"|to \w+)\b"
)

_WHO = r"\b(?!(?-i:WHO)\b)who(?:m|se)?\b"
""" "Who", and not the World Health Organization."""

_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (_pattern(r"\bhow old\b|\bwhat(?:'s| is| was) the age\b|\bborn\b"), _AGE),
    (
        _pattern(
            r"\bhow many people (?:live|reside)|\bpopulation of\b|\bhow (?:big|large) is the pop"
        ),
        _PEOPLE,
    ),
    (
        _pattern(
            r"\bhow much\b.*\b(?:cost|pa(?:y|id)|spen[dt]|worth|money|compensation|earn|raise"
            r"|charge)|\b(?:price|cost) (?:of|per|for)\b|\bwhat (?:price|sum|fee)\b"
        ),
        _MONEY,
    ),
    (_pattern(r"\b(?:what|which) (?:percent|percentage|share|proportion|fraction)\b"), _SHARE),
    (
        _pattern(
            r"\bhow long (?:did|do(?:es)?|has|have|had|will|would|could|can|may|must|should)\b"
            r"|\bhow long (?:is|are|was|were) .*\b(?:\w{3,}ed|stuck|held|kept|shut|under|out|due)\b"
        ),
        _DURATION,
    ),
    (
        _pattern(
            r"\bhow (?:long|far|tall|high|deep|wide|big|large|heavy|fast|often|thick|hot|cold)\b"
            r"|\bwhat (?:is|was|are|were) the (?:length|height|depth|width|size|distance|weight"
            r"|speed|duration|temperature|diameter)\b"
        ),
        _EXTENT,
    ),
    (
        _pattern(
            r"\bhow (?:many|much|few)\b|\b(?:what|which) (?:number|amount)\b"
            r"|\b(?:death )?toll\b|\bnumber of\b"
        ),
        _NUMBER,
    ),
    (
        _pattern(
            r"(?:^|[,;:.?!] ?|\b(?:and|or|but|so|since|until|till|by|from|ok|please) )when(?:'s)?\b"
            r"|\bwhen\W*$|\b(?:what|which) (?:year|date|day|month|decade|century|time|period)\b"
            r"|\bhow long ago\b"
        ),
        _TIME,
    ),
    (
        _pattern(rf"{_WHO}|\b(?:what|which) (?:person|people|company|organi[sz]ation)\b"),
        _NAME,
    ),
    (
        _pattern(
            r"\bwhere\b|\b(?:what|which) (?:city|country|state|region|place|town)\b"
            r"|\bwhat(?:'s| is| was| were| are) the names?\b"
        ),
        _NAME,
    ),
    (_pattern(r"\bwhy\b|\bwhat (?:caused|led to)\b|\bfor what reason\b"), _CAUSE),
)


_FIGURES = frozenset((_AGE, _PEOPLE, _MONEY, _SHARE, _EXTENT, _DURATION, _NUMBER, _TIME))
_UNDATED = frozenset((_PEOPLE, _MONEY, _NUMBER))


def kind_match(question: str, text: str) -> float:
    """1 where a text has the kind of thing that a question asks for, 0.5 where that is unknown.

    Where it has not: 0 for a name or a cause, which have many guises, and -1 for a figure or a
    time, which have few. A date is not a number of things.
    """
    for asks, has in _KINDS:
        if asks.search(question):
            if has.search(_DATE.sub(" ", text) if has in _UNDATED else text):
                return 1.0
            return -1.0 if has in _FIGURES else 0.0
    return 0.5
