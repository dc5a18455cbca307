"""Fit the weights of `retrieval/answering/support/support.json` on the development sets.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m scripts.fit_support

A logistic regression over sentences beside their best window: is it borne out? Fitted on the
development articles of the sample archive (verbatim sentences, those written by hand) and on
XQuAD's and MTRAG-UN's, with the faults that `tests/measuring/planted.py` makes of them. What a hard
rule removes anyway (a figure or name that is nowhere, opposite polarity) is left out. The window is
the one that the weights so far like best, so fitting is repeated until they agree. The weights
must come out with the sign that their feature's sense asks for: with more features than these,
which say much the same, they did not.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from retrieval.checking.markers import unmark
from retrieval.checking.unjudged.gate import MODEL, GateOptions, SupportGate
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.logistic import Logistic
from tests.measuring import claims, planted
from tests.measuring.claims import Item

ROOT = Path(__file__).resolve().parent.parent

SIGNS = {"echo": 1.0, "close": 1.0, "near": -1.0, "binding": 1.0, "rival": -1.0, "extra": -1.0}
NAMES = tuple(SIGNS)
WEIGHTS = {
    "paraphrased": 2.0, "reworded": 0.3, "verbatim": 1.5,
    "number swapped": 2.0, "date swapped": 2.0, "name swapped": 2.0,
    "embroidered": 0.2, "stitched": 0.2, "negated": 0.5,
}  # fmt: skip
"""What a sentence of a kind counts; 1 if not here. Faults that half a window does bear out count
little, or the regression learns to refuse whatever is not verbatim; what is reworded as freely as
can be does too, or it learns to let anything pass."""

SENTENCES, STEP, ROUNDS = 100, 4, 6

Array = npt.NDArray[np.float64]


@dataclass
class Observed:
    """The windows that might bear out a sentence: their features, a row each."""

    item: Item
    rows: Array


def observe(gate: SupportGate, item: Item) -> Observed | None:
    """The windows of a sentence that no rule is against; of the source in question alone.

    That is the one that has it for a true sentence, the one cited for a misattributed one.
    """
    only = {s.number for s in item.sources}
    if item.kind in claims.TRUE:
        only = {s.number for s in item.sources if claims.holds(s.match, item.article, item.spot)}
    elif item.kind == "misattributed":
        only = set(item.markers)
    backings = gate.backings(unmark(item.marked).text, item.sources, "")
    rows = [
        [b.weighed.features.as_dict()[name] for name in NAMES]
        for b in backings
        if b.source.number in only and not b.fault
    ]
    return Observed(item, np.array(rows)) if rows else None


def main() -> int:
    """Fit, report, write."""
    encoder = OnnxEncoder()
    gate = SupportGate(encoder, GateOptions(windows=3), Logistic(0.0, SIGNS))
    observed = []
    used = []
    for name, items in planted.sets(encoder, SENTENCES):
        kept = [i for i in planted.thinned(items, STEP) if i.split == "dev"]
        observed += [o for o in (observe(gate, item) for item in kept) if o]
        used.append(f"{name} {len(kept)}")
        print(used[-1], flush=True)
    weights = np.array(list(SIGNS.values()))
    wanted = np.array([o.item.kind in claims.TRUE for o in observed])
    counts = [WEIGHTS.get(o.item.kind, 1.0) for o in observed]
    for _ in range(ROUNDS):
        best = np.array([o.rows[int(np.argmax(o.rows @ weights))] for o in observed])
        model = LogisticRegression(C=30.0, max_iter=5000).fit(best, wanted, sample_weight=counts)
        weights = model.coef_[0]
    if any(weight * sign <= 0 for weight, sign in zip(weights, SIGNS.values(), strict=True)):
        print(f"A weight has the wrong sign: {dict(zip(NAMES, weights, strict=True))}")
        return 1
    record = {
        "fitted_by": "scripts/fit_support.py",
        "fitted_on": f"sentences true and false of development articles: {', '.join(used)}",
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(NAMES, weights, strict=True)},
    }
    MODEL.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
