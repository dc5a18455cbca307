"""Logistic regression with its weights as data: fitted by a script, shipped as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Logistic:
    """`probability = 1 / (1 + exp(-(intercept + sum of weight * feature)))`."""

    intercept: float
    weights: dict[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability for features by name; every weight's feature must be there."""
        return sigmoid(self.log_odds(features))

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Return the log-odds of that probability."""
        return self.intercept + sum(w * features[name] for name, w in self.weights.items())


_SURE = 1e-9
"""Probabilities count as this far from 0 and 1, so that their log-odds are finite."""


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability."""
    kept = min(max(probability, _SURE), 1 - _SURE)
    return math.log(kept / (1 - kept))


FAR = 6.0
"""How far from even log-odds that are compared may be: beyond it they tell no more."""


def clipped(log_odds: float) -> float:
    """Return some log-odds, at most `FAR` from even."""
    return min(max(log_odds, -FAR), FAR)


def bounded(log_odds: float) -> float:
    """Return some of the reader's log-odds that count beside likenesses: from -6 to 2."""
    return min(max(log_odds, -6.0), 2.0)


def sigmoid(log_odds: float) -> float:
    """Return the probability of some log-odds; beyond 50 either way it no longer changes."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, log_odds))))


def load_logistic(path: Path) -> Logistic:
    """Read `{"intercept": …, "weights": {…}, …}`; other keys tell where the numbers come from."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return Logistic(float(fields["intercept"]), {k: float(v) for k, v in fields["weights"].items()})
