"""Two texts side by side, word by word: what of one is echoed where in the other."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from retrieval.embeddings.encoder import TokenVectors
from retrieval.onnx_model import Floats
from retrieval.text.stems import stem
from retrieval.text.words import STOP_WORDS, form_of

WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
"""A word as it is compared: one with a hyphen is one."""

_NEAR = 3.0
"""Words apart at which nearness has halved."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: places, forms in lower case, unit vectors (words, dimensions).

    `content` marks the words that are not stop words; `stems` are without their endings, `ends`
    where each ends.
    """

    spans: list[tuple[int, int]]
    forms: list[str]
    vectors: Floats
    content: npt.NDArray[np.bool_]
    stems: list[str]
    ends: list[int]

    def within(self, start: int, end: int) -> range:
        """Return the numbers of the words that lie in a stretch of the text."""
        first = bisect_left(self.spans, (start, 0))
        return range(first, max(first, bisect_right(self.ends, end)))


def read_words(text: str, tokens: TokenVectors) -> Words:
    """Return a text's words, each with the mean of its token vectors (zeros beyond the encoder's
    limit).
    """
    spans = [match.span() for match in WORD.finditer(text)]
    sums = np.zeros((len(spans), tokens.vectors.shape[1]), dtype=np.float32)
    at = 0
    for (start, end), vector in zip(tokens.offsets, tokens.vectors, strict=True):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans) and spans[at][0] <= start and end <= spans[at][1]:
            sums[at] += vector
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    forms = [form_of(text[start:end]) for start, end in spans]
    return Words(
        spans,
        forms,
        sums / np.maximum(lengths, 1e-9),
        np.asarray([form not in STOP_WORDS for form in forms], dtype=bool),
        [stem(form) for form in forms],
        [end for _, end in spans],
    )


def nearness(cosines: Floats, weights: Floats) -> Floats:
    """Return, for each position of a text, how near it is to a match of some words (0 to 1).

    `cosines` is (words, positions), `weights` what each word counts.
    """
    if not len(weights) or not cosines.shape[1]:
        return np.zeros(cosines.shape[1], dtype=np.float32)
    strength = np.maximum(cosines, 0.0) ** 2
    best = (strength[:, :, None] * _kernel(cosines.shape[1])[None]).max(axis=1)
    found: Floats = (weights @ best) / weights.sum()
    return found


@lru_cache(maxsize=256)
def _kernel(size: int) -> Floats:
    """Return the weight of a match by distance, an array of (positions, positions)."""
    places = np.arange(size)
    distances = np.abs(places[:, None] - places[None])
    kernel: Floats = (1 / (1 + distances / _NEAR)).astype(np.float32)
    return kernel


def side_by_side(one: Words, others: Sequence[Words]) -> list[Floats]:
    """Return cosines of every word of a text with every word of each other, (words, their words).

    One product for all the texts: many small ones spend their time in starting threads.
    """
    if not others:
        return []
    stacked = np.concatenate([other.vectors for other in others])
    ends = np.cumsum([len(other.spans) for other in others])
    return np.split(one.vectors @ stacked.T, ends[:-1], axis=1)
