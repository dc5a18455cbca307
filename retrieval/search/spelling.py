"""Reads misspelt words of a question as the words of the archive that they were meant to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import log2

from prompts import line
from retrieval.archive.catalog import Catalog
from retrieval.search.slips import Near, near
from retrieval.text.tokens import common_words
from retrieval.text.words import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_AS_IT_STANDS = re.compile(r"\S*(?:[@/]|\w\.\w)\S*|\w*\d\w*|[\"“][^\"”]*[\"”]")
"""What is never corrected: addresses, words with digits, what stands in quotation marks."""
_BESIDE = (" ", "-")

_SHORTEST = 4
"""Letters of the shortest word that is corrected: shorter ones are near too many others."""
_SHORTEST_PART = 3
_SHORTEST_JOINED = 8

_SHORT_FOR = dict(
    pair.split()
    for pair in "wen when; wat what; wot what; hw how; da the; teh the; ppl people".split(";")
)
"""What people type on telephones, of the words that tell what a question asks for."""

_ENDINGS = """s es ed er ers est or ors ing ings ion ions ly al ally ity ive ness ment ments able
    an ian ians ish ism ist ists""".split()
_BEGINNINGS = "un re non anti pre over under out mis dis inter sub super".split()

_IN_PLACE = 0.4
"""What a word gains that stands beside the same neighbour in the archive."""
_NAME = 0.15
"""What a name gains on other words as likely to be meant."""
_FREQUENCY = 0.05
"""What a word gains each time that it is twice as frequent."""
_ASKING = 0.2
"""How much less likely a slip may be in a stop word: most questions have some."""
_SLIP = 0.6
"""Up to here a slip is so likely that even another word of the language is taken for one."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """A question as it was read, and each word that was taken for another: (typed, meant)."""

    text: str
    taken: tuple[tuple[str, str], ...] = ()

    @property
    def taken_as(self) -> str:
        """The line that tells a reader what was taken for what, or "" where nothing was."""
        pairs = ", ".join(f"“{typed}” as “{meant}”" for typed, meant in self.taken)
        return " ".join([line("read"), pairs]) + "." if pairs else ""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A word as it was typed, with the words right beside it, "" where there is none.

    `is_name` is whether it was given a capital that most others of the text do not have.
    """

    text: str
    before: str
    after: str
    is_name: bool


class Speller:
    """Corrects the spelling of questions by the words of one archive. Thread-safe.

    A word is left alone if the full-text search knows it, or if it is a word of the language but
    for an ending: it was typed as it was meant, and the archive does not have it.

    Args:
        catalog: the archive.
        is_word: whether the encoder knows a word, in lower case, as a whole.
    """

    def __init__(self, catalog: Catalog, is_word: Callable[[str], bool]) -> None:
        self._catalog = catalog
        self._is_word = is_word

    def read(self, text: str, phrases: Iterable[str] = ()) -> Spelt:
        """Return a text with its misspelt words corrected, but for those of exact phrases."""
        kept = [m.span() for m in _AS_IT_STANDS.finditer(text)]
        kept += [m.span() for one in phrases for m in re.finditer(re.escape(one), text)]
        found = [
            m
            for m in _WORD.finditer(text)
            if not any(a <= m.start() and m.end() <= b for a, b in kept)
        ]
        capital = [match[0][0].isupper() for match in found]
        told = 2 * sum(capital[1:]) <= len(capital)  # else nearly all are, as in a headline
        corrected, at = "", 0
        taken: dict[tuple[str, str], None] = {}
        for number, match in enumerate(found):
            if match.start() < at:
                continue  # it was joined to the one before
            gap = text[found[number - 1].end() : match.start()] if number else ""
            before = (_WORD.findall(corrected[-99:] + text[at : match.start()]) or [""])[-1]
            following = found[number + 1] if number + 1 < len(found) else None
            beside = following and text[match.end() : following.start()] in _BESIDE
            word = _Typed(
                match[0],
                before if gap in _BESIDE else "",
                following[0] if following and beside else "",
                told and number > 0 and capital[number],
            )
            end = match.end()
            meant = self._joined(word)
            if meant and following:
                end = following.end()
            meant = meant or self._meant(word)
            if meant:
                taken[text[match.start() : end], meant] = None
                corrected += text[at : match.start()] + meant
                at = end
        return Spelt(corrected + text[at:], tuple(taken))

    def _joined(self, word: _Typed) -> str | None:
        """Return a word with the next as the one that they are in the archive, if never apart."""
        one, other = word.text.lower(), word.after.lower()
        joined = one + other
        if min(len(one), len(other)) < _SHORTEST_PART or len(joined) < _SHORTEST_JOINED:
            return None
        if {one, other} & STOP_WORDS or not self._catalog.has_words(joined):
            return None
        together = self._is_written(joined) and not self._catalog.has_words(f"{one} {other}")
        return joined if together else None

    def _meant(self, word: _Typed) -> str | None:
        typed = word.text.lower()
        if word.text in _SHORT_FOR and not self._catalog.has_words(typed):
            return _SHORT_FOR[typed]
        if len(typed) < _SHORTEST or self._is_known(typed) or self._is_written(typed):
            return None
        return self._split(typed) or self._nearest(word)

    def _is_known(self, typed: str) -> bool:
        if typed in STOP_WORDS:
            return True
        return any(self._is_word(w) or self._catalog.has_words(w) for w in (typed, *_stems(typed)))

    def _split(self, typed: str) -> str | None:
        """Return the two words, side by side in the archive, that a word is made of."""
        for at in range(_SHORTEST_PART, len(typed) - _SHORTEST_PART + 1):
            one, other = typed[:at], typed[at:]
            if {one, other} & STOP_WORDS or not self._catalog.has_words(f"{one} {other}"):
                continue
            if self._is_written(one) and self._is_written(other):
                return f"{one} {other}"
        return None

    def _nearest(self, word: _Typed) -> str | None:
        """Return the likeliest word of the archive that a word was meant to be, if any is."""
        best: tuple[float, str] | None = None
        for one in near(word.text.lower(), self._catalog.vocabulary):
            if word.is_name and not (one.may_be_name and _ends_alike(word.text, one.written)):
                continue
            cost = one.cost - _IN_PLACE * self._stands_beside(one, word)
            if _is_likely(word.text.lower(), one, cost):
                gain = _NAME * one.is_name + _FREQUENCY * log2(one.count)
                best = min(best or (cost - gain, one.written), (cost - gain, one.written))
        return best[1] if best else None

    def _stands_beside(self, near: Near, word: _Typed) -> bool:
        """Return whether the archive has a word beside one that it is beside in the question."""
        beside = []
        if word.before.lower() not in STOP_WORDS | {""}:
            beside.append(f"{word.before} {near.written}")
        if word.after.lower() not in STOP_WORDS | {""}:
            beside.append(f"{near.written} {word.after}")
        return any(map(self._catalog.has_words, beside))

    def _is_written(self, word: str) -> bool:
        return bool(self._catalog.vocabulary.forms(word))


def _ends_alike(typed: str, meant: str) -> bool:
    """Return whether two names may be one by their ends: Aliyeva is not Aliyev, nor Izmit Izmir."""
    ends = {typed[-1].lower(), meant[-1].lower()}
    return len(ends) == 1 or ends <= set("aeiouy")


def _is_likely(typed: str, near: Near, cost: float) -> bool:
    if near.written in STOP_WORDS:
        return cost <= near.limit + _ASKING
    if cost > _SLIP and any(one in common_words() for one in (typed, *_stems(typed))):
        return False
    return cost <= near.limit


def _stems(word: str) -> Iterator[str]:
    """Yield what a word may be made from: without an ending, or without a beginning."""
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        if len(stem) > 3 or ending == "s":
            yield stem
        if ending[0] in "aeio":
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]
        if stem[-1] == "i":
            yield stem[:-1] + "y"
    if word.endswith("an"):
        yield word[:-1]
    for beginning in _BEGINNINGS:
        rest = word.removeprefix(beginning)
        if rest != word and len(rest) >= 5:
            yield rest
