"""Whether the passages in a model's context support a sentence it wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.passages import Match
from retrieval.sentences import split_sentences
from retrieval.text import content_words


@dataclass(frozen=True, slots=True)
class Source:
    """A passage in the model's context, under the number the model sees."""

    number: int
    match: Match


@dataclass(frozen=True, slots=True)
class Quote:
    """What backs a sentence: `match.article.body[start:end]`."""

    match: Match
    start: int
    end: int


class Outcome(Enum):
    """What becomes of a sentence; an idle one claims nothing."""

    SUPPORTED = "supported"
    RECITED = "recited"
    IDLE = "idle"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, the sentence without markers, what backs it, and why it was removed."""

    outcome: Outcome
    text: str
    quotes: tuple[Quote, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GateOptions:
    """How much of a sentence's words a quote must hold."""

    coverage: float = 0.6


_MARKS = re.compile(r"\s*\[(\d[\d,\s]*)\]")
_LINK = re.compile(r"https?://|www\.|\]\(", re.I)


class SupportGate:
    """Checks one sentence at a time by the words it shares with the passages."""

    def __init__(self, reader: OnnxEncoder, options: GateOptions | None = None) -> None:  # noqa: ARG002
        self._options = options or GateOptions()

    def check(self, sentence: str, sources: Sequence[Source], question: str) -> Verdict:  # noqa: ARG002
        """The verdict on a sentence as the model wrote it."""
        numbers = {int(n) for m in _MARKS.finditer(sentence) for n in re.findall(r"\d+", m[1])}
        text = _MARKS.sub("", sentence)
        if text.endswith(":"):
            return Verdict(Outcome.IDLE, text)
        if _LINK.search(text):
            return Verdict(Outcome.REMOVED, text, reason="link")
        cited = [s for s in sources if s.number in numbers]
        for outcome, candidates in ((Outcome.SUPPORTED, cited), (Outcome.RECITED, sources)):
            found = [quote for s in candidates if (quote := self._quote(text, s))]
            if found:
                return Verdict(outcome, text, tuple(found[:2]))
        return Verdict(Outcome.REMOVED, text, reason="score")

    def _quote(self, text: str, source: Source) -> Quote | None:
        passage, article = source.match.passage, source.match.article
        said = set(content_words(text))
        best, found = 0.0, None
        for s in split_sentences(article.body):
            if s.start < passage.start or s.end > passage.end:
                continue
            there = set(content_words(article.body[s.start : s.end]))
            if {w for w in said if w[0].isdigit()} - there:
                continue
            share = len(said & there) / max(1, len(said))
            if share > best:
                best, found = share, Quote(source.match, s.start, s.end)
        return found if best >= self._options.coverage else None
