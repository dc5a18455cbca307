"""Questions about a name alone: who or what it is, and what somebody said.

The reader knows a name only as letters that both texts have, so what tells of it is found by how
news introduces people and quotes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from corpus.article import Article
from retrieval.answering.context import person_of
from retrieval.archive.filters import has_phrase, plain
from retrieval.checking.names import ROLES
from retrieval.text.sentences import Sentence
from retrieval.text.words import STOP_WORDS, content_words, shares_a_name

_POLITE = r"^\W*(?:(?:and|so|but|please|ok|okay|hi|hello|tell me),? )*"
_WHO = re.compile(
    rf"{_POLITE}(?:who|what)(?:['’]?s| is| was| are| were) (?P<name>\S.*?)"
    r"(?: again|,? please)?[\s?.!]*$",
    re.I,
)
_SAYS = re.compile(
    rf"{_POLITE}what (?:did|does|do|has|have) (?P<name>\S.*?) (?:say|said|tell us|told us)"
    r"(?: (?:about|on|of|regarding|concerning) (?P<matter>[^\W\d].*?))?[\s?.!]*$",
    re.I,
)
_CAPITAL = re.compile(r"[A-ZÀ-Þ]")
_MOST_SMALL = 4
"""Words of a name that is typed without capitals."""

_ON_IT, OFF_IT = 0.2, 0.15
"""Cosines of a sentence and the matter that something was said on: from which it is on it, and
below which it is not, though it may have none of its words."""

_DETERMINERS = r"(?:an?|the|its|his|her|their|another|one of the|whose)"
_ALL_BEFORE = re.compile(rf"(?:\b{_DETERMINERS}|['’]s?) (?:[\w’'-]+ ){{0,3}}?$", re.I)
_NOUN = re.compile(
    r"(?:(?:er|or|ist|ian|man|woman|ant|ent|eer|ess|ive|ary)|chief|head|boss|coach|pilot|judge"
    r"|nurse|wife|husband|son|mother|father|brother|sister|guide|spokesperson|C[EFOT]Os?|MPs?)$",
    re.I,
)
"""How words end that say what somebody is: "farmer", "historian", "president"."""

_AFTER = re.compile(
    rf"^(?:['’]s)?(?: \([^)]*\))?(?:, (?:aged )?\d{{1,3}})?"
    rf"(?:, (?:now |then |once |until \w+ |formerly )?{_DETERMINERS} "
    r"|,? (?:who|which) (?!(?:said|says|told|added)\b))",
    re.I,
)
"""What follows a name that says what it is of: "X, the mayor of Y"."""

_SUBJECT = re.compile(r"\W*(?:[Tt]he )?(?:[A-ZÀ-Þ]\S+ ){0,2}")
_IS_A = re.compile(
    r"^,? (?:is|was|are|were|became|has been|had been|will be) (?:an?|the|one of) ", re.I
)
"""What is before a name that a sentence begins with, and after it: "X is a town"."""

_SAID = (
    r"(?:said|says?|told|tells|sp(?:eaks|oken?) of|w(?:rites|rote)|repl(?:ies|ied)|denie[sd]"
    r"|(?:accuse|acknowledge|announce|argue|believe|conclude|criticise|criticize|declare|describe"
    r"|estimate|hope|joke|note|promise|suggest|urge)[sd]"
    r"|(?:add|call|claim|complain|condemn|confirm|demand|expect|explain|fear|insist|plead|predict"
    r"|reckon|recall|reject|remark|vow|warn|admitt?|stresse?)(?:s|ed))"
)
_HAS_SAID = re.compile(
    rf"^(?:,(?: [^.;]{{1,90}},)?)? (?:also |has |had |have |later |now )*(?:{_SAID}|ask(?:s|ed))\b",
    re.I,
)
_SAID_BY = re.compile(
    r"\b(?:(?:said|says|added|adds|warn(?:s|ed))|according to),?(?: (?:the )?[\w’'-]+){0,4} $", re.I
)

_SAYS_SO = re.compile(rf"\b{_SAID}\b", re.I)
_HE = re.compile(r"\b(?:he|she)\b", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """Wants what tells of a name: `tells` is whether a sentence does. `said` is whether what its
    bearer said is wanted, on some `matter` if there is one.
    """

    name: str
    tells: Callable[[str], bool]
    said: bool = False
    matter: str = ""

    @property
    def phrase(self) -> str:
        """What a passage that tells of it has."""
        return self.name

    def is_met_by(self, article: Article, sentence: Sentence) -> bool:
        """Return whether a sentence of an article tells of the name, which "he" may stand for."""
        text = article.body[sentence.start : sentence.end]
        if self.tells(text):
            return True
        person = person_of(article, sentence)
        return bool(person) and self.tells(_HE.sub(person, text, count=1))

    def is_on_its_matter(self, text: str, likeness: float) -> bool:
        """Return whether a sentence is on the matter, by its words or its likeness to it."""
        return likeness >= _ON_IT or shares_a_name(set(content_words(self.matter)), text)

    def is_in_vain(self, best: str, texts: Iterable[str]) -> bool:
        """Return whether the archive has nothing for it, where no sentence tells of the name.

        Of what was said the `best` sentence found tells nothing, or the last word of the name is
        in none of the `texts` found. What is typed without capitals may be no name, and letters
        alone may stand for one.
        """
        if self.said and not (self.matter or _SAYS_SO.search(best)):
            return True
        last = self.name.split()[-1]
        is_name = _CAPITAL.match(last) and not last.isupper()
        return bool(is_name) and not any(has_phrase(text, plain(last)) for text in texts)


def wish(question: str) -> Wish | None:
    """Return what a question asks of a name, or None if it asks something else."""
    if (match := _WHO.match(question)) and (name := _named(match["name"])):
        return Wish(name, partial(introduces, name=name))
    if (match := _SAYS.match(question)) and (name := _named(match["name"])):
        return Wish(name, partial(speaks, name=name), True, match["matter"] or "")
    return None


def introduces(text: str, name: str) -> bool:
    """Return whether a sentence says what the bearer of a name is: "the lawyer X", "X, a town"."""
    return any(
        _AFTER.match(text[end:])
        or (_IS_A.match(text[end:]) and _SUBJECT.fullmatch(text[:start]))
        or _is_titled(text[:start])
        for start, end in _places(text, name)
    )


def speaks(text: str, name: str) -> bool:
    """Return whether a sentence tells what the bearer of a name said; the surname will do."""
    return any(
        _HAS_SAID.match(text[end:]) or _SAID_BY.search(text[:start])
        for start, end in _places(text, name) or _places(text, name.rsplit(maxsplit=1)[-1])
    )


def _named(words_of: str) -> str:
    """Return the name in words that are one, without the titles before it; or nothing.

    People who type without capitals name things all the same.
    """
    words = words_of.strip("\"“”'‘’ ").removeprefix("the ").split() or [""]
    while len(words) > 1 and words[0].lower() in ROLES:
        words = words[1:]
    small = [word for word in words if not _CAPITAL.match(word)]
    typed_small = len(small) == len(words) <= _MOST_SMALL and words[0] not in STOP_WORDS
    named = len(small) < len(words) and words[0] not in small and STOP_WORDS.issuperset(small)
    return " ".join(words) if named or typed_small else ""


def _places(text: str, name: str) -> list[tuple[int, int]]:
    """Return where a text has a name, with a capital."""
    pattern = r"[\W_]+".join(map(re.escape, name.split()))
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.I)
    return [match.span() for match in found if _CAPITAL.match(match.group())]


def _is_titled(before: str) -> bool:
    """Return whether a text ends with what a name after it is: "Prime Minister", "the lawyer"."""
    if not before.endswith(" ") or before.endswith(", "):
        return False
    words = before.split()
    # First names may stand between: "President Ilham Aliyev" introduces Aliyev.
    for word in words[:-3:-1]:
        if word.lower() in ROLES or (_NOUN.search(word) and word.lower() not in STOP_WORDS):
            return True
        if not _CAPITAL.match(word):
            break
        before = before.rstrip()[: -len(word)]
    last = before.rstrip().rsplit(" ", 1)[-1]
    plainly = last.isalpha() and last.islower() and last not in STOP_WORDS
    return plainly and bool(_ALL_BEFORE.search(before.rstrip()[: -len(last)]))
