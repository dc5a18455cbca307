"""How many times something happened, where nobody has counted it: the days that are told of.

A sentence that tells when it happened tells of one time. No total is claimed: there may be more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from retrieval.answering.dating import day_of
from retrieval.answering.evidence import Evidence
from retrieval.answering.extractive import Composed
from retrieval.answering.question_reader import QuestionReader
from retrieval.answering.read import Read
from retrieval.answering.rereading import by_themselves
from retrieval.answering.salient import Candidate
from retrieval.answering.timeline import stages
from retrieval.checking.facts import find_facts
from retrieval.reading.reader import Reader
from retrieval.text.days import Day
from retrieval.text.words import content_words

_FEWEST = 2
"""Days of which there have to be sentences: of one there is nothing to count."""

_LIKELY, _ALONE = 0.05, -3.0
"""How likely each sentence has to be to tell when it happened, and the log-odds that it does when
read by itself. Set by reading what is told for ten questions over the sample archive."""

_HOW_OFTEN = re.compile(r"\bhow (?:many times|often)\b", re.I)
_HOW_MANY = re.compile(
    r"\bhow many (?P<events>[\w'’-]+(?: [\w'’-]+){0,3}?)"
    r" (?:(?:were|are) there|(?:have|had) there been|(?:have |had )?(?:taken place|happened)"
    r"|took place|occurred)\b",
    re.I,
)
_TIMES = re.compile(r"\b(?:once|twice|thrice|times|daily|weekly|monthly|every)\b", re.I)


def when_asked(question: str) -> str | None:
    """Return when something happened, as a question, for one of how many times.

    None for others, and for one that does not say what: "how often?".
    """
    when = _HOW_OFTEN.sub("when", _HOW_MANY.sub(r"when were the \g<events>", question))
    return when if when != question and content_words(when) else None


@dataclass(frozen=True, slots=True)
class Times:
    """Tells on which days something happened. Safe to call from several threads.

    Args:
        reader: reads for when it happened.
        again: reads each sentence by itself.
        is_answered: whether what was read is an answer.
    """

    reader: QuestionReader
    again: Reader
    is_answered: Callable[[Read], bool]

    def tell(self, read: Read) -> tuple[Composed, Read] | None:
        """Return the days for a question of how many times, and what was read for them.

        None for another question, where a number is stated, or fewer than two days are told of.
        """
        query = read.query
        when = when_asked(query.text[query.focus :])
        often = bool(_HOW_OFTEN.search(query.text, query.focus))
        if not when or (self.is_answered(read) and _counts(read.evidence[0].text, often)):
            return None
        asked = replace(query, text=query.text[: query.focus] + when)
        told = self.reader.read(read.question, asked, read.watch)
        days = self._one_a_day(told) if self.is_answered(told) else []
        return (stages(days), replace(told, query=query)) if len(days) >= _FEWEST else None

    def _one_a_day(self, told: Read) -> list[Candidate]:
        """Return the likeliest sentence of each day that is told of, in the order of the days."""
        likely = [e for e in told.evidence if e.probability >= _LIKELY and all(_day(e))]
        alone = by_themselves(self.again, told.query, likely)
        best: dict[Day, Candidate] = {}
        for e, answers in zip(likely, alone, strict=True):
            if answers > _ALONE:
                best.setdefault(_day(e), Candidate(e.article, e.passage, e.sentence))
        return [best[day] for day in sorted(best)]


def _day(evidence: Evidence) -> Day:
    """Return the day that a sentence tells of, with 0 for what it does not say of it."""
    return day_of(evidence.text, evidence.article.published) or (0, 0, 0)


def _counts(text: str, often: bool) -> bool:
    """Return whether a sentence has a number of times, or of anything where times are not asked."""
    kinds = {fact.kind for fact in find_facts(text)}
    return bool(_TIMES.search(text)) or "ordinal" in kinds or (not often and "number" in kinds)
