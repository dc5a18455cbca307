"""The shipped encoder and reader with a memory, for archives and questions that come again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.lru import LruCache
from retrieval.onnx_model import Floats
from retrieval.reading.reader import Asked, PassageReading, Reader, Told

_TEXTS_KEPT = 40 << 20
"""Bytes of texts' vectors that are kept: each is 1.5 kB."""


class RememberingEncoder(OnnxEncoder):
    """Encodes every text once.

    The vectors are those of `OnnxEncoder`, which runs each text by itself: they do not depend on
    what else is encoded. An archive with half of another's articles costs no second encoding.
    """

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._texts: LruCache[str, Floats] = LruCache(_TEXTS_KEPT)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the pooled vectors of some texts."""
        vectors = self._texts.get_or_make(list(texts), self._encode)
        return np.asarray(vectors, dtype=np.float32).reshape(-1, self.config.dimensions)

    def _encode(self, texts: list[str]) -> list[Floats]:
        return [row.copy() for row in super().encode(texts)]


class RememberingReader(Reader):
    """Reads every passage once for a question."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._seen: dict[tuple[Asked, Told], PassageReading] = {}

    def read_pairs(self, pairs: Sequence[tuple[Asked, Told]]) -> list[PassageReading]:
        """Return what is read of some passages, each for its question."""
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self._seen]
        for pair, read in zip(fresh, super().read_pairs(fresh), strict=True):
            self._seen[pair] = read
        return [self._seen[pair] for pair in pairs]
