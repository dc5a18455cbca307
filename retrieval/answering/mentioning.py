"""Answers which articles mention something: "Which articles mention Macron?"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from corpus.dates import in_words
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.dating import time_asked, undated
from retrieval.answering.extractive import Composed
from retrieval.answers import Citation, Question
from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match, Passage
from retrieval.search.followups import points_back
from retrieval.search.mentions import Mention, Mentions, mentions
from retrieval.text.days import Day
from retrieval.text.lines import ITEM
from retrieval.text.words import content_words, words

MOST = 10
"""The most articles that an answer lists."""

_MOST_WORDS = 8
"""Of what articles are to mention; a longer text is a sentence, whose words need not be theirs."""

_ARTICLES = r"(?:news )?(?:articles?|stories|story)"
_HERE = r"(?: (?:in|from|of) (?:the|this|your|our) (?:whole )?archive)"
_ANY = r"(?:(?:any|an?|all|every|each|the|of) )*"
_SAY = (
    r"(?:mention(?:s|ed)?|names?|refers? to|talks? about|writes? about|discuss(?:es)?|covers?"
    r"|deals? with|(?:is|are|was|were) about)"
)
_ON = rf"(?:(?:that |which )?{_SAY}|mentioning|naming|about|on)"
_OPENINGS = (
    rf"(?:which|what|how many)(?: of the| other)? {_ARTICLES}{_HERE}?(?: there)? {_SAY}",
    rf"(?:which|what|how many) {_ARTICLES} (?:are|is|do (?:you|we) have|have you got)(?: there)?"
    rf"{_HERE}? {_ON}",
    rf"(?:are there|is there|do (?:you|we) have) {_ANY}{_ARTICLES}{_HERE}? {_ON}",
    rf"(?:list|show|give|find|get|name) (?:me |us )?{_ANY}{_ARTICLES}{_HERE}? {_ON}",
    rf"(?:any |all )?(?:articles|stories){_HERE}? {_ON}",
)
_ASKS = re.compile(
    r"^\W*(?:(?:please|and|so|ok|okay|hi|hello),? )*(?:(?:can|could|would) you (?:please )?)?"
    rf"(?:{'|'.join(_OPENINGS)}) (?P<subject>\S.*?){_HERE}?(?:,? please)?[\s?.!]*$",
    re.I,
)
"""Asks for articles by what they mention. "Which article of the constitution mentions …" does not:
what mentions something has to follow the word at once."""

_NO_NAME = re.compile(
    r"[?!;:,]|\b(?:who|whom|whose|what|when|where|why|how|which|that|or|than|but|because|if|whether"
    r"|is|are|was|were|did|does|do|has|have|had|will|would|should|could)\b|\bby (?:name|its)\b",
    re.I,
)
"""What makes a text more than the name of something."""

_BEFORE_A_DAY = re.compile(r"(?:\s+(?:in|on|of|from|by|until|till|during|for|dated))+\s*$", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """Wants the articles that mention something: its name as typed, and the time asked for."""

    subject: str
    time: Filters = EVERYTHING

    @property
    def words(self) -> list[str]:
        """The words that all have to be in an article."""
        return content_words(self.subject)


def wish(question: Question) -> Wish | None:
    """Return what a question wants articles to mention, or None if it wants something else."""
    found = _ASKS.match(question.text)
    if not found or points_back(found["subject"]):
        return None
    subject, time = found["subject"], EVERYTHING
    named = undated(subject, question.today)
    if named != subject:  # a day that it is not asked of would have to stand in the article
        days = time_asked(question.text, question.today)
        if days.until or not days.days or not all(year for year, _, _ in days.days):
            return None
        time = _within(days.days)
        subject = _BEFORE_A_DAY.sub("", named.rstrip())
    asked = Wish(subject, time)
    too_long = len(words(subject)) > _MOST_WORDS
    return None if too_long or _NO_NAME.search(subject) or not asked.words else asked


def _within(days: Iterable[Day]) -> Filters:
    first = min(date(year, month or 1, day or 1) for year, month, day in days)
    last = max(
        date(year, month or 12, day or monthrange(year, month or 12)[1])
        for year, month, day in days
    )
    return Filters(since=first, until=last)


def told(asked: Wish, catalog: Catalog, scope: Filters) -> tuple[Composed, list[Match]] | None:
    """Return the newest articles with what a wish wants, each cited, or None if there is none.

    Each title and date is on a line of its own; the line before them says how many there are in
    all. The passages are those that are quoted.

    Raises:
        ArchiveError: the archive cannot be used; says what to do.
    """
    there = mentions(catalog, asked.words, scope & asked.time, MOST)
    if not there.found:
        return None
    lines = [_lead(asked, there)]
    for number, mention in enumerate(there.found, 1):
        day = mention.article.published
        dated = f", {in_words(day)}" if day else ""
        lines.append(f"{ITEM}{without_marks(mention.article.title)}{dated} [{number}]")
    matches = [
        Match(mention.passage, mention.article, float(mention.times))
        for mention in there.found
        if mention.passage
    ]
    return Composed("\n".join(lines), cited(there.found)), matches


def _lead(asked: Wish, there: Mentions) -> str:
    one, rest = there.total == 1, there.total > len(there.found)
    begins = "One article mentions" if one else f"{there.total:,} articles mention"
    which = f"; the newest {len(there.found)}" if rest else ""
    return f"{begins} “{without_marks(asked.subject)}”{which}:"


def cited(found: Iterable[Mention]) -> tuple[Citation, ...]:
    """Return a citation for each article: the sentence that mentions what was looked for."""
    return tuple(
        cite(
            number,
            mention.article,
            mention.passage or Passage("", mention.article.id, 0, 0, 0, ""),
            mention.sentence.start,
            mention.sentence.end,
        )
        for number, mention in enumerate(found, 1)
    )
