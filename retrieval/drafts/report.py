"""Words what was found about a sentence: its quotes, and what they lack or have otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from retrieval.answering.citing import cite
from retrieval.answering.context import needs_context
from retrieval.answers import Citation
from retrieval.checking.given import given
from retrieval.checking.judge import Ruling, ruled
from retrieval.checking.names import ROLES, key, keys
from retrieval.checking.verdicts import Outcome, Quote, Source, Verdict
from retrieval.drafts.claims import plain
from retrieval.drafts.differences import differences
from retrieval.drafts.findings import CheckedSentence, Difference, Finding
from retrieval.drafts.wording import other_words
from retrieval.text.sentences import Kind, sentences_within
from retrieval.text.words import names, shares_a_name

_BEFORE = 3
"""So many sentences at most are put before a quote that is unclear without them."""

_RULED = 0.95
"""The score of what a model ruled to be borne out."""

UNSURE = 0.34
"""The highest score of what was not found: it is borne out from 0.35."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a sentence; the best of the `quotes` is the first."""

    finding: Finding
    score: float
    quotes: tuple[Quote, ...] = ()
    differences: tuple[Difference, ...] = ()


def reported(bare: CheckedSentence, found: Found, before: str) -> CheckedSentence:
    """Return a sentence with what was found.

    "He said so" is not borne out by what somebody said whom the sentence `before` does not name.
    """
    if found.finding is Finding.NO_CLAIM:
        return replace(bare, reason="claims nothing")
    citations = _cited(found.quotes)
    finding, score = found.finding, round(found.score, 4)
    if finding is Finding.SUPPORTED and not is_of_the_same(before, _told(citations)):
        finding, score = Finding.NOT_FOUND, min(score, UNSURE)
    if finding is Finding.NOT_FOUND:
        return _not_found(bare, found.quotes[:1], before, score)
    bare = replace(bare, finding=finding, score=score, citations=citations)
    if finding is Finding.SUPPORTED:
        return _in_other_words(bare)
    return _differing(bare, found.differences)


def after(bare: CheckedSentence, verdict: Verdict, ruling: Ruling | None) -> CheckedSentence:
    """Return a sentence after a ruling on it; without one it stays as it is."""
    if ruling is None:
        return bare
    final = ruled(verdict, ruling)
    citations = _cited(final.quotes)
    bare = CheckedSentence(bare.start, bare.end, bare.text, Finding.SUPPORTED, citations=citations)
    if final.outcome is Outcome.SUPPORTED:
        return _in_other_words(replace(bare, score=_RULED), "; ".join(final.derived))
    if final.reason == "contradicted" and final.quotes:
        quote = final.quotes[0]
        known, published = [given([Source(1, quote.match)], "")], quote.match.article.published
        told = differences(verdict.text, quote.text, known, published=published)
        differ = tuple(d for d in told if d.said and d.said in final.detail)
        bare = replace(bare, finding=Finding.CONTRADICTED, citations=citations[:1])
        return _differing(bare, differ or (Difference("other", final.detail),))
    return _not_found(replace(bare, citations=()), final.quotes[:1], "")


def is_of_the_same(before: str, texts: Iterable[str]) -> bool:
    """Return whether some texts name somebody or something that `before` names."""
    return shares_a_name(names(f"So {before}") - ROLES, " ".join(texts))


def part_of(source: Source, start: int, end: int) -> Source:
    """Return a source that is `body[start:end]` of the article of one."""
    match = source.match
    text = match.article.body[start:end]
    passage = replace(match.passage, start=start, end=end, text=text)
    return replace(source, match=replace(match, passage=passage))


def _in_other_words(bare: CheckedSentence, derived: str = "") -> CheckedSentence:
    """Return a sentence that is borne out, with its words that what bears it out does not have.

    `derived` says how its figures follow from others.
    """
    own = other_words(plain(bare.text), _told(bare.citations))
    named = "in other words: " + ", ".join(f"“{word}”" for word in own) if own else ""
    return replace(bare, lacking=own, reason="; ".join(filter(None, (derived, named))))


def _differing(bare: CheckedSentence, found: Sequence[Difference]) -> CheckedSentence:
    """Return a sentence with what its quote has otherwise: "“2,500”: the quote has “1,960”"."""
    reason = "; ".join(
        f"“{d.said}”: the quote has {' and '.join(f'“{there}”' for there in d.stands)}"
        + (f" ({d.day})" if d.day else "")
        if d.stands
        else f"the quote says otherwise of “{d.said}”"
        if d.said
        else "the quote says the opposite"
        for d in found
    )
    return replace(bare, differences=tuple(found), reason=reason)


def _not_found(
    bare: CheckedSentence, near: Sequence[Quote], before: str, score: float = 0.0
) -> CheckedSentence:
    """Return a sentence that was not found, with its nearest quote if there is one."""
    bare = replace(bare, finding=Finding.NOT_FOUND, score=score, reason="not found")
    if not near:
        return bare
    [nearest] = _cited(near)
    lacking = _lacking(plain(bare.text), near[0], nearest, before)
    named = " or ".join(f"“{word}”" for word in lacking)
    reason = f"not found; the nearest quote has no {named}" if named else "not found"
    return replace(bare, nearest=nearest, lacking=lacking, reason=reason)


def _lacking(text: str, quote: Quote, nearest: Citation, before: str) -> tuple[str, ...]:
    """Return the figures, dates and names of a sentence that its nearest quote does not have.

    A name is not lacking where its quote has another part of it: "Rosa Kemp", "Kemp".
    """
    source = part_of(Source(1, quote.match), nearest.start, nearest.end)
    there = keys(nearest.quote)
    found: list[str] = []
    for one in given([source], before).missing(text):
        if one.reason != "name":
            found.append(one.word)
            continue
        whole = re.search(rf"(?:[A-Z]\S* )*{re.escape(one.word)}(?:[’']s)?(?: [A-Z]\S*)*", text)
        phrase = whole.group().strip(".,;:") if whole else one.word
        if not any(key(word) in there for word in phrase.split() if word.lower() not in ROLES):
            found.append(phrase)
    return tuple(dict.fromkeys(found))


def _told(citations: Sequence[Citation]) -> list[str]:
    return [f"{citation.title} {citation.quote}" for citation in citations]


def _cited(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Return quotes as citations; one that leans on the sentences before it brings them along."""
    return tuple(_cite(quote, number) for number, quote in enumerate(quotes, 1))


def _cite(quote: Quote, number: int) -> Citation:
    match, start, end = quote.match, quote.start, quote.end
    body = match.article.body
    for before in reversed(sentences_within(body, match.passage.start, start)[-_BEFORE:]):
        if not needs_context(body[start:end]) or before.kind is Kind.HEADING:
            break
        start = before.start
    return cite(number, match.article, match.passage, start, end)
