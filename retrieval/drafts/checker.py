"""Checks each sentence of a draft: searches the archive for it and weighs what is found."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from prompts import line
from retrieval.answering.gone import with_gone
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match
from retrieval.checking.check import SupportCheck
from retrieval.checking.given import Given, given
from retrieval.checking.judge import Ruling
from retrieval.checking.unjudged.exchanges import exchanges
from retrieval.checking.unjudged.gate import Backing
from retrieval.checking.verbatim import verbatim_in
from retrieval.checking.verdicts import Outcome, Quote, Source, Verdict
from retrieval.drafts.claims import Claim, plain, read_claims
from retrieval.drafts.differences import differences, is_about
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Difference, Finding
from retrieval.drafts.report import UNSURE, Found, after, is_of_the_same, part_of, reported
from retrieval.errors import CannotCheck
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult, WordsOnly
from retrieval.text.languages import ENGLISH, language_of_article

_OF_SOMEBODY = re.compile(r"\W*(?:he|she|they|his|her|their)\b", re.I)

Judge = Callable[[Sequence[Verdict]], Awaitable[list[Ruling | None]]]

_TOGETHER = 8
"""Of how many sentences a model rules at once."""


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
class _Read:
    """A sentence after the check without a judge, and what there is for one to rule on.

    `blind` names the line that says why it was searched for by words alone, if it was.
    """

    sentence: CheckedSentence
    verdict: Verdict | None = None
    blind: WordsOnly = ""


class DraftChecker:
    """Checks drafts against one archive. Safe to call from several threads.

    Args:
        searcher: finds passages.
        check: tells whether they bear a sentence out.
        judge: a model that rules on what the check leaves in doubt, if there is one.
        options: see `DraftOptions`.
    """

    def __init__(
        self,
        searcher: Searcher,
        check: SupportCheck,
        judge: Judge | None = None,
        options: DraftOptions | None = None,
    ) -> None:
        self._searcher = searcher
        self._check = check
        self._judge_of = judge
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
        if await asyncio.to_thread(self._searcher.catalog.is_empty):
            raise CannotCheck(line("empty_archive"))
        read: list[_Read] = []
        known: dict[tuple[str, ...], _Read] = {}  # a draft may repeat a line many times
        for claim in await asyncio.to_thread(read_claims, text):
            same = claim.text, claim.before, claim.after, claim.idle
            if same not in known:
                known[same] = await asyncio.to_thread(self._read, claim, as_of)
            one = known[same]
            here = replace(one.sentence, start=claim.start, end=claim.end)
            read.append(replace(one, sentence=here))
            checked()
        ruled, unruled = await self._ruled(read)
        found = await asyncio.to_thread(lambda: [self._with_gone(one) for one in ruled])
        blind = next((one.blind for one in read if one.blind), "")
        foreign = not self._judge_of and language_of_article(text) != ENGLISH
        told = (blind, "check_english" if foreign else "", "unruled" if unruled else "")
        notices = [line(name) for name in told if name]
        return CheckedDraft(text, tuple(found), " ".join(notices))

    def _with_gone(self, sentence: CheckedSentence) -> CheckedSentence:
        catalog = self._searcher.catalog
        nearest = with_gone([sentence.nearest], catalog)[0] if sentence.nearest else None
        return replace(sentence, citations=with_gone(sentence.citations, catalog), nearest=nearest)

    def _read(self, claim: Claim, as_of: date | None) -> _Read:
        """Search for one sentence and check it against what is found."""
        bare = CheckedSentence(claim.start, claim.end, claim.text, Finding.NO_CLAIM)
        text = plain(claim.text)
        if claim.idle or not text:
            return _Read(replace(bare, reason=claim.idle or "claims nothing"))
        before = plain(claim.before)
        somebody = before if _OF_SOMEBODY.match(text) else ""
        result = self._found(text, before, as_of)
        matches = result.matches
        if same := _verbatim(text, [*self._having(text, as_of), *matches], somebody):
            quotes = same[: self._options.quotes]
            judged = Found(Finding.SUPPORTED, 1.0, quotes)
            return _Read(reported(bare, judged, ""), blind=result.words_only)
        judged = self._judge(text, matches, before)
        if judged.finding is Finding.NOT_FOUND and claim.after not in ("", claim.before):
            more = self._found(text, plain(claim.after), as_of).matches
            again = self._judge(text, more, before, matches)
            matches = [*matches, *(match for match in more if match not in matches)]
            judged = again if again.finding is not Finding.NOT_FOUND else judged
        shown = reported(bare, judged, somebody)
        verdict = None
        if self._judge_of and shown.finding is not Finding.NO_CLAIM:
            verdict = self._check.check(text, _numbered(matches), before)
        return _Read(shown, verdict, result.words_only)

    def _found(self, text: str, context: str, as_of: date | None) -> SearchResult:
        """Search for a sentence behind another, which says what it is about."""
        context = f"{context} " if context else ""
        query = Query(context + text, len(context))
        scope = EVERYTHING.by(as_of)
        return self._searcher.search(query, self._options.passages, only=scope, read=False)

    def _having(self, text: str, as_of: date | None) -> list[Match]:
        """Search for what has a sentence word for word; others may be more alike as a whole."""
        scope = EVERYTHING.by(as_of) & Filters(phrases=(text,))
        few = self._options.passages
        return self._searcher.search(Query(text), few, only=scope, read=False).matches

    async def _ruled(self, read: Sequence[_Read]) -> tuple[list[CheckedSentence], bool]:
        """Return the sentences after a model's rulings on those in doubt, a few at a time.

        And whether it left any of these without one.
        """
        if self._judge_of is None:
            return [one.sentence for one in read], False
        doubtful = [v for one in read if (v := one.verdict) and v.outcome is Outcome.DOUBTFUL]
        found: list[Ruling | None] = []
        for at in range(0, len(doubtful), _TOGETHER):
            found += await self._judge_of(doubtful[at : at + _TOGETHER])
        rulings = iter(found)
        sentences = [
            after(one.sentence, verdict, next(rulings))
            if (verdict := one.verdict) and verdict.outcome is Outcome.DOUBTFUL
            else one.sentence
            for one in read
        ]
        return sentences, None in found

    def _judge(
        self, text: str, matches: Sequence[Match], before: str, others: Sequence[Match] = ()
    ) -> Found:
        """Weigh passages for a sentence. All that touches the support gate is in here.

        `before` is the sentence that it leans on, which may lend it names and figures. What is
        neither borne out nor contradicted comes with its nearest quote, if that is near. A figure
        or name that an article found has anywhere, or one of `others`, is no difference.
        """
        options = self._options
        sources = _numbered(matches)
        marks = "".join(f"[{source.number}]" for source in sources)
        verdict, backings = self._check.weighed(text + marks, sources, before)
        if verdict.outcome is Outcome.IDLE:
            return Found(Finding.NO_CLAIM, 0.0)
        likely = max((b.probability for b in backings if not b.fault), default=0.0)
        if verdict.outcome is not Outcome.REMOVED:
            quotes = {quote.match.article.id: quote for quote in verdict.quotes[::-1]}
            best = tuple(reversed(quotes.values()))[: options.quotes]
            return Found(Finding.SUPPORTED, likely, best)
        ranked = sorted(backings, key=_alike, reverse=True)
        top = [b for b in ranked if _alike(b) >= _alike(ranked[0]) - options.beside]
        whole = _whole([*matches, *others])
        known = {source.match.article.id: given([source], before) for source in whole}
        for backing in sorted(top, key=lambda b: len(b.weighed.missing)):
            if found := self._contradiction(text, backing, known):
                return Found(Finding.CONTRADICTED, 0.0, (backing.quote,), found)
        near = tuple(b.quote for b in ranked[:1] if _alike(b) >= options.near)
        return Found(Finding.NOT_FOUND, min(likely, UNSURE), near)

    def _contradiction(
        self, text: str, backing: Backing, known: Mapping[str, Given]
    ) -> tuple[Difference, ...]:
        """Return what a passage says otherwise, if it is about the same.

        What stands elsewhere in its article, or in another about the same, is no difference; nor
        is a figure of what the sentence does not name.
        """
        if backing.fault in ("", "strength"):  # it says less, but not otherwise
            return ()
        quote, article = backing.weighed.window.text, backing.source.match.article
        if _alike(backing) >= self._options.alike:
            told = differences(text, quote, [*known.values()], published=article.published)
            about = is_about(text, known[article.id], known.values())
            if found := tuple(one for one in told if about or one.kind == "name"):
                return found
        if not backing.opposes or backing.probability < self._options.opposed:
            return ()
        exchanged = exchanges(text, quote) if backing.fault == "exchanged" else []
        found = tuple(Difference("exchanged", said, (there,)) for said, there in exchanged)
        return found or (Difference(backing.fault),)


def _numbered(matches: Sequence[Match]) -> list[Source]:
    return [Source(number, match) for number, match in enumerate(matches, start=1)]


def _whole(matches: Iterable[Match]) -> list[Source]:
    """Return the whole articles of some passages as sources."""
    articles = {match.article.id: match for match in matches}
    return [part_of(Source(1, match), 0, len(match.article.body)) for match in articles.values()]


def _alike(backing: Backing) -> float:
    return backing.weighed.likeness + backing.weighed.features.close


def _verbatim(text: str, matches: Sequence[Match], before: str) -> tuple[Quote, ...]:
    """Return the sentences of the articles found that are a sentence, one of each article.

    In an article without any name of the sentence `before`, "he" is somebody else.
    """
    found: dict[str, Quote] = {}
    for match in matches:
        article = match.article
        place = None if article.id in found else verbatim_in(text, article.body)
        if not place or not is_of_the_same(before, [article.title, article.body]):
            continue
        # Words alone do not tell $40 from €40.
        if not given([part_of(Source(1, match), *place)], "").missing(text):
            found[article.id] = Quote(match, *place)
    return tuple(found.values())
