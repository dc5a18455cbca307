"""Checks a written sentence against the passages that its writer was given.

What is surely borne out passes, what surely is not is removed; all else is doubtful until a model
judges it (`retrieval.checking.judge`). Where none does, words, vectors and rules decide
(`retrieval.checking.unjudged`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval.checking.evidence import Unit, chosen, clauses, units_of, written
from retrieval.checking.fragments import question_of
from retrieval.checking.given import Missing, given
from retrieval.checking.idle import is_idle
from retrieval.checking.markers import foreign_urls, unmark
from retrieval.checking.quoting import quotes_for
from retrieval.checking.unjudged.gate import Backing, SupportGate
from retrieval.checking.verbatim import is_verbatim
from retrieval.checking.verdicts import Outcome, Source, Verdict
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.lru import LruCache
from retrieval.onnx_model import Floats
from retrieval.reading.reader import Reader
from retrieval.text.orders import gives_orders

_VECTORS_KEPT = 8 << 20
"""Bytes of sentences' vectors that are kept for the next sentence: each is 1.5 kB."""

FAR = 0.3
"""The cosine below which nothing in the sources is about what a sentence says."""


class SupportCheck:
    """Checks sentences against their sources. Safe to call from several threads.

    Args:
        encoder: finds what in the sources is about a sentence.
        entailment: an entailment model, which decides where no judge does; without one, words,
            vectors and rules do.
    """

    def __init__(self, encoder: OnnxEncoder, entailment: Reader | None = None) -> None:
        self._encoder = encoder
        self._entailment = entailment
        self.gate = SupportGate(encoder)
        self._vectors: LruCache[str, Floats] = LruCache(_VECTORS_KEPT)

    def prepare(self, sources: Sequence[Source]) -> None:
        """Read the sources while the model writes, so that the first check does not wait for it."""
        self._encode([unit.text for unit in self._units(sources)])

    def check(self, sentence: str, sources: Sequence[Source], question: str) -> Verdict:
        """Check a sentence against its sources and return the verdict.

        `sentence` is as the model wrote it, markers included; `sources` are all in its context. It
        may be left in doubt: for a judge, or for `unjudged`.
        """
        marked = unmark(sentence)
        text = marked.text
        if is_idle(text, question) and not marked.urls:
            return Verdict(Outcome.IDLE, text)
        cited = {s.number for s in sources} & set(marked.markers)
        allowed = [s.match.article.url for s in sources if s.number in cited or not cited]
        if foreign := foreign_urls(marked.urls, allowed):
            return Verdict(Outcome.REMOVED, text, reason="link", detail=foreign[0])
        if gives_orders(text):
            return Verdict(Outcome.REMOVED, text, reason="order")
        return self._against(text, self._units(sources), sources, cited, question)

    def unjudged(self, sentence: str, sources: Sequence[Source], question: str) -> Verdict:
        """Check a sentence as `check` does, but leave nothing in doubt."""
        return self.weighed(sentence, sources, question)[0]

    def weighed(
        self, sentence: str, sources: Sequence[Source], question: str
    ) -> tuple[Verdict, list[Backing]]:
        """Check a sentence as `unjudged` does; return also what was weighed, the best first."""
        verdict, backings = self.gate.check(sentence, sources, question)
        if self._entailment:
            return self._entailed(self._entailment, sentence, sources, question), backings
        quotes = tuple(quote for quote in verdict.quotes if not gives_orders(quote.text))
        if verdict.outcome is Outcome.SUPPORTED and not quotes:
            return replace(verdict, outcome=Outcome.REMOVED, quotes=(), reason="order"), backings
        verdict = replace(verdict, quotes=quotes)
        missing = given(sources, question).missing(verdict.text)
        if verdict.outcome is Outcome.SUPPORTED:
            lacking = _surely(missing)
            return (_removed(verdict, lacking) if lacking else verdict), backings
        word = next((m.word for m in missing if m.reason == verdict.reason), "")
        return replace(verdict, detail=word), backings

    def _entailed(
        self, entailment: Reader, sentence: str, sources: Sequence[Source], question: str
    ) -> Verdict:
        verdict = self.check(sentence, sources, question)
        if verdict.outcome is not Outcome.DOUBTFUL:
            return verdict
        if verdict.quotes and entailment.bears_out(verdict.evidence, verdict.claim) > 0:
            return replace(verdict, outcome=Outcome.SUPPORTED)
        return replace(verdict, outcome=Outcome.REMOVED, reason="score")

    def _against(
        self,
        text: str,
        units: Sequence[Unit],
        sources: Sequence[Source],
        cited: set[int],
        question: str,
    ) -> Verdict:
        found = Verdict(Outcome.DOUBTFUL, text, asked=question_of(text, question))
        parts = clauses(found.claim)
        vectors = self._encode([found.claim, *parts, *(unit.text for unit in units)])
        likeness = vectors[: 1 + len(parts)] @ vectors[1 + len(parts) :].T
        if not units or likeness.max() < FAR:
            return replace(found, outcome=Outcome.REMOVED, reason="far")
        claims, rows = (parts, likeness[1:]) if parts else ([found.claim], likeness)
        found = replace(found, quotes=quotes_for(claims, units, rows, sources, cited))
        missing = given(sources, question).missing(text)
        if lacking := _surely(missing):
            return _removed(found, lacking)
        if not missing and any(is_verbatim(text, quote.text) for quote in found.quotes):
            return replace(found, outcome=Outcome.SUPPORTED)
        best = [float(value) for value in likeness.max(axis=0)]
        return replace(
            found,
            evidence=written(chosen(units, best, self._encoder.count_pieces)),
            detail="; ".join(m.derived for m in missing if m.derived),
            derived=tuple(dict.fromkeys(m.origin for m in missing if m.origin)),
        )

    def _units(self, sources: Sequence[Source]) -> list[Unit]:
        """Return the sentences of the sources, but for those that give a model orders."""
        units = units_of([source.match for source in sources], self._encoder.count_pieces)
        return [unit for unit in units if not gives_orders(unit.text)]

    def _encode(self, texts: list[str]) -> Floats:
        if not texts:
            return np.zeros((0, self._encoder.config.dimensions), dtype=np.float32)
        made = self._vectors.get_or_make(
            texts, lambda missing: [row.copy() for row in self._encoder.encode(missing)]
        )
        return np.stack(made)


def _surely(missing: Sequence[Missing]) -> Missing | None:
    """Return the first that nothing can bear out."""
    return next((m for m in missing if not (m.derived or m.open)), None)


def _removed(verdict: Verdict, lacking: Missing) -> Verdict:
    return replace(verdict, outcome=Outcome.REMOVED, reason=lacking.reason, detail=lacking.word)
