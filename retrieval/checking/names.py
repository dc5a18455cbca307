"""Proper names in a text, and whether another text has them or their kin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from retrieval.text.words import STOP_WORDS, paired

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
PARTICLES = r"(?:(?:al|bin|da|de|den|der|di|el|van|von)\s)*"
"""What may stand before a surname, as a pattern: "van der"."""

_INITIAL = re.compile(rf"\.[\s-]?{PARTICLES}[A-Z]")
_BEGINS = re.compile(r"(?:^|[.!?:;\n•])[\s\"“”'‘’(\-–—*]*\Z")
_SPACES = re.compile(r"\s*")
_JOINS = re.compile(r"\s(?:(?:of|the|and|for|de|al|von|van|der|on|in)\s)*|[-\s]\Z")

_KIN = {
    "turkish": "turkey", "turk": "turkey", "turks": "turkey", "french": "france",
    "british": "britain", "briton": "britain", "britons": "britain", "uk": "britain",
    "english": "england", "dutch": "netherlands", "greek": "greece", "greeks": "greece",
    "spanish": "spain", "swiss": "switzerland", "danish": "denmark", "swedish": "sweden",
    "finnish": "finland", "polish": "poland", "german": "germany", "germans": "germany",
    "norwegian": "norway", "irish": "ireland", "welsh": "wales", "scottish": "scotland",
    "iraqi": "iraq", "us": "america", "usa": "america", "american": "america",
    "americans": "america", "eu": "europe", "european": "europe", "europeans": "europe",
    "soviet": "ussr", "soviets": "ussr", "chinese": "china", "lebanese": "lebanon",
    "israeli": "israel", "israelis": "israel", "thai": "thailand", "afghan": "afghanistan",
    "kazakh": "kazakhstan", "kyrgyz": "kyrgyzstan", "uzbek": "uzbekistan", "tajik": "tajikistan",
    "emirati": "emirates", "uae": "emirates", "filipino": "philippines", "martian": "mars",
    "lunar": "moon", "olympic": "olympics", "paralympic": "paralympics", "covid": "coronavirus",
    "covid-19": "coronavirus", "christians": "christian", "nagorno-karabakh": "karabakh",
    "islamist": "islam", "islamic": "islam", "jihadist": "jihad", "tv": "television",
    "peruvian": "peru", "northern-irish": "northern-ireland",
}  # fmt: skip
_UNLIKE = re.compile(r"(nigeria|georgia|romania)(?:ns?)?|(dominica|indiana)")
"""Without their endings they would be Niger, George, a Roman, the Dominican Republic and India."""

_WHOLE = re.compile(
    r"\b(?:(?:North|South)[ -](?:Korea|Ossetia|Carolina|Dakota)|South[ -](?:Sudan|Africa)"
    r"|Northern[ -]Ir(?=eland|ish)|(?:Equatorial|New)[ -]Guinea|Guinea[ -]Bissau)\w*(?:['’]s?\b)?",
    re.I,
)
"""Names in which another country's stands."""

_BOTH = re.compile(r"\b(North|South)( and | or )(?=(?:North|South) (Korea|Ossetia)\w*)", re.I)

_PHRASES = {
    "united states": "america", "united kingdom": "britain", "great britain": "britain",
    "european union": "europe", "united nations": "un", "soviet union": "ussr",
    "security council": "security council",
}  # fmt: skip
_CAPITALS = """
kabul afghanistan; tirana albania; algiers algeria; luanda angola; yerevan armenia;
canberra australia; vienna austria; baku azerbaijan; dhaka bangladesh; minsk belarus;
brussels belgium; sarajevo bosnia; brasilia brazil; sofia bulgaria; ottawa canada;
santiago chile; beijing china; bogota colombia; zagreb croatia; havana cuba; nicosia cyprus;
prague czech; copenhagen denmark; cairo egypt; tallinn estonia; helsinki finland; paris france;
tbilisi georgia; berlin germany; accra ghana; athens greece; budapest hungary;
reykjavik iceland; delhi india; jakarta indonesia; tehran iran; baghdad iraq; dublin ireland;
jerusalem israel; rome italy; tokyo japan; amman jordan; astana kazakhstan; nairobi kenya;
pristina kosovo; kuwait kuwait; bishkek kyrgyzstan; riga latvia; beirut lebanon; tripoli libya;
vilnius lithuania; skopje macedonia; bamako mali; valletta malta; chisinau moldova;
podgorica montenegro; rabat morocco; naypyidaw myanmar; kathmandu nepal; wellington zealand;
abuja nigeria; pyongyang north-korea; seoul south-korea; oslo norway; muscat oman;
islamabad pakistan; lima peru; manila philippines; warsaw poland; lisbon portugal; doha qatar;
bucharest romania; moscow russia; kremlin russia; riyadh arabia; dakar senegal; belgrade serbia;
bratislava slovakia; ljubljana slovenia; mogadishu somalia; pretoria south-africa; madrid spain;
khartoum sudan; stockholm sweden; bern switzerland; damascus syria; taipei taiwan;
dushanbe tajikistan; bangkok thailand; tunis tunisia; ankara turkey; ashgabat turkmenistan;
kyiv ukraine; kiev ukraine; london britain; washington america; caracas venezuela;
hanoi vietnam; sanaa yemen; harare zimbabwe; stepanakert karabakh
"""
_ENDINGS = ("ians", "ian", "eans", "ean", "ans", "an", "ese", "is", "s", "i", "a", "o", "y", "e")
_SHORTEST_STEM = 4
_LONGEST_RUN = 8
"""Words of a phrase or letters of an acronym at most."""

ROLES = frozenset(
    """president minister prime foreign defence defense health finance education interior deputy
    chancellor king queen emperor sir mr mrs ms dr doctor professor general major colonel
    lieutenant brigadier captain commander governor mayor senator congressman secretary chairman
    chairwoman director spokesman spokeswoman ambassador judge father vice speaker head chief
    ministry government parliament army republic state states district region city province town
    village university college church company group party court council committee commission
    department agency street river lake north south east west northern southern eastern western
    central international national""".split()
)
"""Words written with a capital in a name or title, and common otherwise: they name nothing."""

_OFFICES = frozenset("CEO CFO COO MP MPs PM".split())
"""Roles that are written in capitals, and name nothing either."""

_OPENERS = frozenset(
    """besides none despite according although though whereas unlike among within without meanwhile
    however either neither never nearly around roughly almost nobody everyone several many later
    earlier today yesterday overall officially currently annually formerly initially eventually
    finally previously originally recently additionally furthermore moreover nevertheless similarly
    specifically notably instead thus hence still yet even instead every three-year-old
    part people""".split()
)
"""Words that begin a sentence and name nothing."""

_UNNAMED = STOP_WORDS | ROLES | _OPENERS


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a proper name, or one such as "South Korea".

    `phrase` is the whole run of names that it is part of.
    """

    word: str
    start: int
    end: int
    phrase: str


def is_whole(word: str) -> bool:
    """Return whether a name is one such as "South Korea", which is not all that is called Korea."""
    return bool(_WHOLE.fullmatch(word))


@lru_cache(maxsize=20_000)
def key(word: str) -> str:
    """Return the stem shared by forms of a name: Armenia, Armenian, Armenians, Armenia's."""
    bare = word.replace("’", "'").removesuffix("'s").removesuffix("'").replace(".", "")
    plain = unicodedata.normalize("NFKD", bare.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if unlike := _UNLIKE.fullmatch(plain):
        return unlike[1] or unlike[2]
    plain = plain.replace(" ", "-") if is_whole(word) else plain
    plain = _KIN.get(plain, plain)
    shorter = True
    while shorter:
        shorter = False
        for ending in _ENDINGS:
            if plain.endswith(ending) and len(plain) - len(ending) >= _SHORTEST_STEM:
                plain = plain.removesuffix(ending)
                shorter = True
                break
    return plain


_SEATS = paired(_CAPITALS, key)
"""The countries that capitals stand for in the news, and the other way round."""

_HELD = frozenset(map(key, ("Sudan", "Guinea")))
"""Countries that are never meant by a name in which theirs stands, as Korea may be."""


def find_names(text: str, is_common: Callable[[str], bool]) -> list[Name]:
    """Return the words of a text's proper names.

    `is_common` tells of a word at the beginning of a sentence, which has a capital anyway,
    whether it is no name. The "B" of "B. Johnson" is none: what it stands for has others.
    """
    found: list[tuple[int, int, str]] = []
    for match in _WORD.finditer(_joined(text)):
        word = match.group()
        if not _is_capital(word) or word in _OFFICES or _is_initial(match):
            continue
        if _bare(word) in _UNNAMED and not _is_acronym(word):
            continue
        sure = _is_acronym(word) or is_whole(word)
        if _BEGINS.search(text, 0, match.start()) and not sure and is_common(word):
            continue
        found.append((match.start(), match.end(), word))
    return [
        Name(text[start:end], start, end, _phrase(text, found, at))
        for at, (start, end, _) in enumerate(found)
    ]


def in_runs(
    text: str, names: Iterable[Name], between: re.Pattern[str] = _SPACES
) -> list[list[Name]]:
    """Return names in runs of those that only spaces part, or what else may stand between them."""
    runs: list[list[Name]] = []
    for name in names:
        if runs and between.fullmatch(text, runs[-1][-1].end, name.start):
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _joined(text: str) -> str:
    """Return a text with a hyphen within each name that is a whole; all places stay."""
    return _WHOLE.sub(lambda match: match.group().replace(" ", "-"), text)


def common(always: Iterable[str], small: Iterable[str]) -> Callable[[str], bool]:
    """Tells of a capitalised first word whether it is no name.

    Known by how some texts write it within a sentence, or else by tiktoken's vocabulary, where
    a word that is mostly written with a capital is shorter with it, or has a lower number.
    """
    names, words = frozenset(always), frozenset(small)

    def is_common(word: str) -> bool:
        form = word.lower().replace("’", "'").removesuffix("'s")
        return form in words or (form not in names and _written_small(word))

    return is_common


@lru_cache(maxsize=1_000)
def keys(text: str) -> frozenset[str]:
    """Return the keys of all words, phrases and acronyms by which a text may name something."""
    words = [m.group() for m in _WORD.finditer(_joined(_BOTH.sub(r"\1 \3\2", text)))]
    lower = [_bare(word) for word in words]
    found = {key(word) for word in words}
    for word in words:
        if "-" in word:
            parts = {key(part) for part in word.split("-")}
            found.update(parts - _HELD if is_whole(word) else parts)
    pairs = (f"{one} {two}" for one, two in pairwise(lower))
    found.update(key(_PHRASES[pair]) for pair in pairs if pair in _PHRASES)
    found.update(_acronyms(words))
    return frozenset(found)


def has_name(name: Name, there: Iterable[str]) -> bool:
    """Return whether some keys contain a name, a form of it, its acronym, or a longer name with it.

    A capital is kin of its country: "Moscow said" what the Russian ministry said.
    """
    known = there if isinstance(there, frozenset) else frozenset(there)
    if key(name.word) in known or not _SEATS.get(key(name.word), frozenset()).isdisjoint(known):
        return True
    if not _wholes(name.phrase).isdisjoint(known):
        return True
    if "-" in name.word and not is_whole(name.word):
        parts = [part for part in name.word.split("-") if part]
        return all(key(part) in known for part in parts if _is_capital(part))
    return False


@lru_cache(maxsize=20_000)
def _wholes(phrase: str) -> frozenset[str]:
    """Return the keys of what a run of names stands for as a whole, such as its acronym."""
    words = [match.group() for match in _WORD.finditer(phrase)]
    plain = " ".join(map(_bare, words))
    found = {key(part) for whole, part in _PHRASES.items() if whole in plain}
    initials = "".join(word[0] for word in words if word[0].isupper())
    if len(initials) >= 3:
        found.add(key(initials))
    return frozenset(found)


def _acronyms(words: list[str]) -> set[str]:
    """Return the initials of each run of capitalised words, small joining words left out."""
    found: set[str] = set()
    run: list[str] = []
    for word in [*words, "."]:
        if word[0].isupper():
            run.append(word[0].lower())
        elif word not in ("of", "the", "and", "for", "on", "in", "to"):
            found.update(
                "".join(run[i:j])
                for i in range(len(run))
                for j in range(i + 2, min(len(run), i + _LONGEST_RUN) + 1)
            )
            run = []
    return found


def _phrase(text: str, found: list[tuple[int, int, str]], at: int) -> str:
    first = last = at
    while (
        first > at - _LONGEST_RUN
        and first
        and _JOINS.fullmatch(text[found[first - 1][1] : found[first][0]])
    ):
        first -= 1
    while last < min(len(found) - 1, at + _LONGEST_RUN) and _JOINS.fullmatch(
        text[found[last][1] : found[last + 1][0]]
    ):
        last += 1
    return text[found[first][0] : found[last][1]]


def _is_capital(word: str) -> bool:
    return word[0].isupper() or (any(c.isupper() for c in word) and any(c.isdigit() for c in word))


def _is_initial(word: re.Match[str]) -> bool:
    return len(word.group()) == 1 and bool(_INITIAL.match(word.string, word.end()))


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _bare(word: str) -> str:
    return word.replace("’", "'").removesuffix("'s").casefold()


def _written_small(word: str) -> bool:
    from retrieval.text.tokens import encoding

    small = encoding().encode_ordinary(f" {word.lower()}")
    capital = encoding().encode_ordinary(f" {word.capitalize()}")
    if len(small) != len(capital):
        return len(small) < len(capital)
    if len(small) == 1:
        return small < capital
    return word.lower().endswith(("s", "ing", "ed"))
