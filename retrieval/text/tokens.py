"""Counting tokens with tiktoken, offline: its vocabulary lies in `vocabulary/`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

ENCODING = "o200k_base"
VOCABULARY = Path(__file__).parent / "vocabulary"

_CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"


@lru_cache(maxsize=1)
def encoding() -> Encoding:
    """Return tiktoken's o200k_base encoding, read from the shipped file and checked by its hash.

    tiktoken knows no argument for the folder, only an environment variable, which is set for
    the duration of the load and then put back.
    """
    import tiktoken

    before = os.environ.get(_CACHE_VARIABLE)
    os.environ[_CACHE_VARIABLE] = str(VOCABULARY)
    try:
        return tiktoken.get_encoding(ENCODING)
    finally:
        if before is None:
            del os.environ[_CACHE_VARIABLE]
        else:
            os.environ[_CACHE_VARIABLE] = before


def count_tokens(text: str) -> int:
    """Return the number of o200k_base tokens in a text; special tokens in it count as plain
    text."""
    return len(encoding().encode_ordinary(text))


UNKNOWN_MARGIN = 1.25
"""What a token of o200k_base counts for a model that has another vocabulary, or an unknown one."""


def counter(model: str) -> Callable[[str], int]:
    """Return a token counter for a model: exact for o200k_base, else with a margin.

    tiktoken knows which of OpenAI's models read which vocabulary; only o200k_base is shipped.
    """
    from tiktoken.model import encoding_name_for_model

    try:
        exact = encoding_name_for_model(model) == ENCODING
    except KeyError:
        exact = False
    if exact:
        return count_tokens
    return lambda text: math.ceil(count_tokens(text) * UNKNOWN_MARGIN)
