"""What a check of a draft found: plain data, for people and programs to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from retrieval.answers import Citation


class Finding(Enum):
    """What the archive has to say about a sentence."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_FOUND = "not_found"
    NO_CLAIM = "no_claim"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a sentence has otherwise than a quote.

    `kind` is "number", "date", "name", "quotation", "exchanged" (words have changed places, or
    one stands for another of its kind), "negation" or "other". `said` is the sentence's own
    wording, `stands` what the quote has instead; both are empty for a negation, and `stands` is
    for "other", which a model found. `day` is the quote's day in full where it leaves out a
    weekday or a year that the sentence has.
    """

    kind: str
    said: str = ""
    stands: tuple[str, ...] = ()
    day: str = ""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of a draft, `draft.text[start:end]`, and what was found about it.

    `score` is how probable it is that the archive bears it out, from 0 to 1: 0 where the archive
    contradicts it, or where it claims nothing. `citations` bear it out or contradict it, the best
    first; of a sentence that was not found, the `nearest` is what comes closest, if anything does,
    and `lacking` are the figures, dates and names of the sentence that this quote does not have;
    of one that is borne out, those of its words that are in none of its citations. `reason` is a
    phrase for people: where it is borne out, how its figures follow from others and what is in
    other words, or empty.
    """

    start: int
    end: int
    text: str
    finding: Finding
    score: float = 0.0
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()
    nearest: Citation | None = None
    lacking: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A text with its sentences, in order. `notice` is a line for the reader, or empty."""

    text: str
    sentences: tuple[CheckedSentence, ...]
    notice: str = ""
