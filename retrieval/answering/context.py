"""What a sentence leaves to those before it: who "he" is, and which ministry "the ministry"."""

from __future__ import annotations

import re
from calendar import day_name
from itertools import takewhile

from corpus.article import Article
from retrieval.checking.names import common, find_names
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, Sentence, sentences_within
from retrieval.text.words import content_words, shares_a_name

_PRONOUN = r"(?:he|she|they|it|his|her|their|its)"
_LEANS = re.compile(
    rf"^[\"'“‘(]*(?:(?:on|in|by) (?:[\w’'-]+,? ){{1,2}}{_PRONOUN}\b"
    rf"|(?:{_PRONOUN}|this|these|those|that|such|both|but|however"
    r"|instead|meanwhile|also|then|there|\w+ of (?:them|these|those)"
    r"|the (?:next|same|following|previous) (?:day|week|month|year))\b)",
    re.I,
)
_SPEAKER = re.compile(r"[”\"],? (?:he|she|they) (?:said|added|told|wrote|noted|warned)\b", re.I)
_PERSON = re.compile(r"^(?:(?:on|in|by) (?:[\w’'-]+,? ){1,2})?(?:he|she)\b", re.I)

_TOLD_BEFORE = re.compile(
    r"^(?:on|in|by) [^,]{3,30}?,? the (?:figure|number)\b"
    r"|^the (?:figure|number)s?\b(?! of)|\bthere\b(?! (?:is|are|was|were)\b)",
    re.I,
)
"""A figure or a place that an earlier sentence names."""

_DENIES = r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|disput(?:es|ed)) "
_DENIES_IT = re.compile(
    rf"{_DENIES}(?:(?:it|this|them)\b|that(?: \w+)?(?: too)?[.,;]"
    r"|(?:the|any|such|these|those) (?:\w+ )?"
    r"(?:accusations?|allegations?|charges?|claims?|reports?|responsibility|involvement)\b)",
    re.I,
)
_DENIES_THAT = re.compile(rf"{_DENIES_IT.pattern}|{_DENIES}that\b", re.I)

_OPENING = re.compile(r"^[\"'“‘(]*The (?:[^\s,;:]+[\s,]+){1,5}")
"""The first words of "The ministry said …": where none of them is a name, it is not said whose."""

_BACK = 2_000
"""Code points of an article that are looked at before a sentence for what it leans on."""

_RUN = r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)"
_SUBJECT = re.compile(
    rf"^({_RUN}*)(?:,| (?:has|had|was|is|will|would|says?|said|told|spoke|gave|met|took"
    r"|made|put|left|led|\w+ed)\b)"
)
"""The name that a sentence begins with, if it is what the sentence is about."""


def needs_context(text: str) -> bool:
    """Return whether a sentence is unclear by itself: "He said …", "In May the figure was 12."."""
    patterns = (_LEANS, _SPEAKER, _DENIES_IT, _TOLD_BEFORE)
    leans = any(pattern.search(text) for pattern in patterns)
    return leans or text.endswith((";", ",", ":"))


def is_nameless(text: str, question: str = "") -> bool:
    """Return whether a sentence begins with what it does not name ("The ministry said …").

    What the question speaks of needs no name, but "the Defence Ministry" may be another's.
    """
    opening = _OPENING.search(text)
    if not opening or find_names(opening.group(), common((), ())):
        return False
    thing = next(iter(content_words(opening.group())), "")
    asked = bool(question) and thing in opening.group() and shares_a_name({thing}, question)
    return not asked


def is_clear(text: str, question: str = "") -> bool:
    """Return whether a sentence says by itself what it is about."""
    return not (needs_context(text) or is_nameless(text, question))


def lead_for(article: Article, start: int, sentence: Sentence) -> Sentence | None:
    """Return what has to be read before a sentence, or None if nothing has.

    For an item of a list it is what introduces the list, from `start` on; else the sentence that
    names what this one leans on, or at least the one before it.
    """
    body = article.body
    for earlier in reversed(sentences_within(body, start, sentence.start)):
        text = body[earlier.start : earlier.end]
        if text.endswith(":") and not gives_orders(text):
            return earlier
        if not text.endswith((";", ",")):
            break
    if not needs_context(body[sentence.start : sentence.end]):
        return None
    return lead_of(article, sentence) or sentence_before(article, sentence)


def lead_of(article: Article, sentence: Sentence) -> Sentence | None:
    """Return the sentence of the same paragraph that names what another leans on, or None.

    Those between begin with a pronoun too. For the first of a paragraph it is the one before.
    """
    body = article.body
    earlier = _before(article, sentence, 1) or _before(article, sentence, 2)[:1]
    return next((s for s in earlier if not needs_context(body[s.start : s.end])), None)


def sentence_before(article: Article, sentence: Sentence) -> Sentence | None:
    """Return the sentence before one in the same paragraph, if there is one that can be quoted."""
    return next(iter(_before(article, sentence)), None)


def denial_of(article: Article, sentence: Sentence) -> Sentence | None:
    """Return the sentence right after one, in its paragraph, that denies it, if there is one."""
    body = article.body
    line = body.find("\n", sentence.end)
    following = sentences_within(body, sentence.end, line if line >= 0 else len(body))
    if not following:
        return None
    text = body[following[0].start : following[0].end]
    return following[0] if _DENIES_THAT.search(text) and not gives_orders(text) else None


def _before(article: Article, sentence: Sentence, paragraphs: int = 1) -> list[Sentence]:
    """Return the sentences before one that can be quoted, the nearest first, in some paragraphs."""
    body = article.body
    start = body.rfind("\n", 0, sentence.start) + 1
    if paragraphs > 1:
        start = body.rfind("\n", 0, len(body[:start].rstrip())) + 1
    start = max(start, sentence.start - _BACK)
    earlier = reversed(sentences_within(body, start, sentence.start))
    return list(
        takewhile(
            lambda s: s.kind is Kind.SENTENCE and not gives_orders(body[s.start : s.end]), earlier
        )
    )


def person_of(article: Article, sentence: Sentence) -> str:
    """Return the name of whom "he" or "she" at the beginning of a sentence stands for, or nothing.

    It is the fullest one that the article has for the subject of the sentence that names one.
    Where somebody else is named before the pronoun, it may be either.
    """
    body = article.body
    if not _is_of_a_person(body[sentence.start : sentence.end]):
        return ""
    lead = lead_of(article, sentence)
    subject = lead and _SUBJECT.search(body[lead.start : lead.end])
    if not lead or not subject or not content_words(subject.group(1).split()[0]):
        return ""
    name = subject.group(1)
    if _others(body, lead.start, sentence.start) - set(name.split()):
        return ""
    fuller = re.findall(rf"\b{_RUN}* {re.escape(name.split()[-1])}\b", body)
    return name if " " in name else max(fuller, key=len, default="")


def _others(body: str, start: int, end: int) -> set[str]:
    """Return the names in a part of a text that may be of persons: there or before it, they
    stand behind another ("Ada Moor"), which one of a town seldom does."""
    known = common((), ())
    named = find_names(body[max(0, start - _BACK) : end], known)
    of_two = {name.phrase.split()[-1] for name in named if " " in name.phrase} - {*day_name}
    return {name.word for name in find_names(body[start:end], known)} & of_two


def _is_of_a_person(text: str) -> bool:
    """Return whether a sentence begins with "he" or "she", or has one after a quotation."""
    return bool(_PERSON.search(text) or _SPEAKER.search(text))
