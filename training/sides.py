"""Fit the weights of `retrieval/answering/sides.json`: which two sentences give several values.

    .venv/bin/python -m training.sides

Fitted on development questions over the sample archive that want several parts. Each question's
pairs compete in a softmax, and those are right that hold the most parts. Printed first is what
comes of it when a twelfth of the questions at a time is kept out.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from retrieval.answering.evidence import EvidenceReader
from retrieval.answering.pairing import Pairing
from retrieval.answering.sides import Pair, Sides, choose_sides
from retrieval.assistant import EVIDENCE_MODEL, SIDES_MODEL
from retrieval.evaluation.golden import Case
from retrieval.evaluation.metrics import holds
from retrieval.logistic import Logistic, load_logistic
from retrieval.search.condense import condense
from retrieval.search.searcher import Searcher
from tests.in_process import shared_encoder
from tests.measuring import development

KINDS = ("changed", "differ", "comparison", "multi")
NAMES = tuple(field.name for field in fields(Pairing))
FOLDS = 12
PENALTY = 4.0
"""Of the squared weights; the best of 1, 4 and 8."""

Array = npt.NDArray[np.float64]
Observed = tuple[Case, list[Pair], list[int]]


def main() -> None:
    """Observe, report, write."""
    source = development.golden("dev", "../kinds/dev")
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), shared_encoder())
        seen = [observe(searcher, case) for case in source.cases if wanted(case)]
    right = dict.fromkeys(KINDS, 0)
    given = 0
    for at, (case, measured, _) in enumerate(seen):
        model = fit([one for n, one in enumerate(seen) if n % FOLDS != at % FOLDS])
        chosen = choose_sides(measured, model)
        given += len(chosen)
        right[case.kind] += held(case, " ".join(e.text for e in chosen)) >= needed(case)
    print(right, f"of {len(seen)}; sentences given {given / len(seen):.2f}")
    weights = {name: round(weight, 4) for name, weight in fit(seen).weights.items()}
    record = {
        "fitted_by": "training/sides.py",
        "fitted_on": "development questions over the sample archive that want several parts",
        "intercept": 0.0,
        "weights": weights,
    }
    SIDES_MODEL.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


def wanted(case: Case) -> bool:
    """Return whether a case is of a kind that wants several parts, and has an answer."""
    return case.kind in KINDS and case.expected.answerable


def observe(searcher: Searcher, case: Case) -> Observed:
    """Return the pairs of sentences for a question, and how many parts each holds."""
    query = condense(case.question.text, case.question.history)
    reader = EvidenceReader(searcher.embedded, load_logistic(EVIDENCE_MODEL))
    found = searcher.search(query, 10, only=case.question.scope)
    sides = Sides(searcher, reader, Logistic(0.0, {}))
    parts = sides.search_halves(query, case.question.scope)
    measured = sides.pairs(query, reader.weigh(found), [reader.weigh(part) for part in parts])
    return case, measured, [held(case, " ".join(e.text for e in pair)) for pair, _ in measured]


def held(case: Case, text: str) -> int:
    """Return how many parts of the gold answer a text holds."""
    return sum(any(holds(text, wording) for wording in part) for part in case.expected.answers)


def needed(case: Case) -> int:
    """Return how many parts make an answer."""
    return case.expected.needed or len(case.expected.answers)


def fit(seen: list[Observed]) -> Logistic:
    """Return weights by which the best pairs of each question come first."""
    lists = []
    for case, measured, parts in seen:
        best = min(needed(case), max(parts, default=0))
        if best >= min(2, needed(case)):
            rows = np.array([list(asdict(pairing).values()) for _, pairing in measured])
            lists.append((rows, np.array(parts) >= best))
    scale = np.concatenate([rows for rows, _ in lists]).std(axis=0)

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = PENALTY / 2 * weights @ weights, PENALTY * weights
        for rows, right in lists:
            scores = rows / scale @ weights
            share = np.exp(scores - scores.max())
            of_right = share * right
            total -= np.log(of_right.sum() / share.sum())
            slope = slope - (of_right / of_right.sum() - share / share.sum()) @ rows / scale
        return float(total), slope

    fitted = minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B").x / scale
    return Logistic(0.0, dict(zip(NAMES, map(float, fitted), strict=True)))


if __name__ == "__main__":
    main()
