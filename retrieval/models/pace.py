"""How fast a model's server reads, and how long a prompt may be so that it is read in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from langchain_core.messages import AIMessage

SECONDS = 10.0
"""The longest that a server should be reading the conversation and passages of a prompt."""

_LEAST = 500
"""Tokens that are always sent: with fewer, the passages seldom hold the answer."""

_STEP = 250
"""Prompts grow in such steps, so that a question asked again mostly makes the same request, which
the cache of replies knows."""

_TELLING = 200
"""Tokens from which on a reading tells something; of fewer, most of the time is not the reading."""


@dataclass(slots=True)
class Reading:
    """What the chunks of a reply tell of how its prompt was read.

    llama.cpp's server tells it itself. Of others the time until the first word is taken, if there
    were no thoughts before it that they kept to themselves, and if words came one by one: of a
    reply that comes all at once, it is the time of the writing too. Where no word came in a time
    that is too long, it was reading all that time.
    """

    _pieces: int = 0
    _first: float = 0.0
    _timed: tuple[float, float] | None = None
    _prompt: int = 0
    _cached: int = 0
    _hidden: bool = False

    def see(self, chunk: AIMessage, seconds: float) -> None:
        """Take note of a chunk that came some seconds after the prompt was sent."""
        thought = bool(chunk.additional_kwargs.get("reasoning_content"))
        if thought or chunk.text:
            self._pieces += 1
            self._first = self._first or seconds
        for timings in chunk.additional_kwargs.get("timings", ()):
            match timings:
                case {"prompt_n": int(read), "prompt_ms": int(ms) | float(ms)}:
                    self._timed = read, ms / 1000
        if usage := chunk.usage_metadata:
            self._prompt = usage["input_tokens"]
            self._cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
            self._hidden = bool((usage.get("output_token_details") or {}).get("reasoning"))

    def of(self, sent: int, waited: float) -> tuple[float, float] | None:
        """Return how many of the tokens sent were read, and in how many seconds; None if unknown.

        What the server had kept of an earlier prompt was not read. `waited` is how many seconds
        after the prompt was sent the reply ended, or nobody waited any more.
        """
        if self._timed:
            read, seconds = self._timed
        elif not self._pieces and not self._hidden and waited > SECONDS:
            return sent, waited
        elif self._pieces > 1 and not self._hidden:
            read, seconds = self._prompt - self._cached, self._first
        else:
            return None
        return (sent * read / self._prompt if self._prompt else sent), seconds


@dataclass(slots=True)
class Pace:
    """The speed at which a server last read a prompt, in tokens a second as they are counted here.

    Until it has read one, it counts as fast. The cache of replies keeps it for the next process.
    """

    tokens_per_second: float = math.inf
    _most: int | None = None

    def too_long(self, tokens: int) -> None:
        """Note that a prompt of some tokens did not fit the model's window."""
        self._most = max(_LEAST, tokens // 2)

    def note(self, tokens: float, seconds: float) -> None:
        """Note that the server read some tokens in some seconds."""
        if tokens >= _TELLING and seconds > 0:
            self.tokens_per_second = tokens / seconds

    def fit(self, tokens: int) -> int:
        """Return how many of the tokens that a prompt has room for are taken, and read in time."""
        tokens = min(tokens, self._most or tokens)
        in_time = SECONDS * self.tokens_per_second
        if in_time >= tokens:
            return tokens
        return min(tokens, max(_LEAST, int(in_time) // _STEP * _STEP))
