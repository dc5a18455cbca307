"""Sketches: a sample of an article's runs of words, by which its likely copies are looked up.

A run is kept where its hash is a multiple of a number (Manber, "Finding Similar Files in a Large
File System", 1994), so that two articles keep the same of the runs that they share. Unlike
MinHash, which compares whole articles, a part of a long article has its share of the long one's.
"""

from __future__ import annotations

import hashlib
import re
from array import array

from retrieval.archive.likeness import plain

RUN = 5
"""Words of a run: shorter ones stand in unrelated articles too, longer ones miss edited texts."""

ONE_IN = 8
"""One run of this many is kept: about 40 of an article of 350 words."""

MOST_KEPT = 400
"""The most that is kept of an article: of the first 3,200 words or so."""

_WORD = re.compile(r"[^\W_]+")


def sketch(body: str, one_in: int = ONE_IN, run: int = RUN) -> array[int]:
    """Return the hashes (48 bits each) of the runs of an article that are kept, each once."""
    words = _WORD.findall(plain(body).lower())
    kept: dict[int, None] = {}
    for at in range(max(1, len(words) - run + 1)):
        text = " ".join(words[at : at + run])
        value = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())
        if value % one_in == 0:
            kept[value] = None
            if len(kept) == MOST_KEPT:
                break
    return array("q", kept)
