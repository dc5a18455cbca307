"""Counts tokens with tiktoken, offline: its vocabulary is in the folder `vocabulary`."""

from __future__ import annotations

import math
import os
import re
from binascii import a2b_base64
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

    tiktoken takes the folder from an environment variable alone, which is set for the load and
    then restored.
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


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return the words of the web that are one token, in lower case; names are among them.

    A few common misspellings are, too. tiktoken, which takes long to load, is not needed.
    """
    (file,) = VOCABULARY.glob("[0-9a-f]*[0-9a-f]")
    # Behind a space, which makes the first letter of the base64 an I.
    coded = re.findall(rb"^(I\S+) ", file.read_bytes(), re.MULTILINE)
    tokens = b"\n".join(map(a2b_base64, coded)).lower()
    return frozenset(word.decode() for word in re.findall(rb"^ ([a-z]+)$", tokens, re.MULTILINE))


def count_tokens(text: str) -> int:
    """Count the o200k_base tokens of a text. Special tokens in it count as plain text."""
    return len(encoding().encode_ordinary(text))


UNKNOWN_MARGIN = 1.25
"""Factor for models with another vocabulary, or an unknown one: 100 tokens count as 125."""


def counter(model: str) -> Callable[[str], int]:
    """Return a token counter for a model: exact for o200k_base, else with a margin.

    tiktoken names the vocabulary of each OpenAI model; Newsdesk ships only o200k_base.
    """
    from tiktoken.model import encoding_name_for_model

    try:
        exact = encoding_name_for_model(model) == ENCODING
    except KeyError:
        exact = False
    if exact:
        return count_tokens
    return lambda text: math.ceil(count_tokens(text) * UNKNOWN_MARGIN)
