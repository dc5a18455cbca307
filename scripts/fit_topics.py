"""Fits which articles bear on a topic, and prints precision and recall.

A logistic regression over the development topics gives the weights. The least probability that
counts is the one that finds most at a precision of at least .92, each topic being judged by a fit
without it and a few others. With `--measure`, nothing is fitted.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.settings import load_settings
from bot.wiring import Desk
from corpus.reading import read_file
from retrieval.logistic import Logistic
from retrieval.news.topics import MODEL, TopicMatcher
from tests.measuring.topics import features, tally, topics, write_articles

PRECISION = 0.92
FOLDS = 19
C = 10.0


def fit(matcher: TopicMatcher, names: dict[str, str]) -> None:
    """Fit on the development topics, and write."""
    rows = [
        (at, measured, name in one.bears)
        for at, one in enumerate(topics("dev"))
        for name, measured in features(matcher, one.topic, names).items()
        if name not in one.unclear
    ]
    weighed = list(rows[0][1])
    told = np.array([[measured[name] for name in weighed] for _, measured, _ in rows])
    bears = np.array([bearing for _, _, bearing in rows])
    topic = np.array([at for at, _, _ in rows])
    probable = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = topic % FOLDS == fold
        model = LogisticRegression(C=C, max_iter=5000).fit(told[~held], bears[~held])
        probable[held] = model.predict_proba(told[held])[:, 1]
    order = np.argsort(-probable)
    right = np.cumsum(bears[order])
    enough = np.flatnonzero(right / np.arange(1, len(order) + 1) >= PRECISION)
    model = LogisticRegression(C=C, max_iter=5000).fit(told, bears)
    record = {
        "fitted_by": "scripts/fit_topics.py",
        "fitted_on": f"{len(topics('dev'))} topics of tests/quality/topics/dev.jsonl",
        "least": round(float(probable[order][enough[-1]]), 3),
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": dict(zip(weighed, np.round(model.coef_[0], 4).tolist(), strict=True)),
    }
    MODEL.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Fit unless told to measure only; then print precision and recall."""
    with TemporaryDirectory() as home, TemporaryDirectory() as folder:
        names = write_articles(Path(folder))
        with closing(Desk(load_settings(Path(home)))) as desk:
            with desk.indexer() as indexer:
                indexer.ingest(item for path in Path(folder).iterdir() for item in read_file(path))
            if "--measure" not in sys.argv[1:]:
                fit(TopicMatcher(desk.searcher, Logistic(0.0, {}), 0.0), names)
                print(MODEL.read_text(encoding="utf-8"), end="")
            for split in ("dev", "test"):
                found = tally(split, TopicMatcher(desk.searcher), names)
                print(
                    f"{split}: {len(topics(split))} topics: precision {found.precision:.3f}, "
                    f"recall {found.recall:.3f} ({found})"
                )


if __name__ == "__main__":
    main()
