"""Whether a sentence claims more than what it rests on.

The words that make the difference are small ones: "all" for "most", "is" for "may be", "has left"
for "will leave", a denial that nobody made. They carry no content of their own, so that no likeness
of words or vectors hears them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from retrieval.checking.unjudged.figures import bounds
from retrieval.checking.unjudged.reading import Text, Window
from retrieval.text.stems import stem
from retrieval.text.words import content_words, words

_DENIES = r"\bden(?:y|ie[sd]|ying|ials?)\b"
_NUMBER = r"(?:the )?(?:\d|two|three|four|five|six|seven|eight|nine|ten)"
_ALL = (
    rf"(?<!\bafter )(?<!\bat )(?<!\bin )(?<!\babove )\ball\b(?! but\b|-| {_NUMBER})"
    r"|\b(?:every\w*|whole|entire(?:ly|ty)?|always|completely)\b"
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


_STRONGER = (
    (
        _pattern(_DENIES),
        _pattern(rf"{_DENIES}|\b(?:not?|never|none|(?:reject|dismiss|disput)\w*)\b|n[’']t\b"),
    ),
    (
        _pattern(_ALL),
        _pattern(
            r"\b(?:all|always|both|each|nobody|none|no|throughout|whole"
            r"|(?:any|complete|entire|every)\w*)\b"
        ),
    ),
)
"""What a sentence may say only where what it rests on says something of the kind."""

_PERHAPS = _pattern(
    r"\b(?:seem\w*|appear(?:s|ed)? to|apparent\w*|probabl\w*|likely|(?-i:may)|might|could have"
    r"|perhaps|possibly|thought to|estimat\w*|suggest\w*)\b"
)
_ALLEGES = _pattern(r"\b(?:accus\w*|alleg\w*|believ\w*|blam\w*|reportedly|suspect\w*)\b")
_SAYS = _pattern(
    r"\b(?:said|says?|according to|told|report(?:s|ed)?|announced|warn\w*|show(?:s|ed)?"
    r"|explain\w*|added|charged|claim\w*|denie[sd]|responsible|put)\b"
)
_CLAUSE = re.compile(r"[,;:–—.]\s+|\s(?=(?:and|but|while|until|which|who)\s)")

_WANTS = (
    r"(?:aim|ask|call|hop|intend|offer|order|plan|pledg|promis|propos|threaten|urg|vow|want)\w*"
)
_OPEN = r"(?:will|would|shall|must)"
_DUE = r"(?:due|obliged|expected|supposed|about|required)"
_TO_COME = _pattern(
    rf"\b(?:{_OPEN}|(?:is|are|was|were) (?:{_DUE} )?to|{_WANTS} (?:to|for))"
    r"(?: (?:not|also|then|soon|a|the|an|be|have|been))* (?P<verb>\w+)"
)
_STILL_OPEN = _pattern(
    rf"\b(?:{_OPEN}|{_WANTS} (?:to|for)|(?-i:may)|might|can|could|should|likely|{_DUE} to"
    r"|(?:is|are|was|were) to)\b"
)
_DONE = frozenset("been had has have was were".split())
_IRREGULAR = dict(
    pair.split("/")
    for pair in """left/leave held/hold gave/give given/give took/take taken/take kept/keep met/meet
    made/make found/find built/build sent/send lost/lose began/begin begun/begin brought/bring
    won/win paid/pay gone/go went/go broke/break broken/break sold/sell bought/buy spent/spend
    withdrew/withdraw withdrawn/withdraw became/become came/come""".split()
)


def overstates(claim: Text, window: Window) -> bool:
    """Return whether a sentence says more strongly what a window says.

    It denies, generalises or sets a bound where the window does not; it takes for certain what
    the window thinks possible, for a fact what is somebody's word there, or for done what is to
    come.
    """
    return 0 in bounds(claim, window) or _overstates(claim.text, window.text)


def _overstates(sentence: str, source: str) -> bool:
    if any(claimed.search(sentence) and not said.search(source) for claimed, said in _STRONGER):
        return True
    if _PERHAPS.search(sentence):
        return False
    own = set(content_words(sentence))
    clauses = _CLAUSE.split(source)
    said = max(clauses, key=lambda clause: len(own.intersection(content_words(clause))))
    alleged = _ALLEGES.search(said) and not (_ALLEGES.search(sentence) or _SAYS.search(sentence))
    return bool(_PERHAPS.search(said) or alleged) or _as_done(sentence, said)


def _as_done(sentence: str, source: str) -> bool:
    """Return whether a sentence has, and not as something to come, what a source has as that."""
    if _STILL_OPEN.search(sentence):
        return False
    to_come = {_verb(match["verb"].lower()) for match in _TO_COME.finditer(source)}
    return any(
        _verb(word) in to_come
        for before, word in pairwise(["", *words(sentence)])
        if before in _DONE or word in _IRREGULAR or word.endswith("ed")
    )


def _verb(word: str) -> str:
    return stem(_IRREGULAR.get(word, word))
