"""Restores what a follow-up leaves out: "and Perseverance?" asks the last question of another.

What is named takes the place of a part of the last question that is of its sort: a name that of a
name, a day that of a day, "in Barda" that of "in Ganja", "the second truce" that of "the first
truce". Which part is meant is told by reading: there may be several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.answering.dating import undated
from retrieval.checking.names import ROLES
from retrieval.text.ordinals import ORDINALS
from retrieval.text.words import STOP_WORDS, content_words, form_of, words

IsName = Callable[[str], bool]

Place = tuple[int, int, str]
"""Where a phrase stands in a question, and what is said in its place."""

_LONGEST = 7
"""Words of what is left of a question; what has more is one of its own."""

_MOST = 3
"""Questions that are read for one."""

_OPENING = re.compile(
    r"^\W*(?:(?:and|but|or|so|then|ok(?:ay)?|what about|how about)\b\W*)*", re.IGNORECASE
)
_ADDED = re.compile(
    r"(?:[ ,]*\b(?:itself|himself|herself|themselves|too|as well))?[\s?.!…]*$", re.IGNORECASE
)
_DO = frozenset("do does did has have had will would can could shall should might must".split())
_CLAUSE = _DO | frozenset(
    """am is are was were be been who whom whose what which when where why how i you we he she it
    they me us him them his her hers its their theirs this that these those there else many much
    more any please thanks thank exactly again then now yes no not really said
    """.split()
)
"""Words that make a question of its own, or point back to something else than a part of one."""

_PREPOSITIONS = frozenset(
    "in at near from on by of for to according with against about under over among".split()
)
_PLACES = frozenset("in at near".split())
_DETERMINERS = frozenset("the a an".split())
_ENDS = STOP_WORDS | _PREPOSITIONS | _CLAUSE
_WORD = re.compile(r"[^\W_](?:[\w.’'-]*\w)?")
_NUMBERED = re.compile(rf"\b(the (?:{'|'.join(ORDINALS)}))(?: one)?\W*$", re.IGNORECASE)
_NUMBERS = frozenset([*ORDINALS, "last", "next"])
_OWNS = re.compile(r"['’]s?$")
_LEFT_BY_A_TIME = re.compile(
    r"\b(?:on|in|by|at|since|until|till|before|after|during)(?: the)? *(?=[ ?.!]|$)(?! \w)|\s+$"
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question; `form` is in lower case, and `ends` is whether it ends a phrase."""

    text: str
    form: str
    start: int
    end: int
    is_name: bool
    ends: bool


def left_of(question: str) -> str:
    """Return what a question names without asking anything of it, or nothing."""
    said = _ADDED.sub("", _OPENING.sub("", question)).strip(" ,")
    found = words(said)
    whole = len(found) > _LONGEST or not _CLAUSE.isdisjoint(found) or not content_words(said)
    return "" if whole else said


def number_left_of(question: str) -> str:
    """Return the number with which a question ends that leaves out of what: "for the third?"."""
    found = _NUMBERED.search(question)
    return found[1] if found else ""


def asks(question: str) -> bool:
    """Return whether a question asks something, and does not only name it."""
    return bool(words(question)) and not left_of(question)


def restored(said: str, last: str, is_name: IsName, today: date) -> list[str]:
    """Return the questions that a follow-up may ask which only names `said`, after the last."""
    if not content_words(undated(said, today)):
        without = _LEFT_BY_A_TIME.sub("", undated(last, today).rstrip(" ?.!"))
        return [f"{' '.join(without.split())} {said}?"]
    places = _places(_words_of(last, is_name), said, _words_of(said, is_name))
    found = dict.fromkeys(last[:start] + text + last[end:] for start, end, text in places)
    return [text for text in found if text.lower() != last.lower()][:_MOST]


def with_added(said: str, last: str) -> list[str]:
    """Return a question with a phrase behind it that begins as "in Barda" does; else none."""
    begins = words(said)[0] in _PREPOSITIONS
    return [f"{last.rstrip(' ?.!')} {said}?"] if begins else []


def has_a_name(said: str, is_name: IsName) -> bool:
    """Return whether what is named is called by its name."""
    return any(word.is_name for word in _words_of(said, is_name))


def has_a_sort(said: str, is_name: IsName) -> bool:
    """Return whether it can be told of what sort that is which is named: not of "the captain"."""
    named = _words_of(said, is_name)
    begins = named[0].form in _PREPOSITIONS
    return begins or named[-1].is_name or named[-1].form in _NUMBERS


def in_two(question: str) -> tuple[str, str]:
    """Return what was asked before in a question in full, and the question itself."""
    before, _, asked = question.rpartition("? ")
    return f"{before}?" if before else "", asked


def _words_of(text: str, is_name: IsName) -> list[_Word]:
    """Return the words of a text; one behind a mark ends the phrase before it."""
    found: list[_Word] = []
    for match in _WORD.finditer(text):
        word, form = match.group(), form_of(match.group())
        ends = form in _ENDS
        capital = word[0].isupper() and bool(found)
        named = not ends and (capital or (form not in ROLES and is_name(form)))
        marked = bool(found) and not text[found[-1].end : match.start()].isspace()
        found.append(_Word(word, form, match.start(), match.end(), named, ends or marked))
    return found


def _places(asked: Sequence[_Word], said: str, named: Sequence[_Word]) -> Iterator[Place]:
    """Yield where in a question what is named may stand, and as what."""
    if named[0].form in _PREPOSITIONS:
        yield from _after_a_preposition(asked, said, named)
        return
    core = [word for word in named if word.form not in _DETERMINERS]
    stands_for = core[-1].form in ("one", "ones") and len(core) > 1
    core = core[:-1] if stands_for else core
    head = core[-1]
    text = said[named[0].start : head.end]
    determined = core[0] is not named[0]
    if head.form in _NUMBERS:
        number = said[core[0].start : head.end]
        yield from ((w.start, w.end, number) for w in asked if w.form in _NUMBERS)
    elif same := [n for n, w in enumerate(asked) if len(core) > 1 and w.form == head.form]:
        yield asked[_start_of(asked, same[0], determined)].start, asked[same[0]].end, text
    elif head.is_name:
        yield from _of_names(asked, text, determined)
        if not any(word.is_name for word in asked):
            yield from _of_things(asked, text, stands_for)
    elif determined:
        yield from _of_things(asked, text, stands_for)


def _after_a_preposition(
    asked: Sequence[_Word], said: str, named: Sequence[_Word]
) -> Iterator[Place]:
    """Yield the phrases of the same preposition; of places, a name is no place of another kind."""
    first = named[0].form
    alike = _PLACES if first in _PLACES else {first}
    deep = any(word.form in _PREPOSITIONS for word in named[1:])
    for at, word in enumerate(asked):
        end = _end_of(asked, at + 1, deep=deep) if word.form in alike else None
        if end and (first not in _PLACES or asked[end].is_name == named[-1].is_name):
            yield word.start, asked[end].end, said


def _of_names(asked: Sequence[_Word], text: str, determined: bool) -> Iterator[Place]:
    """Yield the names, with the article before one if another comes with what is named.

    "Who is Aliyev?" asks of a person, and "the Ever Given" is none.
    """
    begins = [n for n, w in enumerate(asked) if w.is_name and (w.ends or not asked[n - 1].is_name)]
    is_person = [word.form for word in asked[:2]] in (["who", "is"], ["who", "was"])
    for at in begins[is_person and determined and begins[:1] == [2] :]:
        end = _end_of(asked, at, deep=False) or at
        start = at - 1 if determined and at and asked[at - 1].form in _DETERMINERS else at
        owns = "'s" if _OWNS.search(asked[end].text) else ""
        yield asked[start].start, asked[end].end, _OWNS.sub("", text) + owns


def _of_things(asked: Sequence[_Word], text: str, stands_for: bool) -> Iterator[Place]:
    """Yield what "the" stands before; "the Israeli one" is another of that."""
    for at, word in enumerate(asked):
        end = _end_of(asked, at, deep=False) if word.form == "the" else None
        if end and not asked[at + 1].is_name:
            yield word.start, asked[end].end, f"{text} {asked[end].text}" if stands_for else text


def _end_of(asked: Sequence[_Word], at: int, *, deep: bool) -> int | None:
    """Return the last word of the phrase that begins at a word; behind a name stands no other word.

    A `deep` one goes on after a preposition.
    """
    does = at and asked[at - 1].form in _DO
    while at < len(asked) and asked[at].form in {*_DETERMINERS, "to"}:
        at += 1
    if at >= len(asked) or asked[at].form in _ENDS:
        return None
    end = at
    while end + 1 < len(asked) and not asked[end + 1].ends:
        if asked[end].is_name and not asked[end + 1].is_name:
            break
        end += 1
    if does and end > at and not asked[end].is_name:
        end -= 1  # the verb: "did the rover land"
    if deep and end + 1 < len(asked) and asked[end + 1].form in _PREPOSITIONS:
        return _end_of(asked, end + 2, deep=True) or end
    return end


def _start_of(asked: Sequence[_Word], at: int, determined: bool) -> int:
    """Return the first word of the phrase that ends with a word, "the" included if `determined`."""
    while at and not asked[at].ends and asked[at - 1].form not in _ENDS:
        at -= 1
    return at - 1 if determined and at and asked[at - 1].form in _DETERMINERS else at
