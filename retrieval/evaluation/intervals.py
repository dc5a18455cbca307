"""95 % intervals by the bootstrap.

The percentile bootstrap (Efron & Tibshirani, 1993, chapter 13) over questions; two runs are
compared on the differences of each question (Sakai, "Evaluating evaluation metrics based on the
bootstrap", SIGIR 2006).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_SEED = 20201110
"""A fixed one: the same outcomes have the same interval."""


def interval(values: Sequence[float], percentile: int | None = None) -> tuple[float, float]:
    """Between which values the mean (or a percentile) of the questions lies; values not empty."""
    sample = np.asarray(values, dtype=np.float64)
    if (sample == sample[0]).all():
        return float(sample[0]), float(sample[0])
    drawn = sample[np.random.default_rng(_SEED).integers(0, len(sample), (RESAMPLES, len(sample)))]
    estimates = drawn.mean(axis=1) if percentile is None else _percentile(drawn, percentile)
    low, high = np.percentile(estimates, (2.5, 97.5))
    return float(low), float(high)


def estimate(values: Sequence[float], percentile: int | None = None) -> float:
    """Return the mean, or a percentile; values not empty."""
    sample = np.asarray(values, dtype=np.float64)
    return float(sample.mean() if percentile is None else np.percentile(sample, percentile))


def _percentile(drawn: npt.NDArray[np.float64], percentile: int) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = np.percentile(drawn, percentile, axis=1)
    return found
