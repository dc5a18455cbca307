"""Two texts side by side, word by word: what of one is echoed where in the other. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from retrieval.embeddings.encoder import Floats, TokenVectors
from retrieval.text import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_NEAR = 3.0
"""Words apart at which nearness has halved."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: places, forms in lower case, unit vectors (words, dimensions).

    `content` marks the words that are not stop words.
    """

    spans: list[tuple[int, int]]
    forms: list[str]
    vectors: Floats
    content: list[bool] = field(default_factory=list)

    def within(self, start: int, end: int) -> range:
        """The numbers of the words that lie in a stretch of the text."""
        first = next((i for i, (s, _) in enumerate(self.spans) if s >= start), len(self.spans))
        last = first
        while last < len(self.spans) and self.spans[last][1] <= end:
            last += 1
        return range(first, last)


def read_words(text: str, tokens: TokenVectors) -> Words:
    """A text's words, each with the mean of its pieces' vectors; what was cut off has zeros."""
    spans = [match.span() for match in _WORD.finditer(text)]
    sums = np.zeros((len(spans), tokens.vectors.shape[1]), dtype=np.float32)
    at = 0
    for (start, end), vector in zip(tokens.offsets, tokens.vectors, strict=True):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans) and spans[at][0] <= start and end <= spans[at][1]:
            sums[at] += vector
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    forms = [text[s:e].lower().replace("’", "'").removesuffix("'s") for s, e in spans]
    return Words(
        spans, forms, sums / np.maximum(lengths, 1e-9), [form not in STOP_WORDS for form in forms]
    )


def nearness(cosines: Floats, weights: Floats, position: int) -> float:
    """How near a position of a text is to what echoes some words, from 0 to 1.

    `cosines` is (words, positions), `weights` what each word counts.
    """
    if not len(weights):
        return 0.0
    distance = np.abs(np.arange(cosines.shape[1]) - position)
    best = (np.maximum(cosines, 0.0) ** 2 / (1 + distance / _NEAR)).max(axis=1)
    return float((best * weights).sum() / weights.sum())
