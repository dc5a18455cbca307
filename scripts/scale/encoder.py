"""A stand-in for an encoder: vectors that are quickly made, and lie as those of news do.

They are a mixture of normal distributions on the unit sphere: a passage lies near the centre of
its event, which lies near the centre of its section. A question lies near its event too.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from scripts.scale.invented import SECTIONS, SEED, event_of

DIMENSIONS = 384
"""Those of the encoder that Newsdesk ships."""

_SECTION, _EVENT, _OWN = 0.35, 0.6, 0.72
"""How far a vector points to its section, its event, and nowhere else: passages of one event have
a cosine of about 0.48, others of the section 0.12, and others none."""


class StandIn:
    """Makes the vector of a text from the event that it names, and its own words."""

    name = "stand-in"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text."""
        return [_vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return _vector(text)


def _vector(text: str) -> list[float]:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    own = int.from_bytes(digest)
    event = event_of(text)
    if event is None:
        vector = _direction(2, own)
    else:
        near = _SECTION * _centre(0, event % SECTIONS) + _EVENT * _centre(1, event)
        vector = near + _OWN * _direction(2, own)
    made: list[float] = (vector / np.linalg.norm(vector)).tolist()
    return made


@lru_cache(maxsize=10_000)
def _centre(kind: int, number: int) -> np.ndarray:
    return _direction(kind, number)


def _direction(kind: int, number: int) -> np.ndarray:
    vector = np.random.default_rng((SEED, kind, number)).standard_normal(DIMENSIONS)
    return vector / np.linalg.norm(vector)
