"""Checks each sentence of a draft: searches the archive for it and weighs what is found."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from prompts import line
from retrieval.answering.citing import cite
from retrieval.answering.extractive import needs_context
from retrieval.answering.markers import unmark
from retrieval.answering.support.gate import Backing, Outcome, Source, SupportGate
from retrieval.answering.support.names import ROLES
from retrieval.answers import Citation
from retrieval.archive.passages import Match
from retrieval.drafts.claims import Claim, read_claims
from retrieval.drafts.differences import differences
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Difference, Finding
from retrieval.errors import CannotCheck
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.sentences import Kind, sentences_within
from retrieval.text.words import names, shares_a_name

_BEFORE = 3
"""So many sentences at most are put before a quote that is unclear without them."""

_OF_SOMEBODY = re.compile(r"\W*(?:he|she|they|his|her|their)\b", re.I)

_UNSURE = 0.34
"""The highest score of what was not found: it is borne out from 0.35."""


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """How a draft is checked; the figures were chosen on the sample archive's sentences.

    Attributes:
        passages: how many are read for each sentence.
        quotes: how many articles are cited for one.
        alike: how alike a sentence and a passage's sentences must be, without names and figures
            and as a whole (the sum of two cosines), for a difference to contradict it.
        beside: by how much less alike than the most alike they may be.
        opposed: how probable a passage must be that says the opposite, were it not for that.
        near: how alike what is shown as nearest must be.
    """

    passages: int = 6
    quotes: int = 2
    alike: float = 1.2
    beside: float = 0.1
    opposed: float = 0.6
    near: float = 1.0


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found about a sentence; `quotes` are spans of articles, the best first."""

    finding: Finding
    score: float
    quotes: tuple[tuple[Match, int, int], ...] = ()
    differences: tuple[Difference, ...] = ()


class DraftChecker:
    """Checks drafts against one archive. Safe to call from several threads.

    Args:
        searcher: finds passages.
        gate: tells whether they bear a sentence out.
        options: see `DraftOptions`.
    """

    def __init__(
        self, searcher: Searcher, gate: SupportGate, options: DraftOptions | None = None
    ) -> None:
        self._searcher = searcher
        self._gate = gate
        self._options = options or DraftOptions()

    async def check(
        self,
        text: str,
        *,
        as_of: date | None = None,
        checked: Callable[[], None] = lambda: None,
    ) -> CheckedDraft:
        """Check a cleaned text, sentence by sentence; `checked` is called after each.

        With `as_of`, articles published after that day are left out, and those without a date.

        Raises:
            CannotCheck: the archive is empty.
            ArchiveError: the archive cannot be used.
        """
        if not await asyncio.to_thread(self._searcher.catalog.count_passages):
            raise CannotCheck(line("empty_archive"))
        found: list[CheckedSentence] = []
        words_only = False
        for claim in await asyncio.to_thread(read_claims, text):
            sentence, blind = await asyncio.to_thread(self._checked, claim, as_of)
            found.append(sentence)
            words_only |= blind
            checked()
        return CheckedDraft(text, tuple(found), line("vectors_lost") if words_only else "")

    def _checked(self, claim: Claim, as_of: date | None) -> tuple[CheckedSentence, bool]:
        """Check one sentence. Return it, and whether it was searched for by words alone."""
        bare = CheckedSentence(claim.start, claim.end, claim.text, Finding.NO_CLAIM)
        text = _plain(claim.text)
        if claim.idle or not text:
            return replace(bare, reason=claim.idle or "claims nothing"), False
        before = _plain(claim.before)
        judged, words_only = self._searched(text, before, before, as_of)
        if judged.finding is Finding.NOT_FOUND and claim.after not in ("", claim.before):
            again, _ = self._searched(text, before, _plain(claim.after), as_of)
            judged = again if again.finding is not Finding.NOT_FOUND else judged
        return _shown(bare, judged, before if _OF_SOMEBODY.match(text) else ""), words_only

    def _searched(
        self, text: str, before: str, context: str, as_of: date | None
    ) -> tuple[_Judged, bool]:
        """Search for a sentence in its context, and judge it by what is found.

        Return that, and whether it was searched for by words alone.
        """
        context = f"{context} " if context else ""
        query = Query(context + text, len(context))
        result = self._searcher.search(query, self._options.passages, until=as_of)
        return self._judge(text, result.matches, before), result.words_only

    def _judge(self, text: str, matches: Sequence[Match], before: str) -> _Judged:
        """Weigh passages for a sentence. All that touches the support gate is in here.

        `before` is the sentence that it leans on, which may lend it names and figures. What is
        neither borne out nor contradicted comes with its nearest quote, if that is near.
        """
        options = self._options
        sources = [Source(number, match) for number, match in enumerate(matches, start=1)]
        marks = "".join(f"[{source.number}]" for source in sources)
        verdict = self._gate.check(text + marks, sources, before)
        if verdict.outcome is Outcome.IDLE:
            return _Judged(Finding.NO_CLAIM, 0.0)
        backings = self._gate.backings(text, sources, before)
        likely = max((b.probability for b in backings if not b.fault), default=0.0)
        if verdict.outcome is not Outcome.REMOVED:
            quotes = {q.match.article.id: (q.match, q.start, q.end) for q in verdict.quotes[::-1]}
            best = tuple(reversed(quotes.values()))[: options.quotes]
            return _Judged(Finding.SUPPORTED, likely, best)
        ranked = sorted(backings, key=_alike, reverse=True)
        top = [b for b in ranked if _alike(b) >= _alike(ranked[0]) - options.beside]
        for backing in sorted(top, key=lambda b: len(b.weighed.missing)):
            if found := self._contradiction(text, backing):
                return _Judged(Finding.CONTRADICTED, 0.0, (_span(backing),), found)
        near = tuple(_span(b) for b in ranked[:1] if _alike(b) >= options.near)
        return _Judged(Finding.NOT_FOUND, min(likely, _UNSURE), near)

    def _contradiction(self, text: str, backing: Backing) -> tuple[Difference, ...]:
        """Return what a passage says otherwise, if it is about the same."""
        if not backing.fault:
            return ()
        window, article = backing.weighed.window, backing.source.match.article
        if _alike(backing) >= self._options.alike and (
            found := differences(
                text, window.text, title=article.title, published=article.published
            )
        ):
            return found
        opposed = backing.fault == "negation" and backing.probability >= self._options.opposed
        return (Difference("negation"),) if opposed else ()


def _shown(bare: CheckedSentence, judged: _Judged, before: str) -> CheckedSentence:
    """Return a sentence with what was found.

    "He said so" is not borne out by what somebody said whom the sentence `before` does not name.
    """
    citations = tuple(_cite(*quote, number) for number, quote in enumerate(judged.quotes, 1))
    finding, score = judged.finding, judged.score
    if finding is Finding.NO_CLAIM:
        return replace(bare, reason="claims nothing")
    if finding is Finding.SUPPORTED and not _is_of_the_same(before, citations):
        finding, score = Finding.NOT_FOUND, min(score, _UNSURE)
    if finding is Finding.NOT_FOUND:
        nearest = citations[0] if citations else None
        return replace(
            bare, finding=finding, score=round(score, 4), nearest=nearest, reason="not found"
        )
    return replace(
        bare,
        finding=finding,
        score=round(score, 4),
        citations=citations,
        differences=judged.differences,
        reason=explained(judged.differences),
    )


def explained(found: Sequence[Difference]) -> str:
    """Return in words what a quote has otherwise: "“2,500”: the quote has “1,960”"."""
    return "; ".join(
        f"“{d.said}”: the quote has {' and '.join(f'“{there}”' for there in d.stands)}"
        if d.stands
        else "the quote says the opposite"
        for d in found
    )


def _plain(text: str) -> str:
    """Return a sentence without markup, citation markers and addresses."""
    marked = unmark(text)
    plain = marked.text
    for url in marked.urls:
        plain = plain.replace(url, " ")
    return " ".join(plain.split())


def _alike(backing: Backing) -> float:
    return backing.weighed.likeness + backing.weighed.features.close


def _span(backing: Backing) -> tuple[Match, int, int]:
    window = backing.weighed.window
    shift = window.source.shift
    return backing.source.match, window.start + shift, window.end + shift


def _cite(match: Match, start: int, end: int, number: int) -> Citation:
    """Return a quote as a citation; one that leans on the sentences before it brings them along."""
    body = match.article.body
    for before in reversed(sentences_within(body, match.passage.start, start)[-_BEFORE:]):
        if not needs_context(body[start:end]) or before.kind is Kind.HEADING:
            break
        start = before.start
    return cite(number, match.article, match.passage, start, end)


def _is_of_the_same(before: str, citations: Sequence[Citation]) -> bool:
    """Return whether the quotes name somebody or something that `before` names."""
    said = " ".join(f"{citation.title} {citation.quote}" for citation in citations)
    return shares_a_name(names(f"So {before}") - ROLES, said)
