"""The check without a judge: a sentence passes if a passage that it may cite says what it says.

For each sentence that a model wrote, the best window of the cited passages is found (one to
three sentences, verbatim), measured (`retrieval.checking.unjudged.weighing`) and weighed by a
logistic regression; figures and names that are in no source, opposite polarity and foreign links
are ruled out beforehand. No model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.archive.passages import titled
from retrieval.checking.fragments import question_of
from retrieval.checking.idle import is_idle
from retrieval.checking.markers import foreign_urls, unmark
from retrieval.checking.names import common
from retrieval.checking.unjudged.alignment import side_by_side
from retrieval.checking.unjudged.reading import SourceText, read_source, read_text, windows
from retrieval.checking.unjudged.weighing import Weighed, weigh
from retrieval.checking.verdicts import Outcome, Quote, Source, Verdict
from retrieval.embeddings.encoder import OnnxEncoder, TokenVectors
from retrieval.logistic import Logistic, load_logistic
from retrieval.lru import LruCache
from retrieval.onnx_model import Floats

MODEL = Path(__file__).parent / "support.json"

_PASSAGES_KEPT = 64 << 20
"""Bytes of passages that are kept as they were read, with their words' vectors and articles."""

_QUESTIONS_KEPT = 4 << 20
"""Bytes of questions' token vectors that are kept for the next sentence of their answers."""

_WINDOWS_KEPT = 4 << 20
"""Bytes of windows' vectors that are kept: each is 1.5 kB."""


@dataclass(frozen=True, slots=True)
class GateOptions:
    """How strict the gate is.

    Attributes:
        threshold: the probability from which a sentence passes.
        better: by how much more probable a source that the sentence does not cite must be to
            replace the cited ones.
        opposed: by how much more probable a window that says the opposite must be to rule it out.
        contrast_margin, contrast_floor: a window with another name or figure rules the sentence
            out if with names and figures left out it is at least `contrast_floor` close to
            the sentence (a mean cosine), and `contrast_margin` closer than the best window: the
            sentence is then that window with a name or figure changed.
        gap: the least echo (a mean logarithm of cosines) that three content words in a row must
            have in a window; below it, something was added.
        windows: how many windows of each passage are weighed.
    """

    threshold: float = 0.35
    better: float = 0.3
    opposed: float = 0.05
    contrast_margin: float = 0.08
    contrast_floor: float = 0.6
    gap: float = -1.3
    windows: int = 2


@dataclass(frozen=True, slots=True)
class Backing:
    """A window of a source beside a sentence, and the probability that it bears it out."""

    source: Source
    weighed: Weighed
    probability: float

    @property
    def fault(self) -> str:
        """What rules it out whatever its probability; empty if nothing does."""
        return self.weighed.fault

    @property
    def opposes(self) -> bool:
        """Return whether it has the sentence's figures and names, and says something else."""
        return self.fault in ("negation", "exchanged")

    @property
    def quote(self) -> Quote:
        """The window as a quote of its article."""
        window = self.weighed.window
        shift = window.source.shift
        return Quote(self.source.match, window.start + shift, window.end + shift)


class SupportGate:
    """Checks sentences against their sources. Safe to call from several threads.

    Args:
        reader: the embedded encoder, whose token vectors are compared.
        options: see `GateOptions`.
        model: makes a probability of the features; the shipped one when None.
    """

    def __init__(
        self,
        reader: OnnxEncoder,
        options: GateOptions | None = None,
        model: Logistic | None = None,
    ) -> None:
        self._reader = reader
        self._options = options or GateOptions()
        self._model = model or load_logistic(MODEL)
        self._read: LruCache[str, SourceText] = LruCache(_PASSAGES_KEPT)
        self._asked: LruCache[str, TokenVectors] = LruCache(_QUESTIONS_KEPT)
        self._alone: LruCache[str, Floats] = LruCache(_WINDOWS_KEPT)

    def check(
        self, sentence: str, sources: Sequence[Source], question: str
    ) -> tuple[Verdict, list[Backing]]:
        """Check a sentence against its sources and return the verdict, with the quotes that back
        it, and what was weighed, the best first.

        `sentence` is as the model wrote it, markers included; `sources` are all in its context.
        One without markers that claims something counts as cited wrongly.
        """
        marked = unmark(sentence)
        text = marked.text
        if is_idle(text, question) and not marked.urls:
            return Verdict(Outcome.IDLE, text), []
        cited = {s.number for s in sources} & set(marked.markers)
        urls = [s.match.article.url for s in sources if s.number in cited or not cited]
        if foreign_urls(marked.urls, urls):
            return Verdict(Outcome.REMOVED, text, reason="link"), []
        claim = Verdict(Outcome.DOUBTFUL, text, asked=question_of(text, question)).claim
        backings = self.backings(claim, sources, question)
        passing = _best_of_each([b for b in backings if self._passes(b)])
        if not passing or self._contradicted(backings, passing[0]):
            nearest = tuple(b.quote for b in backings[:1])
            reason = self._reason(backings, marked.markers, cited)
            return Verdict(Outcome.REMOVED, text, nearest, reason=reason), backings
        kept = [b for b in passing if b.source.number in cited]
        if not kept or passing[0].probability - kept[0].probability >= self._options.better:
            kept = passing[:1]
        return Verdict(Outcome.SUPPORTED, text, tuple(b.quote for b in kept)), backings

    def backings(self, text: str, sources: Sequence[Source], question: str) -> list[Backing]:
        """Return the most promising windows of each source for a sentence without markers, best
        first.

        Those that nothing rules out come before those that something does.
        """
        if not sources:
            return []
        reads = self._texts(sources)
        [tokens] = self._reader.encode_tokens([text])
        [asked_tokens] = self._asked.get_or_make([question or "?"], self._reader.encode_tokens)
        is_common = common(
            frozenset().union(*(r.always for r in reads)),
            frozenset().union(*(r.small for r in reads)),
        )
        claim = read_text(text, tokens, is_common)
        asked = read_text(question, asked_tokens, is_common)
        cosines = side_by_side(claim.words, [r.read.words for r in reads])
        candidates = [
            (source, window, compared)
            for source, read, compared in zip(sources, reads, cosines, strict=True)
            for window in windows(claim, read, compared)[: self._options.windows]
        ]
        vectors = self._alone.get_or_make([w.text for _, w, _ in candidates], self._encode)
        backings = []
        for (source, window, compared), vector in zip(candidates, vectors, strict=True):
            weighed = weigh(claim, window, asked, compared, float(tokens.pooled @ vector))
            probability = self._model.probability(weighed.features.as_dict())
            backings.append(Backing(source, weighed, probability))
        return sorted(backings, key=lambda b: (bool(b.fault), -b.probability))

    def _encode(self, texts: list[str]) -> list[Floats]:
        return [row.copy() for row in self._reader.encode(texts)]

    def _passes(self, backing: Backing) -> bool:
        near = self._is_likely(backing) and backing.weighed.gap >= self._options.gap
        return near and not backing.fault

    def _is_likely(self, backing: Backing) -> bool:
        return backing.probability >= self._options.threshold

    def _contradicted(self, backings: Sequence[Backing], best: Backing) -> bool:
        """Return whether the window closest to the sentence contradicts it."""
        options = self._options

        def says_otherwise(other: Backing) -> bool:
            if other.opposes:
                return other.probability - best.probability >= options.opposed
            likeness = other.weighed.likeness
            return (
                likeness >= options.contrast_floor
                and likeness - best.weighed.likeness >= options.contrast_margin
            )

        # A window that has all of the best one and more says what that says.
        return any(
            says_otherwise(b)
            for b in backings
            if b.fault and not b.weighed.window.holds(best.weighed.window)
        )

    def _reason(self, backings: Sequence[Backing], markers: Sequence[int], cited: set[int]) -> str:
        if markers and not cited:
            return "marker"
        ranked = [b for b in backings if b.source.number in cited] or backings
        best = max(ranked, key=lambda b: (-len(b.weighed.missing), b.probability), default=None)
        told = best.fault if best else ""
        # What is unlikely to be about the same cannot say less of it.
        far = best and told in ("exchanged", "strength") and not self._is_likely(best)
        return "score" if far else told or "score"

    def _texts(self, sources: Sequence[Source]) -> list[SourceText]:
        by_id = {s.match.passage.id: s.match for s in sources}

        def make(missing: list[str]) -> list[SourceText]:
            matches = [by_id[i] for i in missing]
            texts = [titled(m.article.title, m.passage.text) for m in matches]
            tokens = self._reader.encode_tokens(texts)
            return [read_source(m, t) for m, t in zip(matches, tokens, strict=True)]

        return self._read.get_or_make([s.match.passage.id for s in sources], make)


def _best_of_each(backings: Sequence[Backing]) -> list[Backing]:
    """Return the best backing of each source."""
    first: dict[int, Backing] = {}
    for backing in backings:
        first.setdefault(backing.source.number, backing)
    return list(first.values())
