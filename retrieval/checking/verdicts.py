"""What the check is given, and what it says of a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from retrieval.archive.passages import Match


@dataclass(frozen=True, slots=True)
class Source:
    """A passage in the model's context, under the number the model sees."""

    number: int
    match: Match


@dataclass(frozen=True, slots=True)
class Quote:
    """What backs a sentence: `match.article.body[start:end]`, whole sentences."""

    match: Match
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the quoted words."""
        return self.match.article.body[self.start : self.end]


class Outcome(Enum):
    """What became of a sentence; IDLE claims nothing, DOUBTFUL is still to be judged."""

    SUPPORTED = "supported"
    DOUBTFUL = "doubtful"
    REMOVED = "removed"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence after its check.

    `text` is the sentence without its markers and without anything that may not come out; `asked`
    is the question that it answers, if it is no sentence by itself. `quotes` are what bears it out
    or comes nearest, best first; `evidence` is what a judge is shown beside it. `reason` says why
    it was REMOVED: see `retrieval.answers.Removed`; `detail` is the word in question, or, for a
    judge, how a figure follows from others; `derived` says that of each for people.
    """

    outcome: Outcome
    text: str
    quotes: tuple[Quote, ...] = ()
    evidence: str = ""
    reason: str = ""
    detail: str = ""
    asked: str = ""
    derived: tuple[str, ...] = ()

    @property
    def claim(self) -> str:
        """Return what the sentence claims, which a judge rules on."""
        return f"{self.asked} {self.text}".strip()
