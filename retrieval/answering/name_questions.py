"""Questions about a name alone: who or what it is, what is new of it, and what somebody said.

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
from retrieval.checking.names import ROLES, common, find_names
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
    r"(?: (?:about|on|of|regarding|concerning) (?P<matter>(?!\w+day\b)[^\W\d].*?))?[\s?.!]*$",
    re.I,
)
_NEWS = re.compile(
    rf"{_POLITE}(?:what(?:['’]?s| is) (?:the (?:latest|newest)(?: news)?|new|the news)"
    r" (?:on|of|about|with|from)|tell (?:me|us) (?:more |something )?about"
    r"|(?:is there )?any(?:thing| news) (?:new )?(?:on|of|about|from)"
    r"|what (?:do you|have you|do we) (?:have|got|know) (?:on|of|about)) (?P<name>\S.*?)[\s?.!]*$",
    re.I,
)
_MOST_SMALL = 4
"""Words of a name that is typed without capitals."""

_ON_IT, OFF_IT = 0.2, 0.15
"""Cosines of a sentence and the matter that something was said on: from the first a sentence that
has none of its words is on it too, and where all are below the second, nothing is."""

_TIMES = r"(?:day|week|month|year|decade|hour|minute|moment|morning|evening|night|time)\b"
_DETERMINERS = r"(?:an?|the|its|his|her|their|another|one of the|whose)"
_ALL_BEFORE = re.compile(rf"(?:\b{_DETERMINERS}|['’]s?) (?:[\w’'-]+ ){{0,3}}?$", re.I)
_NOUN = re.compile(
    r"(?:(?:er|or|ist|ian|man|woman|ant|(?:stud|superintend|correspond|resid|oppon|ag)ent"
    r"|eer|ess|ive|ary)|chief|head|boss|coach|pilot|judge"
    r"|nurse|wife|husband|son|mother|father|brother|sister|guide|spokesperson|C[EFOT]Os?|MPs?)$",
    re.I,
)
"""How words end that say what somebody is: "farmer", "historian", "president"."""

_NO_NOUN = re.compile(
    r"^(?:after|before|over|under|however|whether|never|ever|either|rather|later|for|or|nor|her"
    r"|their|another|other|together|further|per|than|sent|went|spent|meant|different|recent"
    r"|(?:Sept|Nov|Dec)ember|October|summer|winter)$",
    re.I,
)

_AFTER = re.compile(
    rf"^(?:['’]s)?(?: \([^)]*\))?(?:, (?:aged )?\d{{1,3}})?"
    rf"(?:, (?:now |then |once |until \w+ |formerly )?{_DETERMINERS} (?!{_TIMES})"
    r"|, who (?!(?:said|says|told|added)\b))",
    re.I,
)
"""What follows a name that says what it is of: "X, the mayor of Y"."""

_CLOSED = re.compile(r"^, [^,.;]{2,80},")
_PREPOSITION = re.compile(
    r"\b(?:in|at|to|for|with|near|from|of|by|on|after|before|against|about) (?:the )?$", re.I
)
"""After a name that one of these precedes, ", the" may go on with the sentence, unless a comma
closes what it begins.
"""

_SUBJECT = re.compile(r"\W*(?:[Tt]he )?(?:[A-ZÀ-Þ]\S+ ){0,2}")
_IS_A = re.compile(
    r"^(?:, \d{1,3},)? (?:(?:is|was|are|were|became|has been|had been|will be) (?:an?|the|one of) "
    r"|(?:is|was|were|has been) (?:re-?)?(?:elected|named|appointed|created|founded|set up)\b)",
    re.I,
)
"""What is before a name that a sentence begins with, and after it: "X is a town"."""

_SAID = (
    r"(?:said|says?|told|tells?|sp(?:eaks?|oken?) of|w(?:rites?|rote)|repl(?:y|ies|ied)"
    r"|den(?:y|ies|ied)|is convinced|refuse[sd]? to"
    r"|(?:accuse|acknowledge|announce|argue|blame|believe|concede|conclude|criticise|criticize"
    r"|declare|describe|estimate|hope|joke|note|oppose|praise|promise|state|suggest|urge)[sd]?"
    r"|call(?:s|ed)?(?! on\b)|(?:add|claim|complain|condemn|confirm|demand|expect|explain|fear"
    r"|insist|plead|predict|reckon|recall|reject|remark|stress|thank|tweet|vow|warn|want|welcome"
    r"|admitt?)(?:s|es|d|ed)?)"
)
_HAS_SAID = re.compile(
    r"^(?: of (?:the )?[A-Z]\w+)?(?: and (?:the )?[A-Z]\w+(?: [A-Z]\w+)*)?(?:,(?: [^.;]{1,90},)?)?"
    r"(?: (?:also|has|had|have|later|now|long|still|then|again|repeatedly|once|on \w+day))*"
    rf" (?:{_SAID}|ask(?:s|ed)?)\b",
    re.I,
)
_SAID_BY = re.compile(
    r"\b(?:said|says|added|adds|insisted|replied|according to),?(?: the)?"
    r"(?: (?!(?:that|how|why|what|it|he|she|they|there)\b)[\w’'-]+){0,4} $",
    re.I,
)
_ENDS = re.compile(r"^(?:[.,;:?!”\")]|$| (?:of|on|in|at|from|to|after|before|during|while|when)\b)")
"""What follows a name after "said": no verb, of which it would be the subject."""

_SAYS_SO = re.compile(rf"\b{_SAID}\b", re.I)
_BEFORE = 120
"""Characters that are looked at before a name for who says so."""

_THEM = re.compile(r"\b(?:he|she|they|it)\b(?! (?:was|is|had|has)\b)", re.I)
_HE = re.compile(r"\b(?:he|she)\b", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """Wants what tells of a name: `tells` is whether a sentence does. `said` is whether what its
    bearer said is wanted, on some `matter` if there is one.
    """

    name: str
    tells: Callable[[str], object]
    said: bool = False
    matter: str = ""

    def is_met_by(self, article: Article, sentence: Sentence) -> bool:
        """Return whether a sentence of an article tells of the name, which "he" may stand for."""
        text = article.body[sentence.start : sentence.end]
        if self.tells(text):
            return True
        person = person_of(article, sentence)
        return bool(person and self.tells(_HE.sub(person, text, count=1)))

    def is_told_by(self, best: str) -> bool:
        """Return whether a sentence that may answer has the name; of what was said, speech too."""
        speech = not self.said or bool(self.matter) or bool(_SAYS_SO.search(best))
        return speech and bool(_places_of_bearer(best, self.name))

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
        is_name = last[:1].isupper() and not last.isupper()
        return is_name and not any(has_phrase(text, plain(last)) for text in texts)


def wish(question: str) -> Wish | None:
    """Return what a question asks of a name, or None if it asks something else."""
    if (match := _NEWS.match(question)) and (name := name_in(match["name"])):
        return Wish(name, partial(_places, name=name))
    if (match := _WHO.match(question)) and (name := name_in(match["name"])):
        return Wish(name, partial(introduces, name=name))
    if (match := _SAYS.match(question)) and (name := name_in(match["name"])):
        return Wish(name, partial(speaks, name=name), True, match["matter"] or "")
    return None


def resolved(question: str, context: str) -> str:
    """Return a question with the one name of what was asked before in place of its pronoun."""
    before = {name.phrase for name in find_names(context, common((), ()))}
    return _THEM.sub(before.pop(), question, count=1) if len(before) == 1 else question


def introduces(text: str, name: str) -> bool:
    """Return whether a sentence says what the bearer of a name is: "the lawyer X", "X, a town"."""
    return any(
        _is_explained(text[:start], text[end:])
        or (_IS_A.match(text[end:]) and _SUBJECT.fullmatch(text[:start]))
        or _is_titled(_unclosed(text[:start], text[end:]))
        for start, end in _places(text, name)
    )


def speaks(text: str, name: str) -> bool:
    """Return whether a sentence tells what the bearer of a name said; the surname will do."""
    return any(
        _HAS_SAID.match(text[end:])
        or (_ENDS.match(text[end:]) and _SAID_BY.search(text[max(0, start - _BEFORE) : start]))
        for start, end in _places_of_bearer(text, name)
    )


def name_in(phrase: str) -> str:
    """Return the name that a phrase is, without the titles before it; or nothing.

    People who type without capitals name things all the same.
    """
    words = phrase.strip("\"“”'‘’ ").removeprefix("the ").split() or [""]
    while len(words) > 1 and words[0].lower().rstrip(".") in ROLES:
        words = words[1:]
    small = [word for word in words if not _is_capital(word)]
    typed_small = len(small) == len(words) <= _MOST_SMALL and words[0] not in STOP_WORDS
    named = len(small) < len(words) and words[0] not in small and STOP_WORDS.issuperset(small)
    return " ".join(words) if named or typed_small else ""


def _places(text: str, name: str) -> list[tuple[int, int]]:
    """Return where a text has a name, with a capital."""
    pattern = r"[\W_]+".join(map(re.escape, name.split()))
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.I)
    return [match.span() for match in found if _is_capital(match.group())]


def _places_of_bearer(text: str, name: str) -> list[tuple[int, int]]:
    """Return where a text has a name, or its last word where it has no more."""
    return _places(text, name) or _places(text, name.rsplit(maxsplit=1)[-1])


def _is_capital(word: str) -> bool:
    """Return whether a word may be a name: by its first letter, in scripts that have capitals."""
    return bool(word) and not word[0].islower()


def _is_explained(before: str, after: str) -> bool:
    """Return whether what follows a name says what it is: "X, the mayor of Y"."""
    found = bool(_AFTER.match(after))
    return found and bool(_CLOSED.match(after) or not _PREPOSITION.search(before))


def _unclosed(before: str, after: str) -> str:
    """Return what is before a name, without the comma that sets it off: "its drummer, X,"."""
    return before[:-2] + " " if before.endswith(", ") and after[:1] in (",", ".") else before


def _is_titled(before: str) -> bool:
    """Return whether a text ends with what a name after it is: "Prime Minister", "the lawyer"."""
    if not before.endswith(" ") or before.endswith(", "):
        return False
    words = before.split()
    # First names may stand between: "President Ilham Aliyev" introduces Aliyev.
    for word in words[:-3:-1]:
        if word.lower() in ROLES or (_NOUN.search(word) and not _NO_NOUN.search(word)):
            return True
        if not _is_capital(word):
            break
        before = before.rstrip()[: -len(word)]
    last = before.rstrip().rsplit(" ", 1)[-1]
    plainly = last.isalpha() and last.islower() and last not in STOP_WORDS
    if re.match(_TIMES, last) or last in ("reason", "way", "accident"):
        return False
    return plainly and bool(_ALL_BEFORE.search(before.rstrip()[: -len(last)]))
