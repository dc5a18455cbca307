"""Late interaction: how well each piece of a question is echoed somewhere in a text. Pure.

MaxSim after ColBERT (Khattab & Zaharia, SIGIR 2020), with the token vectors of the sentence
encoder itself, so that no second model is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.embeddings.encoder import TokenVectors
from retrieval.text import STOP_WORDS

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """The pieces of a question that count, (pieces, dimensions), and how much each does."""

    vectors: Floats
    weights: Floats


def query_tokens(question: str, tokens: TokenVectors, *, context_until: int = 0) -> QueryTokens:
    """Keep the pieces of content words; weigh down those of the conversation before the question.

    `context_until` is where, in code points, the question itself begins within `question`.
    A question of nothing but stop words keeps all of its pieces.
    """
    keep = [
        number
        for number, (start, end) in enumerate(tokens.offsets)
        if any(c.isalnum() for c in question[start:end])
        and _word_at(question, start, end) not in STOP_WORDS
    ] or list(range(len(tokens.offsets)))
    weights = [
        CONTEXT_WEIGHT if tokens.offsets[number][0] < context_until else 1.0 for number in keep
    ]
    return QueryTokens(tokens.vectors[keep].astype(np.float32), np.asarray(weights, dtype=np.float32))


CONTEXT_WEIGHT = 0.3


def similarities(query: QueryTokens, texts: Sequence[TokenVectors]) -> list[Floats]:
    """Cosines of every query piece with every piece of each text, (query pieces, text pieces).

    One product for all the texts: many small ones spend their time in starting threads.
    """
    if not texts:
        return []
    stacked = np.concatenate([text.vectors for text in texts]).astype(np.float32)
    ends = np.cumsum([len(text.offsets) for text in texts])
    return np.split(query.vectors @ stacked.T, ends[:-1], axis=1)


def max_sim(query: QueryTokens, cosines: Floats) -> float:
    """The mean, over the query's pieces, of the best cosine each finds; 0 for empty ones."""
    if not cosines.size:
        return 0.0
    return float(np.average(cosines.max(axis=1), weights=query.weights))


def _word_at(text: str, start: int, end: int) -> str:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end].lower()
