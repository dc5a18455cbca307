"""Late interaction: compares each word piece of a question with those of a text.

MaxSim after ColBERT (Khattab & Zaharia, SIGIR 2020), with the token vectors of the sentence
encoder itself, so that no second model is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.embeddings.encoder import TokenVectors
from retrieval.text.words import STOP_WORDS

Floats = npt.NDArray[np.float32]

CONTEXT_WEIGHT = 0.3
"""Weight of a piece from the conversation; the question's own pieces have weight 1."""

_FAINTEST = 0.05
"""Lower limit of a word's cosine, so that its logarithm is finite and not too large."""


_LIGHT = frozenset(
    """start started starts begin began begins end ended ends finish finished happen happened
    happens occur occurred take took taken takes place come came go went do make made mean means
    exactly precisely say said tell know long many much
    """.split()
)
"""Words that do not tell the subject of a follow-up, as in "When did that start?"."""


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """The word pieces of a question that are compared with a text.

    `vectors` has the shape (pieces, dimensions) and `weights` (pieces,). `words` gives the number
    of the question's word that each piece is part of, or -1 for a piece of the conversation.
    """

    vectors: Floats
    weights: Floats
    words: npt.NDArray[np.intp]


def query_tokens(question: str, tokens: TokenVectors, *, context_until: int = 0) -> QueryTokens:
    """Keep the pieces of content words, those of the conversation with less weight.

    `context_until` is where, in code points, the question itself begins within `question`.
    A question of nothing but stop words keeps all of its pieces. One that by itself asks of
    nothing in particular ("And when did that start?") asks of all that the conversation names.
    """
    spans = [_word_around(question, start, end) for start, end in tokens.offsets]
    keep = [
        number
        for number, (start, end) in enumerate(spans)
        if question[start:end].isalnum() and question[start:end].lower() not in STOP_WORDS
    ] or list(range(len(spans)))
    begins = np.asarray([spans[number][0] for number in keep], dtype=np.intp)
    context = begins < context_until
    if all(
        question[start:end].lower() in _LIGHT
        for start, end in (spans[number] for number in keep)
        if start >= context_until
    ):
        context[:] = False
    return QueryTokens(
        tokens.vectors[keep].astype(np.float32),
        np.where(context, CONTEXT_WEIGHT, 1.0).astype(np.float32),
        np.where(context, -1, np.unique(begins, return_inverse=True)[1].reshape(-1)),
    )


def similarities(query: QueryTokens, texts: Sequence[TokenVectors]) -> list[Floats]:
    """Return, for each text, the cosines of query and text tokens: (query pieces, text pieces).

    One product for all the texts: many small ones spend their time in starting threads.
    """
    if not texts:
        return []
    stacked = np.concatenate([text.vectors for text in texts]).astype(np.float32)
    ends = np.cumsum([len(text.offsets) for text in texts])
    return np.split(query.vectors @ stacked.T, ends[:-1], axis=1)


def max_sim(query: QueryTokens, cosines: Floats) -> float:
    """Return MaxSim: the mean, over the query's pieces, of each one's best cosine; 0 for empty
    texts.
    """
    if not cosines.size:
        return 0.0
    return float(np.average(cosines.max(axis=1), weights=query.weights))


def echo(query: QueryTokens, cosines: Floats) -> float:
    """Return the mean, over the question's own words, of the logarithm of the best cosine each
    finds.

    A word is as well echoed as its pieces are on average. A text that echoes every word
    somewhat beats one that echoes all but one perfectly, which a plain mean would prefer.
    """
    own = query.words >= 0
    if not cosines.shape[1] or not own.any():
        return float(np.log(_FAINTEST))
    best = cosines.max(axis=1)
    counts = np.bincount(query.words[own])
    sums = np.bincount(query.words[own], weights=best[own])
    words = sums[counts > 0] / counts[counts > 0]
    return float(np.log(np.maximum(words, _FAINTEST)).mean())


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
