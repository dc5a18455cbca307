"""The shipped encoder with a memory, for archives and questions that come again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.embeddings.encoder import Floats, OnnxEncoder, TokenVectors
from retrieval.lru import LruCache

_TEXTS_KEPT = 40 << 20
"""Bytes of texts' vectors that are kept: each is 1.5 kB."""

_READ_KEPT = 300 << 20
"""Bytes of token vectors that are kept: 200 kB for a passage, 15 kB for a question."""


class RememberingEncoder(OnnxEncoder):
    """Encodes every text once.

    The vectors are those of `OnnxEncoder`, which runs each text by itself: they do not depend on
    what else is encoded. An archive with half of another's articles costs no second encoding.
    """

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._texts: LruCache[str, Floats] = LruCache(_TEXTS_KEPT)
        self._read: LruCache[str, TokenVectors] = LruCache(_READ_KEPT)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the pooled vectors of some texts."""
        vectors = self._texts.get_or_make(list(texts), self._encode)
        return np.asarray(vectors, dtype=np.float32).reshape(-1, self.config.dimensions)

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the token vectors of some texts."""
        return self._read.get_or_make(list(texts), super().encode_tokens)

    def _encode(self, texts: list[str]) -> list[Floats]:
        return [row.copy() for row in super().encode(texts)]
