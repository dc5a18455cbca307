"""Polarity: what a text negates, opposite words, and bounds of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.checking.facts import DAYS_OF, Fact
from retrieval.text.stems import stem
from retrieval.text.words import paired

_NOT = frozenset(
    """not never no none nobody nothing neither nor without cannot hardly barely scarcely
    nowhere unable""".split()
)
_VERBS = re.compile(
    r"^(?:refus(?:e|es|ed|ing|al)|den(?:y|ies|ied|ying|ial)|stop(?:s|ped|ping)?"
    r"|reject(?:s|ed|ing|ion)?|declin(?:ed|ing)|prevent(?:s|ed|ing)?|avoid(?:s|ed|ing)?"
    r"|lack(?:s|ed|ing)?|withh[eo]ld(?:s|ing)?|uncertain|unclear|unknown)$"
)
_BOUNDARY = re.compile(
    r"[;:.()—\n]|,\s|\b(?:but|although|though|while|whereas|because|if|which|who)\b"
)
_SCOPE = 7
"""Words after a negation that it is taken to reach, up to the end of its clause."""

_IDIOMS = re.compile(
    r"\bnot only\b|\bnever before\b"
    r"|\bhad (?:not|never) seen\b|\b(?:no|not) (?:later|earlier|fewer|less|more) than\b"
    r"|\bnot (?:yet )?(?:clear|known|certain) (?:whether|if)\b"
    r"|\bno\.? \d|\bno doubt\b|\bnone other\b"
    r"|\bstop(?:s|ped|ping)? (?:in|at|on|near|off|over|for|by)\b",
    re.I,
)
_YET = re.compile(
    r"\bfail(?:s|ed|ing)? to\b|\byet to\b"
    r"|\bcall(?:s|ed|ing)? off\b|\brul(?:e|es|ed|ing) out\b"
    r"|\binstead of\b|\brather than\b|\bstopped short of\b|\bfar from\b",
    re.I,
)

_OPPOSITES = """
rise fall; rose fell; risen fallen; rising falling; rose dropped; rose declined; grow shrink;
grew shrank; grew fell; increase decrease; increase reduce; increase fall; increase cut;
raise cut; raise lower; raise reduce; gain lose; gained lost; gain loss; won lost; win lose;
victory defeat; more less; more fewer; most least; most few; many few; higher lower; high low;
highest lowest; large small; larger smaller; largest smallest; big small; biggest smallest;
long short; longer shorter; longest shortest; heavier lighter; heaviest lightest; old young;
older younger; oldest youngest; oldest newest; older newer; early late; earlier later;
first last; before after; above below; inside outside; within outside; up down; north south;
northern southern; east west; eastern western; north-east south-west; left right; close distant;
closest farthest; accept reject; accepted refused; agree disagree; agree refuse;
agreed rejected; allow ban;
allow forbid; allowed banned; permit forbid; permit ban; approve reject; support oppose;
backed opposed; supported opposed; confirm deny; confirmed denied; admit deny; admitted denied;
praise criticise; praised criticised; praise condemn; welcome condemn; welcomed condemned;
welcomed criticised; welcomed rejected; thanked criticised; thank criticise; start end;
began ended; begin end; begin finish; open close; opened closed; reopen close; resume suspend;
resumed suspended; resumed stopped; continue stop; continue end; arrive leave; enter leave;
entered left; join leave; joined left; strengthen weaken; stronger weaker; strong weak;
import export; give take; attack defend; detain release;
detained released; arrest release; arrested released; captured released; arrested freed;
appoint dismiss; appointed dismissed; named dismissed; impose lift; imposed lifted;
success failure; succeed fail; succeeded failed; guilty innocent; legal illegal; public private;
possible impossible; able unable; likely unlikely; safe dangerous; alive dead; survived died;
damage repair; destroy build; destroyed rebuilt; built demolished; included excluded; all none;
always never; everyone nobody; everybody nobody; someone nobody; something nothing;
everything nothing; both neither; men women; male female; day night; morning evening;
domestic foreign; civilian military; majority minority; maximum minimum; optimistic pessimistic;
better worse; best worst; advance retreat; rich poor; peace war; hot cold; warm cold; full empty;
true false; correct wrong; easy difficult; hard easy; fast slow; faster slower; quickly slowly;
wide narrow; deep shallow; thick thin; often rarely; frequently rarely; always rarely;
partly fully; temporary permanent; voluntary compulsory; remember forget; remain leave;
stayed left; keep abandon; protect endanger; expand contract; expanded contracted;
expanded shrank; extend shorten; hire fire; encourage discourage; improve worsen;
improved worsened; unite divide; united divided; love hate; known unknown; positive negative;
upper lower; ancient modern; common rare; simple complex; rural urban; internal external;
friend enemy; ally enemy; allies enemies; passed failed; forward backward; since until;
noon midnight; midday midnight
"""
_AT_LEAST = re.compile(
    r"(?:more than|over|at least|above|exceed(?:s|ed|ing)|upwards? of|(?:no|not) (?:fewer|less)"
    r" than|surpass(?:es|ed|ing)|greater than|better than|minimum of)(?:\s+(?:an?|the|some|about"
    r"|\$|€|£))*\s*$",
    re.I,
)
_AT_MOST = re.compile(
    r"(?:(?<!no )(?<!not )(?:less|fewer) than|under|below|up to|at most|almost|nearly|just short of"
    r"|(?:no|not) more than|maximum of|as (?:many|much) as)(?:\s+(?:an?|the|some|about|\$|€|£))*"
    r"\s*$",
    re.I,
)


@lru_cache(maxsize=1)
def _by_stem() -> dict[str, frozenset[str]]:
    return paired(_OPPOSITES, stem)


def opposites(word: str) -> frozenset[str]:
    """Return the stems of a lower-case word's antonyms."""
    return _by_stem().get(stem(word), frozenset())


def _is_cue(word: str) -> bool:
    """Return whether a word, in lower case, negates what follows."""
    return _is_outright(word) or bool(_VERBS.match(word))


def _is_outright(word: str) -> bool:
    return word in _NOT or word.endswith(("n't", "n’t"))


@dataclass(frozen=True, slots=True)
class Negations:
    """The negations of a text: after which word each stands, and how many reach each word."""

    cues: list[int]
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a text negates: with "not" and its kind alone, and with verbs that imply it too.

    "Stop fighting" can be said without any negation ("end hostilities"), "do not fight" hardly.
    """

    outright: Negations
    implied: Negations


def negated(text: str, spans: Sequence[tuple[int, int]]) -> Polarity:
    """Return what a text negates; `spans` are its words' places, in order.

    A negation reaches from the word after it to the end of its clause, and not far. "Not" reaches
    no further than the next "not".
    """
    idioms = [match.span() for match in _IDIOMS.finditer(text)]
    ends = [
        (at, spans[at][1])
        for at, (start, end) in enumerate(spans)
        if _is_cue(text[start:end].lower()) and not any(s <= start < e for s, e in idioms)
    ]
    for match in _YET.finditer(text):
        before = [at for at, (start, _) in enumerate(spans) if start < match.end()]
        ends.append((before[-1] if before else -1, match.end()))
    plain = [at for at, _ in ends if _is_outright(text[slice(*spans[at])].lower())]
    return Polarity(
        _reach(text, spans, [(at, end) for at, end in ends if at in plain], plain),
        _reach(text, spans, ends, plain),
    )


def _reach(
    text: str,
    spans: Sequence[tuple[int, int]],
    ends: Sequence[tuple[int, int]],
    plain: Sequence[int],
) -> Negations:
    """Count, for each word, the negations whose scope it is in."""
    counts = [0] * len(spans)
    for at, end in ends:
        boundary = _BOUNDARY.search(text, end)
        stop = boundary.start() if boundary else len(text)
        again = [spans[i][0] for i in plain if i > at]
        stop = min([stop, *again]) if at in plain else stop
        for i in range(at + 1, min(len(spans), at + 1 + _SCOPE)):
            counts[i] += spans[i][0] < stop
    return Negations([at for at, _ in ends], counts)


def bound(text: str, fact: Fact) -> int:
    """1 where a text has a number as a lower bound, -1 as an upper one, 0 as neither.

    "Over five years" says how long.
    """
    if fact.kind != "number":
        return 0
    before = text[max(0, fact.start - 30) : fact.start]
    if _AT_MOST.search(before):
        return -1
    lasts = fact.unit in DAYS_OF and before.rstrip().lower().endswith("over")
    return 1 if _AT_LEAST.search(before) and not lasts else 0
