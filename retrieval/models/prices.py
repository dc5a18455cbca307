"""Prices of tokens: list prices of current models, with date and source, from `prices.json`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "prices.json"
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}\Z")
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, of the prompt and of the completion."""

    prompt: float
    completion: float

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the price of some tokens in US dollars."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


def price_of(model: str) -> Price | None:
    """Return the price of a model by its name, with or without its date; None if it is not
    known."""
    prices = _prices()
    return prices.get(model) or prices.get(_DATED.sub("", model))


@lru_cache(maxsize=1)
def _prices() -> dict[str, Price]:
    return {
        name: Price(*pair)
        for listed in json.loads(_FILE.read_text(encoding="utf-8"))
        for name, pair in listed["usd_per_million_tokens"].items()
    }
