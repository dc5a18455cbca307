"""Checks each sentence of a draft: searches the archive for it and weighs what is found."""

from __future__ import annotations

import asyncio
import re
from calendar import day_name
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from prompts import line
from retrieval.answering.citing import cite
from retrieval.answering.context import needs_context
from retrieval.answering.gone import with_gone
from retrieval.answers import Citation
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match
from retrieval.checking.check import SupportCheck
from retrieval.checking.given import Given, given
from retrieval.checking.judge import Ruling, ruled
from retrieval.checking.markers import unmark
from retrieval.checking.names import ROLES, key, keys
from retrieval.checking.unjudged.exchanges import exchanges
from retrieval.checking.unjudged.gate import Backing
from retrieval.checking.verbatim import verbatim_in
from retrieval.checking.verdicts import Outcome, Source, Verdict
from retrieval.drafts.claims import Claim, read_claims
from retrieval.drafts.differences import differences
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Difference, Finding
from retrieval.drafts.wording import other_words
from retrieval.errors import CannotCheck
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchResult, WordsOnly
from retrieval.text.languages import ENGLISH, language_of_article
from retrieval.text.sentences import Kind, sentences_within
from retrieval.text.words import names, shares_a_name

_BEFORE = 3
"""So many sentences at most are put before a quote that is unclear without them."""

_OF_SOMEBODY = re.compile(r"\W*(?:he|she|they|his|her|their)\b", re.I)

_SHORT_DAY = re.compile(r"(?<!\bthe )\b(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)\.")
"""A weekday cut short, which would be a name; "the Sun" is one."""

Judge = Callable[[Sequence[Verdict]], Awaitable[list[Ruling | None]]]

_TOGETHER = 8
"""Of how many sentences a model rules at once."""

_RULED = 0.95
"""The score of what a model ruled to be borne out."""

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
        self._gate = check.gate
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
        text = _plain(claim.text)
        if claim.idle or not text:
            return _Read(replace(bare, reason=claim.idle or "claims nothing"))
        before = _plain(claim.before)
        somebody = before if _OF_SOMEBODY.match(text) else ""
        result = self._found(text, before, as_of)
        matches = result.matches
        if same := _verbatim(text, [*self._having(text, as_of), *matches], somebody):
            quotes = same[: self._options.quotes]
            judged = _Judged(Finding.SUPPORTED, 1.0, quotes)
            return _Read(_shown(bare, judged, ""), blind=result.words_only)
        judged = self._judge(text, matches, before)
        if judged.finding is Finding.NOT_FOUND and claim.after not in ("", claim.before):
            more = self._found(text, _plain(claim.after), as_of).matches
            again = self._judge(text, more, before, matches)
            matches = [*matches, *(match for match in more if match not in matches)]
            judged = again if again.finding is not Finding.NOT_FOUND else judged
        shown = _shown(bare, judged, somebody)
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
        after = [
            _after(one.sentence, verdict, next(rulings))
            if (verdict := one.verdict) and verdict.outcome is Outcome.DOUBTFUL
            else _surely(one.sentence, verdict)
            for one in read
        ]
        return after, None in found

    def _judge(
        self, text: str, matches: Sequence[Match], before: str, others: Sequence[Match] = ()
    ) -> _Judged:
        """Weigh passages for a sentence. All that touches the support gate is in here.

        `before` is the sentence that it leans on, which may lend it names and figures. What is
        neither borne out nor contradicted comes with its nearest quote, if that is near. A figure
        or name that an article found has anywhere, or one of `others`, is no difference.
        """
        options = self._options
        sources = _numbered(matches)
        marks = "".join(f"[{source.number}]" for source in sources)
        verdict = self._check.unjudged(text + marks, sources, before)
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
        known = [given([source], before) for source in _whole([*matches, *others])]
        for backing in sorted(top, key=lambda b: len(b.weighed.missing)):
            if found := self._contradiction(text, backing, known):
                return _Judged(Finding.CONTRADICTED, 0.0, (_span(backing),), found)
        near = tuple(_span(b) for b in ranked[:1] if _alike(b) >= options.near)
        return _Judged(Finding.NOT_FOUND, min(likely, _UNSURE), near)

    def _contradiction(
        self, text: str, backing: Backing, known: Sequence[Given]
    ) -> tuple[Difference, ...]:
        """Return what a passage says otherwise, if it is about the same.

        What stands elsewhere in its article, or in another about the same, is no difference.
        """
        if backing.fault in ("", "strength"):  # it says less, but not otherwise
            return ()
        quote, published = backing.weighed.window.text, backing.source.match.article.published
        if _alike(backing) >= self._options.alike and (
            found := differences(text, quote, known, published=published)
        ):
            return found
        if not backing.opposes or backing.probability < self._options.opposed:
            return ()
        exchanged = exchanges(text, quote) if backing.fault == "exchanged" else []
        found = tuple(Difference("exchanged", said, (there,)) for said, there in exchanged)
        return found or (Difference(backing.fault),)


def _shown(bare: CheckedSentence, judged: _Judged, before: str) -> CheckedSentence:
    """Return a sentence with what was found.

    "He said so" is not borne out by what somebody said whom the sentence `before` does not name.
    """
    citations = tuple(_cite(*quote, number) for number, quote in enumerate(judged.quotes, 1))
    finding, score = judged.finding, judged.score
    if finding is Finding.NO_CLAIM:
        return replace(bare, reason="claims nothing")
    told = [f"{citation.title} {citation.quote}" for citation in citations]
    if finding is Finding.SUPPORTED and not _is_of_the_same(before, told):
        finding, score = Finding.NOT_FOUND, min(score, _UNSURE)
    if finding is Finding.NOT_FOUND:
        return _not_found(bare, judged.quotes[:1], before, round(score, 4))
    bare = replace(bare, finding=finding, score=round(score, 4), citations=citations)
    if finding is Finding.SUPPORTED:
        return _in_other_words(bare)
    return replace(bare, differences=judged.differences, reason=explained(judged.differences))


def _in_other_words(bare: CheckedSentence, derived: str = "") -> CheckedSentence:
    """Return a sentence that is borne out, with its words that what bears it out does not have.

    `derived` says how its figures follow from others.
    """
    told = [f"{citation.title} {citation.quote}" for citation in bare.citations]
    own = other_words(_plain(bare.text), told)
    named = "in other words: " + ", ".join(f"“{word}”" for word in own) if own else ""
    return replace(bare, lacking=own, reason="; ".join(filter(None, (derived, named))))


def _surely(bare: CheckedSentence, verdict: Verdict | None) -> CheckedSentence:
    """Return a sentence that no model need rule on: what surely is not so is not borne out."""
    if not verdict or (bare.finding, verdict.outcome) != (Finding.SUPPORTED, Outcome.REMOVED):
        return bare
    near = [(quote.match, quote.start, quote.end) for quote in verdict.quotes[:1]]
    return _not_found(replace(bare, citations=()), near, "", wrong=verdict.detail)


def _after(bare: CheckedSentence, verdict: Verdict, ruling: Ruling | None) -> CheckedSentence:
    """Return a sentence after a ruling on it; without one it stays as it is."""
    if ruling is None:
        return bare
    final = ruled(verdict, ruling)
    quotes = [(quote.match, quote.start, quote.end) for quote in final.quotes]
    citations = tuple(_cite(*quote, number) for number, quote in enumerate(quotes, 1))
    bare = CheckedSentence(bare.start, bare.end, bare.text, Finding.SUPPORTED, citations=citations)
    if final.outcome is Outcome.SUPPORTED:
        derived = "; ".join(final.derived)
        return _in_other_words(replace(bare, score=_RULED), derived)
    if final.reason == "contradicted" and final.quotes:
        quote = final.quotes[0]
        known, published = [given([Source(1, quote.match)], "")], quote.match.article.published
        told = differences(verdict.text, quote.text, known, published=published)
        differ = tuple(d for d in told if d.said and d.said in final.detail)
        differ = differ or (Difference("other", final.detail),)
        return replace(
            bare,
            finding=Finding.CONTRADICTED,
            citations=citations[:1],
            differences=differ,
            reason=explained(differ),
        )
    return _not_found(replace(bare, citations=()), quotes[:1], "")


def _not_found(
    bare: CheckedSentence,
    near: Sequence[tuple[Match, int, int]],
    before: str,
    score: float = 0.0,
    wrong: str = "",
) -> CheckedSentence:
    """Return a sentence that was not found, with its nearest quote if there is one.

    `wrong` is what is wrong with it, where the quote lacks none of its words: a mixed-up name.
    """
    bare = replace(bare, finding=Finding.NOT_FOUND, score=score, reason="not found")
    if not near:
        return bare
    nearest = _cite(*near[0], 1)
    lacking = _lacking(_plain(bare.text), near[0][0], nearest, before)
    lacking = lacking or tuple(filter(None, [wrong]))
    named = " or ".join(f"“{word}”" for word in lacking)
    reason = f"not found; the nearest quote has no {named}" if named else "not found"
    return replace(bare, nearest=nearest, lacking=lacking, reason=reason)


def _numbered(matches: Sequence[Match]) -> list[Source]:
    return [Source(number, match) for number, match in enumerate(matches, start=1)]


def _whole(matches: Iterable[Match]) -> list[Source]:
    """Return the whole articles of some passages as sources."""
    articles = {match.article.id: match for match in matches}
    return [_part(Source(1, match), 0, len(match.article.body)) for match in articles.values()]


def _lacking(text: str, match: Match, nearest: Citation, before: str) -> tuple[str, ...]:
    """Return the figures, dates and names of a sentence that its nearest quote does not have.

    A name is not lacking where its quote has another part of it: "Rosa Kemp", "Kemp".
    """
    source = _part(Source(1, match), nearest.start, nearest.end)
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


def _part(source: Source, start: int, end: int) -> Source:
    """Return a source that is `body[start:end]` of the article of one."""
    match = source.match
    text = match.article.body[start:end]
    passage = replace(match.passage, start=start, end=end, text=text)
    return replace(source, match=replace(match, passage=passage))


def explained(found: Sequence[Difference]) -> str:
    """Return in words what a quote has otherwise: "“2,500”: the quote has “1,960”"."""
    return "; ".join(
        f"“{d.said}”: the quote has {' and '.join(f'“{there}”' for there in d.stands)}"
        + (f" ({d.day})" if d.day else "")
        if d.stands
        else f"the quote says otherwise of “{d.said}”"
        if d.said
        else "the quote says the opposite"
        for d in found
    )


def _plain(text: str) -> str:
    """Return a sentence without markup, citation markers and addresses, its weekdays in full."""
    marked = unmark(text)
    plain = _SHORT_DAY.sub(lambda short: _in_full(short.group()), marked.text)
    for url in marked.urls:
        plain = plain.replace(url, " ")
    return " ".join(plain.split())


def _in_full(short: str) -> str:
    return next(day for day in day_name if day.startswith(short[:3]))


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


def _verbatim(
    text: str, matches: Sequence[Match], before: str
) -> tuple[tuple[Match, int, int], ...]:
    """Return the sentences of the articles found that are a sentence, one of each article.

    In an article without any name of the sentence `before`, "he" is somebody else.
    """
    found: dict[str, tuple[Match, int, int]] = {}
    for match in matches:
        article = match.article
        place = None if article.id in found else verbatim_in(text, article.body)
        if not place or not _is_of_the_same(before, [article.title, article.body]):
            continue
        # Words alone do not tell $40 from €40.
        if not given([_part(Source(1, match), *place)], "").missing(text):
            found[article.id] = (match, *place)
    return tuple(found.values())


def _is_of_the_same(before: str, texts: Iterable[str]) -> bool:
    """Return whether some texts name somebody or something that `before` names."""
    return shares_a_name(names(f"So {before}") - ROLES, " ".join(texts))
