"""Fits when two articles tell of one event, and prints how well stories are found.

A logistic regression over all pairs of the development articles gives the weights; how many
log-odds are asked for is then chosen by the stories that come out, the middle of the best range.
With `--measure`, nothing is fitted.
"""

from __future__ import annotations

import json
import sys
from itertools import combinations

import numpy as np
from sklearn.linear_model import LogisticRegression

from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.logistic import Logistic
from retrieval.news.stories import MODEL, Stories, likeness
from tests.measuring.stories import found, labelled

SHIFTS = np.arange(-2.0, 2.01, 0.05)


def fit(encoder: OnnxEncoder) -> None:
    """Fit on the development articles, and write."""
    articles = labelled("dev", encoder)
    pairs = list(combinations(articles, 2))
    features = [likeness(one, other) for (one, _), (other, _) in pairs]
    names = list(features[0])
    same = [one == other for (_, one), (_, other) in pairs]
    model = LogisticRegression(C=3.0, max_iter=1000)
    model.fit([[f[name] for name in names] for f in features], same)
    weights = {n: round(float(w), 4) for n, w in zip(names, model.coef_[0], strict=True)}
    fits = {
        shift: found(Stories(Logistic(float(model.intercept_[0]) + shift, weights)), articles).f1
        for shift in SHIFTS
    }
    shift = np.mean([shift for shift, f1 in fits.items() if f1 == max(fits.values())])
    record = {
        "fitted_by": "scripts/fit_stories.py",
        "fitted_on": f"{len(articles)} articles of tests/quality/news/dev.jsonl",
        "intercept": round(float(model.intercept_[0] + shift), 4),
        "weights": weights,
    }
    MODEL.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Fit unless told to measure only; then print precision and recall of pairs."""
    encoder = OnnxEncoder()
    if "--measure" not in sys.argv[1:]:
        fit(encoder)
        print(MODEL.read_text(encoding="utf-8"), end="")
    for split in ("dev", "test"):
        articles = labelled(split, encoder)
        pairs = found(Stories(), articles)
        print(
            f"{split}: {len(articles)} articles, {len({name for _, name in articles})} events; "
            f"pairs put together: precision {pairs.precision:.3f}, recall {pairs.recall:.3f}"
        )


if __name__ == "__main__":
    main()
